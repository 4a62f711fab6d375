"""Art. 3.2: documentation for download, up to date, with its version and its date."""

import hashlib
import random
import re
from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest

from app.disponibilite import documentation
from app.kit import antivirus, storage
from app.pieces import fichiers

CHEMIN = "/v1/documentation"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
# What was published under a version never changes: another text is another version.
LIVRES = {"guide-gestionnaire": "2026-11", "guide-integration": "2026-11", "guide-technicien": "2026-11"}
EMPREINTES = {
    "guide-gestionnaire": "c89666dc44a38333",
    "guide-integration": "fabbfd4dd3482fde",
    "guide-technicien": "8edb18acf2e60963",
}


def publier(client, contenu=b"# Essai\n\nUn texte.\n", nom="essai.md", **champs):
    valeurs = {"code": f"essai-{uuid4().hex[:8]}", "titre": "Essai", "version": "1"} | champs
    return client.appel(
        "POST", CHEMIN, data=valeurs, files={"fichier": (nom, contenu, "application/x-ce-qu-on-veut")}
    )


@pytest.mark.regle("3.2-4")
def test_la_documentation_se_liste_et_se_telecharge_sans_jeton(api):
    lus = {document["code"]: document for document in api.get(CHEMIN).json()["donnees"]}
    assert set(lus) >= {*LIVRES, "cgu"}
    for code in (*LIVRES, "cgu"):
        fichier, lu = api.get(lus[code]["url"]), lus[code]
        assert fichier.status_code == 200
        assert (len(fichier.content), fichier.headers["content-type"]) == (
            lu["taille"],
            "text/markdown; charset=utf-8",
        )
        empreinte = hashlib.sha256(fichier.content)
        assert empreinte.hexdigest() == lu["sha256"]
        assert fichier.headers["repr-digest"] == f"sha-256=:{b64encode(empreinte.digest()).decode()}:"
        assert fichier.headers["content-disposition"] == f'attachment; filename="{code}-{lu["version"]}.md"'
        inchange = api.get(lu["url"], headers={"If-None-Match": fichier.headers["etag"]})
        assert (inchange.status_code, inchange.content) == (304, b"")


def test_les_cgu_sont_celles_que_l_on_accepte(api, client_de):
    cgu = client_de("t-cias").get("/v1/cgu").json()
    assert api.get(f"{CHEMIN}/cgu").text == cgu["texte"]
    lus = {d["code"]: d["version"] for d in api.get(CHEMIN).json()["donnees"]}
    assert lus["cgu"] == cgu["version"]


def test_un_guide_qui_change_change_de_version():
    """The text of a version that people downloaded stays that of the version: change both, here and in the guide."""
    livres = {fichier.stem: fichier.read_bytes() for fichier in documentation.LIVRES.glob("*.md")}
    versions = {code: documentation.ENTETE.match(texte.decode())["version"] for code, texte in livres.items()}
    assert versions == LIVRES
    assert {code: hashlib.sha256(texte).hexdigest()[:16] for code, texte in livres.items()} == EMPREINTES


def test_les_chemins_que_les_guides_citent_existent(api):
    contrat = set(api.app.openapi()["paths"]) | {"/openapi.json", "/docs", "/statut"}
    for fichier in documentation.LIVRES.glob("*.md"):
        cites = set(
            re.findall(r"(/(?:v1|docs|statut|openapi\.json|\.well-known)[a-z0-9/._-]*)", fichier.read_text())
        )
        assert cites
        assert {chemin.rstrip(".") for chemin in cites} <= contrat, fichier.name


