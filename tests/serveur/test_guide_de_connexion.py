"""The client of docs/connexion.md works as it is printed."""

import re
from pathlib import Path

from tests.serveur.machines import Serveur
from tests.serveur.test_oauth import Personne

GUIDE = Path(__file__).parents[2] / "docs" / "connexion.md"


def test_le_client_du_guide_marche_tel_qu_imprime(serveur: Serveur, capsys) -> None:
    bloc = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert bloc
    noms = {
        "SERVEUR": serveur.url,
        "PREUVE": "p" * 64,
        "OUVRIR": lambda adresse: Personne(serveur).traverser(adresse, "t-asso"),
    }
    exec(compile(bloc[1], str(GUIDE), "exec"), noms)
    assert capsys.readouterr().out.split() == ["t-asso"]
