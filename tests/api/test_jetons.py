"""Tokens: what opens, what never opens, and for how long (art. 2.1, 4.1)."""

import base64
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus

import pytest

from app.config import settings
from app.droits import DROITS, Action, Portee
from tests.api.faux_jetons import b64, faux_jetons, parties, signe
from tests.api.test_cloisonnement import inconnus, operations, remplir
from tests.outils import MOT_DE_PASSE, Client, connexion


def refuse(reponse: Any) -> None:
    """The one answer to every bad token: it says nothing of why."""
    assert reponse.status_code == 401, reponse.text
    assert reponse.headers["content-type"] == "application/problem+json"
    assert reponse.headers["www-authenticate"].startswith("Bearer")
    assert reponse.json()["code"] == "jeton-invalide"
    assert "error_description" not in reponse.headers["www-authenticate"]


@pytest.fixture
def valide(client_de, fabrique) -> str:
    return client_de(fabrique.structure().techniciens[0]).jeton


def test_aucun_faux_jeton_n_entre(api, valide, client_de):
    bien = api.get("/v1/moi", headers={"Authorization": f"Bearer {valide}"})
    assert bien.status_code == 200
    ecarts = []
    for nom, faux in faux_jetons(valide, client_de("a-orne").jeton):
        reponse = api.get("/v1/moi", headers={"Authorization": f"Bearer {faux}".encode()})
        try:
            refuse(reponse)
        except (AssertionError, KeyError, ValueError):
            ecarts.append(f"{nom}: {reponse.status_code} {reponse.text[:90]}")
    assert not ecarts


INEXISTANT = "01981f6e-0000-7000-8000-00000000dead"
MENSONGES = {
    "role": ("administrateur", "agent_caisse", "gestionnaire", "inconnu", None),
    "partenaire_id": (INEXISTANT, None, "pas un identifiant", 7),
    "caisse": ("611", "000"),
    "sid": (INEXISTANT, "pas un identifiant", None),
    "sub": (INEXISTANT, "back-office-611"),
}


@pytest.mark.parametrize("nom", MENSONGES)
def test_meme_bien_signe_un_jeton_ne_dit_pas_qui_l_on_est(api, valide, nom):
    """A token gives an identity only: what it says must be what the account is."""
    tete, corps, _ = parties(valide)
    for valeur in MENSONGES[nom]:
        refuse(api.get("/v1/moi", headers={"Authorization": f"Bearer {signe(tete, corps | {nom: valeur})}"}))


