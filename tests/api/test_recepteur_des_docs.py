"""The receiver of docs/webhooks.md, run as it is written there."""

import re
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from app.webhooks import suivi
from tests.api.courrier import travailler

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def test_le_recepteur_de_la_documentation_recoit_verifie_et_ne_compte_qu_une_fois(api, client_de, capsys):
    (code,) = re.findall(r"```python\n(.+?)```", PAGE.read_text(), re.DOTALL)
    classe = code[code.index("class ") :].strip().splitlines()
    assert len(classe) <= 15
    espace: dict[str, object] = {}
    exec(code, espace)
    espace["Recepteur"].log_message = lambda *_: None  # type: ignore[attr-defined]
    serveur = ThreadingHTTPServer(("127.0.0.1", 0), espace["Recepteur"])  # type: ignore[arg-type]
    threading.Thread(target=serveur.serve_forever, daemon=True).start()
    agent = client_de("a-orne")
    url = f"http://127.0.0.1:{serveur.server_port}/"
    webhook = agent.post("/v1/webhooks", {"url": url, "evenements": ["demande.deposee"]}).json()
    chemin = f"/v1/webhooks/{webhook['id']}"
    try:
        agent.post(f"{chemin}/test")  # signed for a secret that the receiver does not have yet
        travailler(api)
        espace["SECRET"] = webhook["secret"]
        demande = client_de("t-cias").deposer(caisse="611")
        api.portal.call(suivi.repartir)
        travailler(api)
        livree, refusee = agent.get(f"{chemin}/livraisons").json()["donnees"]
        assert (livree["statut"], livree["code_http"]) == ("livree", 204)
        assert (refusee["statut"], refusee["code_http"]) == ("abandonnee", 401)
        agent.post(f"{chemin}/livraisons/{livree['id']}/rejeu")
        travailler(api)
        assert agent.get(f"{chemin}/livraisons/{livree['id']}").json()["statut"] == "livree"
    finally:
        agent.appel("DELETE", chemin)
        serveur.shutdown()
        serveur.server_close()
    dit = capsys.readouterr().out
    assert len(dit.splitlines()) == 1
    assert demande["id"] in dit
