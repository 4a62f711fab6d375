"""A NIR sent anywhere comes back nowhere and stays nowhere; a name stays in its own columns (art. 5)."""

import base64
import copy
import io
import json
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from sqlalchemy.exc import IntegrityError

from app.config import settings
from app.droits import Role
from app.kit.db import Base as Tables
from app.kit.jobs import opened
from app.kit.mail import mailbox
from tests.api.actes import actes_inconnus
from tests.api.chemins import Operation, operations, remplir, resoudre
from tests.api.test_cloisonnement import inconnus
from tests.outils import Base, Client, avec, un_signalement

CANARI = "Xylobrenac"
# The fields that people write; everything else is a code, a date, an identifier, an address or a number.
ECRITS = {
    *("nom", "prenom", "commentaire", "message", "texte", "motif", "raison_sociale", "adresse", "fonction"),
    *("preuve", "description", "titre", "lieu", "objet"),
}
CODES = {("POST /v1/rendez-vous", "motif"), ("deposer_un_rendez_vous", "motif")}  # codes, named as texts
CODES |= {("POST /v1/conventions/{id}/resiliation", "objet")}


def un_nir(debut: str = "2", departement: str = "61") -> str:
    """Invent a NIR with its right key, of a person who does not exist."""
    treize = f"{debut}5105{departement}214087"
    reste = int(treize.replace("2A", "19").replace("2B", "18")) % 97
    return f"{treize}{97 - reste:02d}"


def dispositions() -> Iterator[str]:
    n, corse = un_nir(), un_nir("1", "2A")
    yield from (n, n[:13], corse)
    coupes = [n[0], n[1:3], n[3:5], n[5:7], n[7:10], n[10:13], n[13:]]
    for separateur in (" ", ".", "-", "\u00a0", "/"):
        yield separateur.join(coupes)
    yield " ".join(
        [corse[0], corse[1:3], corse[3:5], corse[5:7].lower(), corse[7:10], corse[10:13], corse[13:]]
    )
    yield " ".join(n)
    yield f"{n[:13]} clé {n[13:]}"
    yield n.translate({ord(str(i)): chr(0xFF10 + i) for i in range(10)})
    yield "\u200b".join(coupes)


NIR = un_nir()
NIRS = list(dispositions())
CHIFFRES = {NIR[:13], un_nir("1", "2A")[:13].lower()}


def contient(texte: str) -> bool:
    """Tell whether a text holds one of our numbers, with or without separators, encoded or not."""
    for vu in {texte, unquote_plus(texte)}:
        large = vu.translate({0xFF10 + i: str(i) for i in range(10)}).lower()
        if any(chiffres in re.sub(r"[^0-9a-z]", "", large) for chiffres in CHIFFRES):
            return True
    return False


EN_TETES = (
    *(
        "X-Request-Id",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "User-Agent",
        "Referer",
        "Cookie",
        "Accept",
    ),
    *("Accept-Language", "Origin", "Traceparent", "X-Forwarded-For", "Authorization", f"X-{NIR}"),
)