def test_seule_une_autorisation_bearer_et_une_seule_est_lue(api, valide, client_de, demo):
    application = demo["applications"][0]
    basic = base64.b64encode(f"{application['client_id']}:{application['client_secret']}".encode()).decode()
    for entetes in (
        [],
        [("Authorization", "")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", valide)],
        [("Authorization", f"Token {valide}")],
        [("Authorization", f"Basic {basic}")],
        [("Authorization", f"Basic {valide}")],
        [("Authorization", f"DPoP {valide}")],
        [("Authorization", f"Bearer {valide}"), ("Authorization", "Bearer x")],
        [("Authorization", f"Basic {basic}"), ("Authorization", f"Bearer {valide}")],
        [("Cookie", f"access_token={valide}")],
        [("X-Authorization", f"Bearer {valide}")],
    ):
        refuse(api.get("/v1/moi", headers=entetes))
    refuse(api.get("/v1/moi", params={"access_token": valide}))
    client = client_de("t-cias")
    refuse(api.get("/v1/moi", headers={"Authorization": f"Bearer {client.rafraichissement}"}))
    assert api.get("/v1/moi", headers={"Authorization": f"bearer {valide}"}).status_code == 200


def rafraichir(api: Any, jeton: str | None, **reste: str) -> Any:
    return api.post("/v1/oauth/token", data={"grant_type": "refresh_token", "refresh_token": jeton, **reste})


def test_un_jeton_de_rafraichissement_sert_une_fois_et_sa_reprise_ferme_tout(api, fabrique):
    client = Client.connecte(api, fabrique.structure().techniciens[0])
    autre_session = Client.connecte(api, fabrique.structure().techniciens[0])
    suivants = [rafraichir(api, client.rafraichissement).json()]
    suivants.append(rafraichir(api, suivants[0]["refresh_token"]).json())
    actuel = Client(api, suivants[1]["access_token"])
    assert actuel.get("/v1/moi").status_code == client.get("/v1/moi").status_code == 200

    vole = rafraichir(api, client.rafraichissement)
    assert (vole.status_code, vole.json()["error"]) == (400, "invalid_grant")
    for jeton in (client.jeton, suivants[0]["access_token"], suivants[1]["access_token"]):
        refuse(Client(api, jeton).get("/v1/moi"))
    assert rafraichir(api, suivants[1]["refresh_token"]).json() == vole.json()
    assert autre_session.get("/v1/moi").status_code == 200


def test_un_rafraichissement_restreint_son_jeton_et_n_elargit_jamais_la_session(api, fabrique):
    """RFC 6749, 6: less may be asked for one access token; what nobody granted is never in it."""
    identifiant = fabrique.structure().techniciens[0]
    demande = {"grant_type": "password", "username": identifiant, "password": MOT_DE_PASSE}
    session = "demandes:lire evenements:lire"
    jetons = api.post("/v1/oauth/token", data=demande | {"scope": session}).json()
    for voulu, obtenu in (
        ("demandes:lire", "demandes:lire"),
        ("demandes:lire demandes:ecrire comptes:ecrire", "demandes:lire"),
        ("", session),
    ):
        jetons = rafraichir(api, jetons["refresh_token"], scope=voulu).json()
        assert jetons["scope"] == obtenu
        assert parties(jetons["access_token"])[1]["scope"] == obtenu
    for voulu in ("demandes:ecrire", "cgu", "inconnue"):
        refus = rafraichir(api, jetons["refresh_token"], scope=voulu)
        assert (refus.status_code, refus.json()["error"]) == (400, "invalid_scope")
    assert rafraichir(api, jetons["refresh_token"]).json()["scope"] == session


def test_une_portee_qui_manque_est_nommee(api, fabrique):
    """RFC 6750, 3.1: a client learns which scope to ask for, and only when a scope would do."""
    identifiant = fabrique.structure().techniciens[0]
    demande = {"grant_type": "password", "username": identifiant, "password": MOT_DE_PASSE}
    client = Client(
        api, api.post("/v1/oauth/token", data=demande | {"scope": "comptes:lire"}).json()["access_token"]
    )
    refus = client.get("/v1/demandes")
    assert (refus.status_code, refus.json()["code"]) == (403, "permission-refusee")
    assert refus.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="demandes:lire"'
    assert (
        "www-authenticate" not in client.get("/v1/journal").headers
    )  # no scope would open it to this profile


def test_deux_rafraichissements_a_la_fois_un_seul_au_plus(api, fabrique):
    client = Client.connecte(api, fabrique.structure().techniciens[0])
    with ThreadPoolExecutor(8) as fils:
        statuts = list(fils.map(lambda _: rafraichir(api, client.rafraichissement).status_code, range(8)))
    assert statuts.count(200) <= 1
    assert set(statuts) <= {200, 400}
    refuse(client.get("/v1/moi"))


def test_un_jeton_de_rafraichissement_n_est_qu_a_son_client(api, client_de, demo, fabrique):
    client = Client.connecte(api, fabrique.structure().techniciens[0])
    for reste in ({"client_id": "logiciel-social"}, {"client_id": "back-office-611", "client_secret": "x"}):
        assert rafraichir(api, client.rafraichissement, **reste).json()["error"] == "invalid_grant"
    for faux in ("", "x", "r-" + "A" * 43, client.jeton[:2000], client.rafraichissement.upper()):
        assert rafraichir(api, faux).status_code == 400
    assert rafraichir(api, client.rafraichissement, client_id="swagger-ui").status_code == 200


@pytest.mark.regle("4.1-2")
def test_le_jeton_d_un_compte_inactive_ne_vaut_plus_rien(api, base, client_de, fabrique):
    identifiant = fabrique.compte("agent_caisse", caisse="611")
    victime = Client.connecte(api, identifiant)
    id_ = victime.get("/v1/moi").json()["compte"]["id"]
    for nom in ("t-cias", "g-cias", "a-orne", "a-calvados"):  # none of them inactivates an agent
        assert client_de(nom).post(f"/v1/agents/{id_}/inactivation", {"motif": "Perte"}).status_code == 403
    assert victime.get("/v1/demandes").status_code == 200
    inactive = client_de("n-operateur").post(
        f"/v1/agents/{id_}/inactivation", {"motif": "Vol de l'ordinateur"}
    )
    assert inactive.json()["statut"] == "inactif"
    refuse(victime.get("/v1/demandes"))
    refuse(victime.get("/v1/moi"))
    assert rafraichir(api, victime.rafraichissement).json()["error"] == "invalid_grant"
    assert connexion(api, identifiant, MOT_DE_PASSE).json()["code"] == "identifiants-invalides"


@pytest.mark.regle("4.1-2")
def test_chaque_appel_relit_le_compte_et_la_session(api, base, fabrique):
    """What any process writes is seen at the next call: nothing of the account is kept in memory."""
    identifiant = fabrique.structure().techniciens[0]
    client = Client.connecte(api, identifiant)
    for ecriture, inverse in (
        (
            "comptes SET statut = 'inactif', inactive_le = now()",
            "comptes SET statut = 'actif', inactive_le = NULL",
        ),
        ("familles_jetons SET revoquee_le = now()", "familles_jetons SET revoquee_le = NULL"),
        (
            "familles_jetons SET expire_le = now() - interval '2 seconds'",
            "familles_jetons SET expire_le = now() + interval '1 hour'",
        ),
    ):
        cle = "id" if ecriture.startswith("comptes") else "compte_id"
        condition = f" WHERE {cle} = (SELECT id FROM comptes WHERE identifiant = :i)"
        base.ecrire(f"UPDATE {ecriture}{condition}", i=identifiant)
        refuse(client.get("/v1/moi"))
        base.ecrire(f"UPDATE {inverse}{condition}", i=identifiant)
        assert client.get("/v1/moi").status_code == 200


@pytest.mark.regle("2.1-1")
def test_un_echec_de_connexion_ne_dit_pas_pourquoi(api, base, fabrique, monkeypatch):
    verifies = []
    vraie = __import__("app.kit.passwords", fromlist=["verify_password"]).verify_password

    async def temoin(mot_de_passe: str, empreinte: str | None) -> bool:
        verifies.append(empreinte is not None)
        return await vraie(mot_de_passe, empreinte)

    monkeypatch.setattr("app.acces.connexions.verify_password", temoin)
    actif, inactif, attente = (fabrique.compte("agent_caisse", caisse="611") for _ in range(3))
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i", i=inactif
    )
    base.ecrire(
        "UPDATE comptes SET statut = 'en_attente', mot_de_passe = NULL WHERE identifiant = :i", i=attente
    )
    essais = (
        (actif, "mauvais-mot-de-passe"),
        ("t-inconnu00", MOT_DE_PASSE),
        (inactif, MOT_DE_PASSE),
        (attente, MOT_DE_PASSE),
        (actif.upper(), MOT_DE_PASSE),
        (f"{actif} ", MOT_DE_PASSE),
        (actif, f"{MOT_DE_PASSE} "),
        ("x" * 2000, MOT_DE_PASSE),
        ("' OR 1=1 --", MOT_DE_PASSE),
        (actif, "é" * 1000),
    )
    reponses = [connexion(api, *essai) for essai in essais]
    muets = ("x-request-id", "date")
    vues = {
        (r.status_code, r.text, str(sorted((k, v) for k, v in r.headers.items() if k not in muets)))
        for r in reponses
    }
    assert len(vues) == 1
    assert reponses[0].json()["error"] == "invalid_grant"
    assert reponses[0].headers["cache-control"] == "no-store"
    assert len(verifies) == len(essais)  # the same work each time, account or not
    bonne = connexion(api, actif, MOT_DE_PASSE).json()
    assert (bonne["token_type"], bonne["expires_in"]) == ("Bearer", 600)
    assert not {"mot_de_passe", "password"} & set(bonne)