@pytest.mark.regle("3.2-4")
def test_une_nouvelle_version_remplace_et_l_ancienne_reste(api, client_de, base):
    operateur, code = client_de("n-operateur"), f"essai-{uuid4().hex[:8]}"
    premiere = publier(operateur, code=code, version="1")
    seconde = publier(operateur, PDF, code=code, version="2")
    assert (premiere.status_code, seconde.status_code) == (201, 201), premiere.text
    assert seconde.json()["type_mime"] == "application/pdf"
    assert seconde.headers["location"] == f"{CHEMIN}/{code}?version=2"
    assert api.get(f"{CHEMIN}/{code}").content == PDF
    assert api.get(f"{CHEMIN}/{code}?version=1").text == "# Essai\n\nUn texte.\n"
    courants = [d["version"] for d in api.get(CHEMIN).json()["donnees"] if d["code"] == code]
    tous = [d["version"] for d in api.get(f"{CHEMIN}?toutes=true").json()["donnees"] if d["code"] == code]
    assert (courants, tous) == (["2"], ["2", "1"])
    encore = publier(operateur, b"autre", code=code, version="1")
    assert (encore.status_code, encore.json()["code"], encore.json()["champ"]) == (
        409,
        "deja-existant",
        "/version",
    )
    identifiant = str(base.valeur("SELECT id FROM documentation WHERE code = :c AND version = '1'", c=code))
    assert (
        base.valeur("SELECT action FROM journal WHERE ressource_id = :i", i=identifiant)
        == "documentation.publiee"
    )


@pytest.mark.regle("3.2-4")
@pytest.mark.parametrize("qui", ["t-cias", "g-cias", "a-orne"])
def test_seul_l_administrateur_publie(client_de, qui):
    refus = publier(client_de(qui))
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")


def test_sans_jeton_on_ne_publie_pas(api):
    assert api.post(CHEMIN, data={"code": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("contenu", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "ep_type"),
        (b"", "ep_type"),
        (b"  \n", "ep_type"),
        (b"%PDF-1.7 tronque", None),
        (b"texte\xff", "ep_type"),
        (b"a\x00b", "ep_type"),
        ("Numéro 2 51 05 61 214 087 25".encode(), "ep_nir"),
    ],
)
def test_le_type_est_ce_que_disent_les_octets(client_de, contenu, code):
    reponse = publier(client_de("n-operateur"), contenu)
    if code is None:  # text all the same
        assert reponse.json()["type_mime"] == "text/markdown"
    else:
        assert (reponse.status_code, reponse.json()["erreurs"][0]["code"]) == (422, code)


@pytest.mark.parametrize(
    ("champs", "champ"),
    [
        ({"code": "Guide"}, "/code"),
        ({"code": "cgu"}, "/code"),
        ({"version": "../1"}, "/version"),
        ({"titre": ""}, "/titre"),
        ({"inconnu": "x"}, "/inconnu"),
    ],
)
def test_un_depot_incorrect_est_refuse(client_de, champs, champ):
    refus = publier(client_de("n-operateur"), **champs)
    assert (refus.status_code, refus.json()["code"]) == (422, "validation"), refus.text
    assert [e["champ"] for e in refus.json()["erreurs"]] == [champ]


@pytest.mark.regle("5-2")
def test_un_nir_n_est_pas_un_titre(client_de):
    refus = publier(client_de("n-operateur"), titre="Dossier 2510561214087")
    assert (refus.status_code, refus.json()["code"]) == (422, "nir-interdit")


@pytest.mark.parametrize("chemin", ["inconnu", "guide-technicien?version=0", "cgu?version=0"])
def test_ce_qui_n_existe_pas_est_introuvable(api, chemin):
    assert api.get(f"{CHEMIN}/{chemin}").json()["code"] == "introuvable"


def test_un_document_trop_grand_est_refuse(client_de):
    assert publier(client_de("n-operateur"), b"a" * 1_100_000).status_code == 413


def test_un_processus_qui_demarre_ne_publie_rien_deux_fois(api, base):
    avant = base.valeur("SELECT count(*) FROM documentation")
    api.portal.call(documentation.livrer)
    assert base.valeur("SELECT count(*) FROM documentation") == avant


def un_pdf(taille):
    """Return a PDF of that many bytes, as its two ends say."""
    tete, queue = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%", b"\ntrailer\n<<>>\n%%EOF\n"
    return (
        tete + random.Random(taille).randbytes(taille - len(tete) - len(queue)).replace(b"%%", b"--") + queue
    )