@dataclass
class Traces:
    """What an answer, the logs, the metrics, the mails and the database may have kept."""

    api: Any
    base: Base
    journaux: io.StringIO

    def noter(self, ou: str, reponse: Any) -> Any:
        recu = f"{reponse.headers}\n{reponse.content.decode('utf-8', 'replace')}"
        assert not contient(recu), f"{ou}: {reponse.status_code} {recu}"
        assert reponse.status_code < 500, ou
        return reponse

    def tables(self) -> Iterator[tuple[str, str, str]]:
        """Yield (table, column, text) for every value of the database."""
        noms = self.base.lignes("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in noms:
            for ligne in self.base.lignes(f'SELECT * FROM "{table}"'):
                for colonne, valeur in ligne._mapping.items():
                    brut = bytes(valeur) if isinstance(valeur, bytes | memoryview) else None
                    yield table, colonne, brut.decode("utf-8", "replace") if brut else str(valeur)

    def courriels(self) -> str:
        """Run the jobs that wait, and return the mails whole: headers and text, decoded."""
        self.api.portal.call(travailler)
        courriels = [
            message_from_bytes(f.read_bytes(), policy=policy.default) for f in mailbox().glob("*.eml")
        ]
        return "\n".join(f"{list(mail.items())} {mail.get_content()}" for mail in courriels)

    def mesures(self) -> str:
        return str(self.api.get("/metrics").text)


async def travailler() -> None:
    async with opened() as file:
        await file.run_worker_async(
            wait=False, install_signal_handlers=False, listen_notify=False, concurrency=4
        )


@pytest.fixture(scope="module")
def traces(api, base) -> Iterator[Traces]:
    """Whatever the tests of this file send is looked for at their end, everywhere."""
    racine, journaux = logging.getLogger(), io.StringIO()
    espion = logging.StreamHandler(journaux)
    espion.setFormatter(next(h.formatter for h in racine.handlers if type(h) is logging.StreamHandler))
    niveau = racine.level
    racine.addHandler(espion)
    racine.setLevel("DEBUG")
    vues = Traces(api, base, journaux)
    yield vues
    racine.setLevel(niveau)
    racine.removeHandler(espion)
    assert '"event": "answered"' in journaux.getvalue()
    assert not contient_ligne(journaux.getvalue())
    assert not contient_ligne(vues.mesures())
    assert not contient_ligne(vues.courriels())
    assert not [(table, colonne) for table, colonne, texte in vues.tables() if contient(texte)]
    if not settings().database_url:  # the files of PostgreSQL itself: tables, write-ahead log, messages
        for fichier in (settings().data_dir / "postgres").rglob("*"):
            if fichier.is_file() and not fichier.is_symlink():
                octets = fichier.read_bytes()
                assert not [chiffres for chiffres in CHIFFRES if chiffres.encode() in octets], fichier


def contient_ligne(texte: str) -> list[str]:
    return [ligne for ligne in texte.splitlines() if contient(ligne)]


@dataclass
class Cible:
    """Somebody who may do each operation, and on what."""

    clients: dict[Role, Client]
    ids: dict[str, str]

    def appel(self, op: Operation, **reste: Any) -> Any:
        client = next(
            (c for role, c in self.clients.items() if role in op.roles), self.clients[Role.TECHNICIEN]
        )
        return client.appel(op.methode, remplir(op.chemin, self.ids), **reste)


@pytest.fixture
def cible(client_de: Callable[[str], Client]) -> Cible:
    clients = {
        Role.AGENT_CAISSE: client_de("a-orne"),
        Role.TECHNICIEN: client_de("t-cias"),
        Role.GESTIONNAIRE: client_de("g-cias"),
        Role.ADMINISTRATEUR: client_de("n-operateur"),
    }
    agent = clients[Role.AGENT_CAISSE]
    demande = clients[Role.TECHNICIEN].deposer(caisse="611")["id"]
    ids = inconnus() | {"/v1/demandes": demande, "/v1/signalements": demande, "/v1/caisses": "611"}
    for nom in ("partenaires", "conventions", "agents", "techniciens", "gestionnaires"):
        ids[f"/v1/{nom}"] = agent.get(f"/v1/{nom}").json()["donnees"][0]["id"]
    ids |= actes_inconnus(ids["/v1/conventions"], demande) | {f"/v1/demandes/{demande}/pieces": demande}
    return Cible(clients, ids)


def feuilles(
    contrat: dict[str, Any], schema: dict[str, Any], chemin: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every string that a schema admits, those of optional fields included."""
    schema = resoudre(contrat, schema)
    for choix in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        yield from feuilles(contrat, choix, chemin)
    if schema.get("type") == "string" or "enum" in schema or "const" in schema:
        yield chemin
    for nom, propriete in schema.get("properties", {}).items():
        yield from feuilles(contrat, propriete, (*chemin, nom))
    if "items" in schema:
        yield from feuilles(contrat, schema["items"], (*chemin, 0))


def poser(corps: Any, chemin: tuple[Any, ...], valeur: Any) -> Any:
    """Return a body with one leaf replaced; what is missing on the way is made."""
    corps = copy.deepcopy(corps)
    ou = corps
    for etape, suivante in pairwise(chemin):
        if isinstance(ou, dict) and ou.get(etape) is None:
            ou[etape] = [None] if suivante == 0 else {}
        ou = ou[etape]
    ou[chemin[-1]] = valeur
    return corps


def avec_corps(contrat: dict[str, Any]) -> list[Operation]:
    return [op for op in operations(contrat) if op.schema]


@pytest.mark.regle("5-1")
@pytest.mark.regle("5-2")
def test_aucun_champ_d_aucun_corps_ne_prend_un_nir(api, cible, traces):
    """Every string of every body of the contract, alone and in a sentence: refused, at its place."""
    contrat, vus = api.app.openapi(), 0
    for op in avec_corps(contrat):
        for chemin in dict.fromkeys(feuilles(contrat, op.schema)):
            pointeur = "".join(f"/{etape}" for etape in chemin)
            for avant, nir, apres in (("", NIR, ""), ("Dossier ", NIRS[4], " à revoir")):
                reponse = traces.noter(
                    f"{op.nom} {pointeur}", cible.appel(op, json=poser(op.corps, chemin, avant + nir + apres))
                )
                probleme = reponse.json()
                vus += 1
                assert (reponse.status_code, probleme["status"]) == (422, 422), (
                    op.nom,
                    pointeur,
                    reponse.text,
                )
                if chemin[-1] in ECRITS and (op.nom, chemin[-1]) not in CODES:
                    passage = {"champ": pointeur, "debut": len(avant), "fin": len(avant + nir)}
                    assert (probleme["code"], probleme["passages"]) == ("nir-interdit", [passage]), op.nom
                else:
                    assert probleme["code"] in {"nir-interdit", "validation"}
                    lieux = [lieu["champ"] for lieu in probleme.get("erreurs") or probleme["passages"]]
                    assert pointeur in lieux, (op.nom, probleme)
    assert vus > 60


@pytest.mark.regle("5-2")
@pytest.mark.parametrize("nir", NIRS, ids=ascii)
def test_chaque_disposition_est_refusee_a_sa_place(cible, traces, nir):
    for client, chemin, corps, pointeur in (
        (Role.TECHNICIEN, "/v1/signalements", lambda t: un_signalement(commentaire=t), "/commentaire"),
        (Role.TECHNICIEN, "/v1/demandes/{id}/messages", lambda t: {"texte": t}, "/texte"),
        (Role.AGENT_CAISSE, "/v1/demandes/{id}/messages", lambda t: {"texte": t}, "/texte"),
        (
            Role.AGENT_CAISSE,
            "/v1/demandes/{id}/cloture",
            lambda t: {"issue": "traitee", "message": t},
            "/message",
        ),
    ):
        texte = f"Suivie au guichet, {nir}, sans réponse."
        reponse = cible.clients[client].post(chemin.replace("{id}", cible.ids["/v1/demandes"]), corps(texte))
        traces.noter(chemin, reponse)
        assert (reponse.status_code, reponse.json()["code"]) == (422, "nir-interdit")
        (passage,) = reponse.json()["passages"]
        assert passage["champ"] == pointeur
        assert texte[passage["debut"] : passage["fin"]] == nir
    confirme = cible.clients[Role.TECHNICIEN].post(
        "/v1/signalements", un_signalement(commentaire=nir, texte_confirme=True)
    )
    assert (
        traces.noter("confirmé", confirme).json()["code"] == "nir-interdit"
    )  # certain: nobody may confirm it


@pytest.mark.regle("5-1")
def test_un_champ_inconnu_est_refuse_et_son_nom_ne_revient_pas(api, cible, traces):
    for op in avec_corps(api.app.openapi()):
        for nom in (
            "nir",
            "numero_securite_sociale",
            *NIRS[:6],
            f"nir_{NIR}",
            CANARI + "/~1",
            "",
            "__proto__",
        ):
            reponse = cible.appel(op, json=avec(op.corps, nom, NIR))
            traces.noter(f"{op.nom} {nom}", reponse)
            assert (reponse.status_code, reponse.json()["code"]) == (422, "validation"), (
                op.nom,
                nom,
                reponse.text,
            )
            erreurs = [e["champ"] for e in reponse.json()["erreurs"] if e["code"] == "extra_forbidden"]
            attendu = f"/{nom}" if re.fullmatch("[a-z_]+", nom) else "/*"
            assert [e.removeprefix("/0") for e in erreurs] == [attendu]
    corps = un_signalement()
    for partie in ("assure", "consentement"):
        for nom in ("nir", NIR):
            reponse = cible.clients[Role.TECHNICIEN].post(
                "/v1/signalements", corps | {partie: corps[partie] | {nom: NIR}}
            )
            traces.noter(partie, reponse)
            assert [e["champ"] for e in reponse.json()["erreurs"]] == [
                f"/{partie}/{'nir' if nom == 'nir' else '*'}"
            ]


@pytest.mark.regle("5-6")
def test_un_nir_dans_une_adresse_ne_revient_pas(api, cible, traces):
    contrat = api.app.openapi()
    for op in operations(contrat):
        if op.methode == "get":
            connus = [p["name"] for p in op.parametres if p["in"] == "query"]
            for nom in (*connus, "nir", "nom", NIR):
                traces.noter(f"{op.nom} ?{nom}", cible.appel(op, params={nom: NIRS[4]}))
                # A page is full, so it has a `Link`: what was repeated or unknown must not stand in it.
                params = [("limite", "1"), ("statut", NIR), (nom, NIR), (nom, ""), ("statut", "deposee")]
                traces.noter(f"{op.nom} ?{nom} répété", cible.appel(op, params=params))
            if "limite" in connus:
                for hote in (f"{NIR}.example", f"nir-{NIR}:8000"):
                    reponse = cible.appel(op, params={"limite": 1}, entetes={"Host": hote})
                    traces.noter(f"{op.nom} Host", reponse)
        if "{" in op.chemin:
            for nir in (NIR, NIRS[3], NIRS[4]):
                chemin = re.sub(r"{\w+}", quote(nir, safe=""), op.chemin)
                client = cible.clients[Role.AGENT_CAISSE]
                reponse = client.appel(op.methode, chemin, json=op.corps)
                assert traces.noter(chemin, reponse).status_code in {403, 404, 422}
    for chemin in (f"/{NIR}", f"/v1/{NIR}", f"/v1/demandes/{NIR}/{NIR}", f"/problemes/{NIR}", f"/docs/{NIR}"):
        traces.noter(chemin, api.get(chemin))
    for methode in (NIR, f"GET{NIR}", CANARI.upper()):
        traces.noter("méthode", api.request(methode, "/v1/moi"))


@pytest.mark.regle("5-6")
def test_un_nir_dans_un_en_tete_ne_revient_pas(api, cible, traces):
    client = cible.clients[Role.TECHNICIEN]
    for nir in [n for n in NIRS if n.isascii()]:
        for nom in EN_TETES:
            corps = un_signalement()
            corps["assure"]["departement_residence"] = "00"
            traces.noter(nom, client.appel("POST", "/v1/signalements", json=corps, entetes={nom: nir}))
            traces.noter(nom, client.appel("GET", "/v1/demandes", params={"limite": 1}, entetes={nom: nir}))
        for valeur in (
            f"Bearer {nir}",
            f"Basic {base64.b64encode(f'{nir}:{nir}'.encode()).decode()}",
            f"{nir} x",
        ):
            traces.noter(valeur, api.get("/v1/moi", headers={"Authorization": valeur}))
    traces.noter("clé", client.post("/v1/signalements", un_signalement(), Idempotency_Key=NIR))


@pytest.mark.regle("5-6")
def test_un_nir_dans_une_demande_de_jeton_ne_revient_pas(api, traces):
    for nir in NIRS[:6]:
        for grant in ("password", "refresh_token", "client_credentials", nir):
            for nom in (
                "username",
                "password",
                "scope",
                "client_id",
                "client_secret",
                "refresh_token",
                "nir",
                NIR,
            ):
                corps = {"grant_type": grant, "username": "x", "password": "x", "refresh_token": "x"} | {
                    nom: nir
                }
                reponse = traces.noter(f"jeton {grant} {nom}", api.post("/v1/oauth/token", data=corps))
                assert reponse.status_code in {400, 401}
    for corps in ({"username": NIR * 200}, {"grant_type": NIR * 9}):
        traces.noter("trop long", api.post("/v1/oauth/token", data=corps))
    traces.noter("JSON", api.post("/v1/oauth/token", json={"username": NIR}))
    traces.noter("oubli", api.post("/v1/mots-de-passe-oublies", json={"identifiant": NIR}))
    for lien in (f"/v1/activations/{NIR}", f"/v1/reinitialisations/{NIR}", "/v1/activations/x"):
        traces.noter(lien, api.post(lien, json={"mot_de_passe": f"lanterne {NIR} tandem"}))
    traces.noter("fichier", api.post("/v1/oauth/token", files={"username": (NIR, NIR.encode(), NIR)}))


@pytest.mark.regle("5-6")
def test_un_corps_illisible_ne_revient_pas(cible, traces):
    client = cible.clients[Role.TECHNICIEN]
    bon = json.dumps(un_signalement(commentaire=NIR))
    corps: list[tuple[bytes, str]] = [
        (f'{{"commentaire": "{NIR}"'.encode(), "application/json"),
        (f'{{"{NIR}": }}'.encode(), "application/json"),
        (f'"{NIR}"'.encode(), "application/json"),
        (NIR.encode(), "application/json"),
        (b"\xff\xfe" + NIR.encode(), "application/json"),
        (bon.encode("utf-16"), "application/json"),
        (bon.encode("latin-1"), "application/json; charset=latin-1"),
        (b'{"a":' * 5000 + NIR.encode(), "application/json"),
        (bon.encode(), "text/plain"),
        (bon.encode(), f"application/{NIR}"),
        (f"commentaire={NIR}".encode(), "application/x-www-form-urlencoded"),
        (
            f'--x\r\nContent-Disposition: form-data; name="{NIR}"\r\n\r\n'.encode(),
            "multipart/form-data; boundary=x",
        ),
        (bon.encode() + b" " * settings().max_body_bytes, "application/json"),
    ]
    for contenu, nature in corps:
        for chemin in (
            "/v1/signalements",
            f"/v1/demandes/{cible.ids['/v1/demandes']}/messages",
            "/v1/oauth/token",
        ):
            reponse = client.appel("POST", chemin, content=contenu, entetes={"Content-Type": nature})
            assert traces.noter(f"{nature} {contenu[:20]!r}", reponse).status_code in {400, 413, 415, 422}
    double = (
        f'{{"commentaire": "{NIR}", "commentaire": "x", {json.dumps({**un_signalement(), "inconnu": 1})[1:]}'
    )
    traces.noter("clé double", client.appel("POST", "/v1/signalements", content=double.encode()))


@pytest.mark.regle("5-6")
@pytest.mark.parametrize("panne", ["exception", "contrainte"])
def test_une_panne_ne_dit_rien_de_ce_qu_elle_traitait(base, cible, traces, monkeypatch, panne):
    """The errors of Python and of PostgreSQL quote values: neither the answer nor the logs repeat them."""
    corps = un_signalement(commentaire=f"Suivi de {CANARI}.")
    corps["assure"]["nom"] = CANARI
    if panne == "exception":

        async def casser(*_: Any, **__: Any) -> None:
            raise RuntimeError(CANARI, NIR)

        monkeypatch.setattr("app.demandes.service.publier", casser)
    else:
        monkeypatch.setattr("app.demandes.depots.nouvelle_reference", lambda type_, jour: None)
    reponse = cible.clients[Role.TECHNICIEN].post("/v1/signalements", corps)
    assert (reponse.status_code, reponse.json()["code"]) == (500, "erreur-interne")
    assert CANARI not in reponse.text
    assert not contient(reponse.text)
    assert '"event": "failed"' in traces.journaux.getvalue()
    assert CANARI not in traces.journaux.getvalue()
    assert base.valeur("SELECT count(*) FROM demandes WHERE assure_nom = :n", n=CANARI) == 0
    if not settings().database_url:
        for fichier in (settings().data_dir / "postgres").rglob("*.log"):
            assert CANARI.encode() not in fichier.read_bytes(), fichier
    assert IntegrityError.__name__ in traces.journaux.getvalue() or panne == "exception"


@pytest.mark.regle("5-6")
def test_un_nom_ne_revient_dans_aucune_erreur(api, cible, traces):
    """Every string of every body in turn is a surname, and the body is refused for something else."""
    contrat = api.app.openapi()
    for op in avec_corps(contrat):
        for chemin in dict.fromkeys(feuilles(contrat, op.schema)):
            reponse = cible.appel(op, json=avec(poser(op.corps, chemin, CANARI), "inconnu", CANARI))
            assert reponse.status_code == 422
            assert CANARI not in reponse.text + str(reponse.headers), (op.nom, chemin)
    assert CANARI not in traces.journaux.getvalue()


@pytest.mark.regle("5-6")
def test_un_nom_ne_sort_pas_de_ses_colonnes(cible, traces):
    """From the deposit to the closing: logs, metrics, events, journal, jobs, mails, addresses hold no name."""
    canari = f"{CANARI}-{uuid.uuid4().hex[:8].translate(str.maketrans('0123456789', 'ghijklmnop'))}"
    technicien, agent = cible.clients[Role.TECHNICIEN], cible.clients[Role.AGENT_CAISSE]
    corps = un_signalement(caisse="611", commentaire=f"Madame {canari} attend sa carte.")
    corps["assure"]["nom"] = canari
    reponses = [technicien.post("/v1/signalements", corps, Idempotency_Key=str(uuid.uuid4()))]
    chemin = f"/v1/demandes/{reponses[0].json()['id']}"
    reponses += [
        technicien.post("/v1/signalements", corps),
        technicien.post("/v1/demandes/recherche?limite=1", {"nom": canari}),
        agent.post(f"{chemin}/prise-en-charge"),
        agent.post(f"{chemin}/demande-complement", {"message": f"Merci de joindre l'avis de {canari}."}),
        technicien.post(f"{chemin}/messages", {"texte": f"{canari} l'a envoyé."}),
        agent.post(f"{chemin}/cloture", {"issue": "traitee", "message": f"Droits de {canari} ouverts."}),
        agent.post(f"{chemin}/cloture", {"issue": "traitee", "message": canari}),
    ]
    assert [reponse.status_code for reponse in reponses] == [201, 409, 200, 200, 200, 200, 200, 409]
    for reponse in reponses:
        assert canari.casefold() not in str(list(reponse.headers.items())).casefold()
        assert reponse.status_code < 400 or canari not in reponse.text
    colonnes = [colonne for table in Tables.metadata.tables.values() for colonne in table.c]
    personnelles = {(c.table.name, c.name) for c in colonnes if c.info.get("personnel")}
    mots = canari.casefold().split("-")
    ou = {(t, c) for t, c, texte in traces.tables() if all(mot in texte.casefold() for mot in mots)}
    assert ou
    assert ou <= personnelles
    assert not {table for table, _ in ou} & {"evenements", "journal"}
    courriels = traces.courriels()
    assert reponses[0].json()["reference"] in courriels
    for texte in (courriels, traces.journaux.getvalue(), traces.mesures()):
        assert canari.casefold() not in texte.casefold()
        assert mots[1] not in texte.casefold()
    assert not {t for t, _, texte in traces.tables() if t.startswith("procrastinate") and mots[1] in texte}