@pytest.mark.regle("2.1-1")
def test_une_demande_de_jeton_mal_faite_est_refusee(api, fabrique):
    identifiant = fabrique.compte("agent_caisse", caisse="611")
    bonne = {"grant_type": "password", "username": identifiant, "password": MOT_DE_PASSE}
    for changement, erreur in (
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "Password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"username": ""}, "invalid_request"),
        ({"password": ""}, "invalid_request"),
        ({"client_id": "logiciel-social"}, "unauthorized_client"),
        ({"scope": "tout"}, "invalid_scope"),
        ({"scope": "cgu"}, "invalid_scope"),
        ({"scope": "webhooks:ecrire administrateur"}, "invalid_scope"),
    ):
        reponse = api.post("/v1/oauth/token", data=bonne | changement)
        assert (reponse.status_code, reponse.json()["error"]) == (400, erreur), changement
    moindre = api.post("/v1/oauth/token", data=bonne | {"scope": "demandes:lire"}).json()
    assert moindre["scope"] == "demandes:lire"
    assert Client(api, moindre["access_token"]).get("/v1/demandes").status_code == 200
    assert Client(api, moindre["access_token"]).get("/v1/partenaires").json()["code"] == "permission-refusee"
    assert api.get("/v1/oauth/token", params=bonne).status_code == 405


