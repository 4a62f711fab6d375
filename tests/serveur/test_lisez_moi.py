"""The README's session works when pasted, against a real server with the demo."""

import re
import subprocess
from pathlib import Path

LISEZ_MOI = Path(__file__).parents[2] / "README.md"


def session() -> str:
    texte = LISEZ_MOI.read_text(encoding="utf-8")
    bloc = re.search(r"<!-- session -->\n```sh\n(.*?)```", texte, re.DOTALL)
    assert bloc
    return bloc.group(1)


def test_la_session_du_lisez_moi_passe_telle_que_collee(serveur):
    colle = subprocess.run(
        ["bash", "-e"],
        input=session(),
        env=serveur.env | {"PORT": str(serveur.port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert colle.returncode == 0, colle.stderr
    attendu = ["en_cours", "complement_demande", "en_cours", "cloturee", "traitee"]
    assert colle.stdout.split() == attendu


def test_le_lisez_moi_donne_les_comptes_de_la_demo(serveur):
    texte = LISEZ_MOI.read_text(encoding="utf-8")
    comptes = {c["identifiant"]: c["mot_de_passe"] for c in serveur.demo["comptes"]}
    donnes = re.findall(r"\| `([a-z]-[a-z0-9-]+)` \| `([^`]+)` \|", texte)
    assert donnes
    assert all(comptes[identifiant] == mot for identifiant, mot in donnes)