@pytest.mark.regle("3.2-4")
def test_un_guide_illustre_se_publie_et_se_telecharge_entier(api, client_de, base):
    operateur, code, guide = client_de("n-operateur"), f"essai-{uuid4().hex[:8]}", un_pdf(20 * 1024 * 1024)
    publie = publier(operateur, guide, code=code, titre="G" * 200)
    assert publie.status_code == 201, publie.text
    empreinte = hashlib.sha256(guide).hexdigest()
    assert (publie.json()["taille"], publie.json()["sha256"]) == (len(guide), empreinte)
    assert base.valeur("SELECT contenu FROM documentation WHERE code = :c", c=code) is None
    lu = api.get(f"{CHEMIN}/{code}")
    assert (lu.content == guide, lu.headers["content-length"]) == (True, str(len(guide)))
    assert lu.headers["etag"] == f'"{empreinte}"'
    encore = api.get(f"{CHEMIN}/{code}", headers={"If-None-Match": lu.headers["etag"]})
    assert (encore.status_code, encore.content) == (304, b"")
    trop = publier(operateur, un_pdf(20 * 1024 * 1024 + 1), code=code, version="2")
    assert (trop.status_code, trop.json()["code"]) == (413, "corps-trop-grand")
    assert publier(operateur, guide, code=code, titre="G" * 201, version="2").status_code == 422


@pytest.mark.regle("3.2-4")
def test_le_balayage_des_pieces_laisse_la_documentation(api, client_de, monkeypatch):
    code = f"essai-{uuid4().hex[:8]}"
    assert publier(client_de("n-operateur"), un_pdf(3000), code=code).status_code == 201
    monkeypatch.setattr(fichiers, "ATTENTE", timedelta(seconds=-60))
    bilan = api.portal.call(fichiers.balayer)
    assert not [nom for nom in bilan.orphelins if nom.startswith(storage.PUBLIC)]
    assert api.get(f"{CHEMIN}/{code}").status_code == 200


@pytest.mark.regle("3.1-2")
@pytest.mark.parametrize(
    ("verdict", "attendu"), [(True, (422, "piece-infectee")), (None, (503, "service-indisponible"))]
)
def test_rien_ne_se_publie_sans_le_controle_de_l_antivirus(api, client_de, monkeypatch, verdict, attendu):
    async def infected(chunks):
        if verdict is None:
            raise antivirus.Unavailable
        return verdict

    monkeypatch.setattr(antivirus, "configured", lambda: True)
    monkeypatch.setattr(antivirus, "infected", infected)
    code = f"essai-{uuid4().hex[:8]}"
    for contenu in (un_pdf(3000), b"# Texte\n"):
        refus = publier(client_de("n-operateur"), contenu, code=code)
        assert (refus.status_code, refus.json()["code"]) == attendu
        assert api.get(f"{CHEMIN}/{code}").status_code == 404


def test_un_document_perdu_se_dit(api, client_de, monkeypatch):
    code = f"essai-{uuid4().hex[:8]}"
    publie = publier(client_de("n-operateur"), un_pdf(4000), code=code).json()
    api.portal.call(storage.delete, storage.PUBLIC + publie["sha256"])
    assert api.get(f"{CHEMIN}/{code}").json()["code"] == "service-indisponible"


def test_la_cle_d_idempotence_rejoue_la_publication(client_de):
    operateur, code = client_de("n-operateur"), f"essai-{uuid4().hex[:8]}"

    def envoyer(contenu):
        valeurs = {"code": code, "titre": "Essai", "version": "1"}
        fichiers_ = {"fichier": ("x", contenu, "application/pdf")}
        entetes = {"Idempotency-Key": f"doc-{code}"}
        return operateur.appel("POST", CHEMIN, data=valeurs, files=fichiers_, entetes=entetes)

    reponses = [envoyer(un_pdf(n)) for n in (3000, 3000, 3001)]
    assert [r.status_code for r in reponses] == [201, 201, 422]
    assert reponses[1].headers["idempotency-replayed"] == "true"