def test_le_mot_de_passe_se_coupe_au_guichet_aussi(api, fabrique, monkeypatch):
    """RFC 9700, 2.4: as in production, even with the right password; and nothing announces it."""
    identifiant = fabrique.structure().techniciens[0]
    demande = {"grant_type": "password", "username": identifiant, "password": MOT_DE_PASSE}
    sans = settings().model_copy(update={"password_grant": False})
    for module in ("service", "schemas_oauth"):
        monkeypatch.setattr(f"app.acces.{module}.settings", lambda: sans)
    refus = api.post("/v1/oauth/token", data=demande)
    assert (refus.status_code, refus.json()["error"]) == (400, "unsupported_grant_type")
    annonce = api.get("/.well-known/oauth-authorization-server").json()
    assert "password" not in annonce["grant_types_supported"]


AVANT_CGU = {("get", "/v1/moi"), ("get", "/v1/cgu"), ("post", "/v1/moi/cgu")}
# The other gate: a password that has expired may be changed before or after.
PORTE = {Action.MOT_DE_PASSE_CHANGER}


@pytest.mark.regle("2.1-2")
@pytest.mark.parametrize("role", ["technicien", "gestionnaire", "agent_caisse", "administrateur"])
def test_sans_les_cgu_acceptees_rien_d_autre_n_est_permis(api, base, fabrique, role):
    structure = fabrique.structure().id if role in {"technicien", "gestionnaire"} else None
    place = {"partenaire_id": structure, "caisse": "611" if role == "agent_caisse" else None}
    identifiant = fabrique.compte(role, cgu=False, **place)
    client = Client.connecte(api, identifiant)
    assert parties(client.jeton)[1]["scope"] == "cgu"
    version = client.get("/v1/cgu").json()["version"]
    moi = client.get("/v1/moi").json()
    assert moi["cgu"] == {"a_accepter": True, "version": version}
    assert not {action for action in moi["permissions"] if not DROITS[Action(action)].avant_cgu} - set(PORTE)

    for op in operations(api.app.openapi()):
        if op.action and (op.methode, op.chemin) not in AVANT_CGU and op.action not in PORTE:
            reponse = client.appel(op.methode, remplir(op.chemin, inconnus()), json=op.corps)
            assert (reponse.status_code, reponse.json()["code"]) == (403, "cgu-a-accepter"), op.nom
    for fausse in ("", "x", "2020-01", version + "x"):
        assert client.post("/v1/moi/cgu", {"version": fausse}).status_code == 422
    assert client.post("/v1/moi/cgu", {"version": version}).status_code == 204
    assert (
        client.get("/v1/nomenclatures").json()["code"] == "cgu-a-accepter"
    )  # the token itself holds no more
    renouvele = rafraichir(api, client.rafraichissement).json()
    assert "cgu" not in renouvele["scope"].split()
    assert Client(api, renouvele["access_token"]).get("/v1/nomenclatures").status_code == 200
    gardees = base.lignes(
        "SELECT cgu_version, cgu_acceptee_le FROM comptes WHERE identifiant = :i", i=identifiant
    )
    assert gardees[0][0] == version
    assert gardees[0][1] is not None


@pytest.mark.regle("2.1-2")
def test_une_nouvelle_version_des_cgu_est_a_accepter_de_nouveau(api, base, client_de, fabrique):
    client = Client.connecte(api, fabrique.structure().techniciens[0])
    demande, version = client.deposer(), f"essai-{uuid.uuid4().hex[:8]}"
    corps = {"version": version, "texte": "L'Espace Partenaires est réservé à ses utilisateurs."}
    for nom in ("t-cias", "g-cias", "a-orne"):
        assert client_de(nom).post("/v1/cgu", corps).status_code == 403
    operateur = client_de("n-operateur")
    try:
        assert operateur.post("/v1/cgu", corps).status_code == 201
        for appelant, chemin in ((client, f"/v1/demandes/{demande['id']}"), (operateur, "/v1/agents")):
            assert appelant.get(chemin).json()["code"] == "cgu-a-accepter"
        assert client.get("/v1/moi").json()["cgu"] == {"a_accepter": True, "version": version}
        assert rafraichir(api, client.rafraichissement).json()["scope"] == "cgu"
        assert client.post("/v1/moi/cgu", {"version": version}).status_code == 204
        assert client.get(f"/v1/demandes/{demande['id']}").status_code == 200
    finally:
        base.ecrire("DELETE FROM versions_cgu WHERE version = :v", v=version)


def demander(api: Any, auth: tuple[str, str] | None = None, **corps: str) -> Any:
    return api.post("/v1/oauth/token", data={"grant_type": "client_credentials", **corps}, auth=auth)


def test_une_application_n_agit_que_pour_sa_caisse_et_dans_ses_portees(api, base, demo):
    applications = {a["caisse"]: a for a in demo["applications"]}
    cle = applications["611"]["client_id"], applications["611"]["client_secret"]
    jetons = demander(api, cle).json()
    assert "refresh_token" not in jetons
    _, corps, _ = parties(jetons["access_token"])
    assert (corps["role"], corps["caisse"], corps["partenaire_id"]) == ("agent_caisse", "611", None)
    client = Client(api, jetons["access_token"])
    assert {d["caisse"] for d in client.get("/v1/demandes", limite=200).json()["donnees"]} == {"611"}
    assert client.get("/v1/moi").json()["compte"] is None
    assert client.post("/v1/moi/cgu", {"version": "2026-11"}).status_code in {403, 404, 422}
    assert client.get("/v1/demandes", caisse="141").json()["donnees"] == []

    lecture = Client(api, demander(api, cle, scope="demandes:lire").json()["access_token"])
    id_ = lecture.get("/v1/demandes").json()["donnees"][0]["id"]
    assert lecture.post(f"/v1/demandes/{id_}/prise-en-charge").json()["code"] == "permission-refusee"
    assert lecture.get("/v1/partenaires").status_code == 403
    assert demander(api, cle, scope="demandes:lire administrateur").json()["error"] == "invalid_scope"
    assert demander(api, cle, scope="cgu").json()["error"] == "invalid_scope"

    base.ecrire("UPDATE applications SET fin_le = now() WHERE client_id = :c", c=cle[0])
    try:
        refuse(client.get("/v1/demandes"))
        assert demander(api, cle).status_code == 401
    finally:
        base.ecrire("UPDATE applications SET fin_le = NULL WHERE client_id = :c", c=cle[0])


def test_le_secret_d_une_application_est_exige(api, demo):
    applications = {a["caisse"]: a for a in demo["applications"]}
    id_, secret = applications["611"]["client_id"], applications["611"]["client_secret"]
    refus = [
        demander(api, (id_, "faux")),
        demander(api, (id_, "")),
        demander(api, ("inconnue", secret)),
        demander(api, (applications["141"]["client_id"], secret)),
        demander(api),
        demander(api, client_id=id_),
        demander(api, client_id=id_, client_secret=secret[:-1]),
        demander(api, client_id="logiciel-social"),
        demander(api, client_id="swagger-ui"),
        demander(api, client_id="é" * 50, client_secret="x"),
    ]
    for reponse in refus:
        assert (reponse.status_code, reponse.json()["error"]) == (401, "invalid_client")
        assert reponse.headers["www-authenticate"].startswith("Basic")
    assert len({reponse.text for reponse in refus}) == 1
    assert demander(api, client_id=id_, client_secret=secret).status_code == 200
    encodes = "".join(f"%{ord(c):02X}" for c in id_), quote_plus(secret)
    assert demander(api, encodes).status_code == 200
    for ordure in ("Basic", "Basic !!!", "Basic " + b64(b"\xff\xfe:x"), "Basic " + b64(id_.encode())):
        reponse = api.post(
            "/v1/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": ordure}
        )
        assert reponse.status_code == 401


def test_une_application_se_prouve_une_seule_fois(api, demo):
    """RFC 6749, 2.3: one way a request; credentials that cannot be read are not replaced by others."""
    application = next(a for a in demo["applications"] if a["caisse"] == "611")
    id_, secret = application["client_id"], application["client_secret"]
    bonne = "Basic " + base64.b64encode(f"{id_}:{secret}".encode()).decode()
    corps = {"grant_type": "client_credentials", "client_id": id_, "client_secret": secret}
    for entetes, statut in (
        ([("Authorization", "Basic !!!")], 401),
        ([("Authorization", bonne)], 400),
        ([("Authorization", bonne), ("Authorization", bonne)], 400),
    ):
        assert api.post("/v1/oauth/token", data=corps, headers=entetes).status_code == statut, entetes
    seule = {"grant_type": "client_credentials"}
    deux = [("Authorization", bonne), ("Authorization", "Basic eDp5")]
    assert api.post("/v1/oauth/token", data=seule, headers=deux).json()["error"] == "invalid_request"
    assert api.post("/v1/oauth/token", data=seule, headers=deux[:1]).status_code == 200


def test_les_cles_publiees_ne_disent_rien_de_prive(api):
    publiees = api.get("/.well-known/jwks.json").json()["keys"]
    assert publiees
    for cle in publiees:
        assert set(cle) == {"kty", "use", "alg", "kid", "n", "e"}
        assert (cle["kty"], cle["alg"], cle["e"]) == ("RSA", "RS256", "AQAB")
        assert len(base64.urlsafe_b64decode(cle["n"] + "==")) >= 256
    metadonnees = api.get("/.well-known/oauth-authorization-server").json()
    assert metadonnees["issuer"] == settings().base_url
    assert set(metadonnees["scopes_supported"]) == {portee.value for portee in Portee}
