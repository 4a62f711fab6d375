"""Webhooks through HTTP: who has them, what leaves, when it leaves again, and when it stops."""

import json
from types import SimpleNamespace

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from app.webhooks import suivi
from tests.api.courrier import courriers, travailler
from tests.recepteur import Recepteur

TOUT = ["*"]


@pytest.fixture
def recepteur():
    with Recepteur() as ouvert:
        yield ouvert


@pytest.fixture
def servir(api):
    """Do what the worker does: follow the log, then run the queue to its end."""

    def un_tour():
        api.portal.call(suivi.repartir)
        travailler(api)

    return un_tour


def creer(client, recepteur, evenements=TOUT):
    reponse = client.post("/v1/webhooks", {"url": recepteur.url, "evenements": evenements})
    assert reponse.status_code == 201, reponse.text
    return reponse.json()


def livraisons(client, webhook):
    reponse = client.get(f"/v1/webhooks/{webhook['id']}/livraisons", limite=200)
    assert reponse.status_code == 200, reponse.text
    return reponse.json()["donnees"]


def avancer(base, webhook):
    """Let the time of the next tries come."""
    base.ecrire(
        "UPDATE livraisons SET prochain_essai_le = now() WHERE webhook_id = :w AND statut = 'en_attente'",
        w=webhook["id"],
    )
    base.ecrire(
        "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND queue_name = 'webhooks'"
    )


@pytest.fixture
def ferme(client_de):
    """Switch off, at the end, whatever a test left open: the next tests call nobody."""
    ouverts = []
    yield ouverts
    for client, webhook in ouverts:
        client.appel("DELETE", f"/v1/webhooks/{webhook['id']}")


@pytest.fixture
def de_la_caisse(client_de, recepteur, ferme):
    agent = client_de("a-orne")
    webhook = creer(agent, recepteur)
    ferme.append((agent, webhook))
    return agent, webhook


@pytest.mark.regle("7-2")
def test_un_depot_previent_la_caisse_d_un_appel_signe_et_maigre(client_de, recepteur, servir, ferme):
    agent = client_de("a-orne")
    webhook = creer(agent, recepteur, ["demande.*", "compte.inactive"])
    ferme.append((agent, webhook))
    assert webhook["secret"].startswith("whsec_")
    demande = client_de("t-cias").deposer(caisse="611", commentaire="Suivi chaque semaine au guichet.")
    agent.post(f"/v1/demandes/{demande['id']}/prise-en-charge")
    servir()
    types = [(a.corps["type"], a.corps["data"]["ressource_id"]) for a in recepteur.appels]
    assert types == [("demande.deposee", demande["id"]), ("demande.prise_en_charge", demande["id"])]
    appel = recepteur.appels[0]
    appel.verifier(webhook["secret"])
    with pytest.raises(WebhookVerificationError):
        appel.verifier("whsec_" + "A" * 44)
    fil = agent.get("/v1/evenements", apres=appel.corps["data"]["numero"] - 1, limite=1).json()["donnees"][0]
    assert appel.corps == {"type": fil["type"], "timestamp": fil["date"], "data": fil}
    assert appel.entetes["content-type"] == "application/json"
    for secret in (demande["assure"]["nom"], demande["reference"], "guichet"):
        assert secret not in appel.brut
    assert [(x["statut"], x["essais"], x["code_http"]) for x in livraisons(agent, webhook)] == [
        ("livree", 1, 204)
    ] * 2
    servir()
    assert len(recepteur.appels) == 2


def test_le_secret_est_montre_une_fois_et_scelle_dans_la_base(base, de_la_caisse):
    agent, webhook = de_la_caisse
    lu = agent.get(f"/v1/webhooks/{webhook['id']}")
    assert "secret" not in lu.text
    assert lu.headers["etag"] == '"1"'
    assert "whsec_" not in agent.get("/v1/webhooks").text
    garde = base.valeur("SELECT secret FROM webhooks WHERE id = :i", i=webhook["id"])
    assert webhook["secret"].removeprefix("whsec_") not in garde
    corps, cle = {"url": webhook["url"], "evenements": ["convention.*"]}, {"Idempotency_Key": webhook["id"]}
    premiere = agent.post("/v1/webhooks", corps, **cle).json()
    rejouee = agent.post("/v1/webhooks", corps, **cle).json()
    assert rejouee == premiere | {"secret": None}
    garde = base.lignes("SELECT convert_from(corps, 'UTF8') FROM cles_idempotence WHERE corps IS NOT NULL")
    assert premiere["secret"] not in str(garde)
    agent.appel("DELETE", f"/v1/webhooks/{premiere['id']}")
    trace = base.lignes("SELECT action FROM journal WHERE ressource_id = :i", i=webhook["id"])
    assert trace == [("webhook.cree",)]


@pytest.mark.regle("5-6")
def test_chacun_n_est_prevenu_que_de_ce_qu_il_peut_lire(client_de, fabrique, servir, ferme):
    structure, autre = fabrique.structure(gestionnaires=1), fabrique.structure(gestionnaires=1)
    with Recepteur() as sien, Recepteur() as voisin, Recepteur() as calvados:
        proprietaires = (
            (client_de(structure.gestionnaires[0]), sien),
            (client_de(autre.gestionnaires[0]), voisin),
            (client_de("a-calvados"), calvados),
        )
        ferme += [(client, creer(client, ou)) for client, ou in proprietaires]
        demande = client_de(structure.techniciens[0]).deposer()
        servir()
        assert [a.corps["data"]["ressource_id"] for a in sien.appels] == [demande["id"]]
        assert voisin.appels == calvados.appels == []


@pytest.mark.regle("2.2.3-2")
def test_une_structure_dont_la_convention_est_finie_n_est_plus_prevenue(
    base, client_de, fabrique, recepteur, servir, ferme
):
    structure = fabrique.structure(gestionnaires=1)
    fabrique.convention(structure.id, "141")
    gestionnaire, technicien = client_de(structure.gestionnaires[0]), client_de(structure.techniciens[0])
    webhook = creer(gestionnaire, recepteur)
    ferme.append((gestionnaire, webhook))
    recepteur.humeur = lambda appel: 503
    technicien.deposer(caisse="141")
    servir()
    assert [x["statut"] for x in livraisons(gestionnaire, webhook)] == ["en_attente"]
    base.ecrire(
        "UPDATE conventions SET suspendue_le = now() WHERE partenaire_id = :p AND caisse = '141'",
        p=structure.id,
    )
    recepteur.humeur, recepteur.appels = lambda appel: 204, []
    en_cours = base.valeur("SELECT id FROM demandes WHERE partenaire_id = :p", p=structure.id)
    client_de("a-calvados").post(f"/v1/demandes/{en_cours}/prise-en-charge")
    avancer(base, webhook)
    servir()
    assert recepteur.appels == []
    assert [x["statut"] for x in livraisons(gestionnaire, webhook)] == ["annulee"]
    orne = technicien.deposer(caisse="611")
    servir()
    assert [a.corps["data"]["ressource_id"] for a in recepteur.appels] == [orne["id"]]


@pytest.mark.regle("7-2")
def test_un_recepteur_en_panne_recoit_plus_tard_le_meme_appel(
    base, client_de, recepteur, servir, de_la_caisse
):
    agent, webhook = de_la_caisse
    recepteur.humeur = lambda appel: 500
    client_de("t-cias").deposer(caisse="611")
    servir()
    (attend,) = livraisons(agent, webhook)
    assert (attend["statut"], attend["essais"], attend["code_http"], attend["echec"]) == (
        "en_attente",
        1,
        500,
        "reponse",
    )
    delai = base.valeur(
        "SELECT extract(epoch FROM prochain_essai_le - dernier_essai_le)::int FROM livraisons WHERE id = :i",
        i=attend["id"],
    )
    assert 0 < delai <= 30
    servir()
    assert len(recepteur.appels) == 1, "its time has not come"
    assert agent.get(f"/v1/webhooks/{webhook['id']}").json()["en_echec_depuis"]
    recepteur.humeur = lambda appel: 200
    avancer(base, webhook)
    servir()
    assert {a.id for a in recepteur.appels} == {attend["id"]}
    assert len(recepteur.appels) == 2
    (livree,) = livraisons(agent, webhook)
    assert (livree["statut"], livree["essais"], livree["prochain_essai_le"]) == ("livree", 2, None)
    assert agent.get(f"/v1/webhooks/{webhook['id']}").json()["en_echec_depuis"] is None


def test_apres_tous_ses_essais_une_livraison_est_abandonnee_et_se_rejoue(
    base, client_de, recepteur, servir, de_la_caisse
):
    agent, webhook = de_la_caisse
    recepteur.humeur = lambda appel: 500
    client_de("t-cias").deposer(caisse="611")
    servir()
    base.ecrire("UPDATE livraisons SET essais = 10 WHERE webhook_id = :w", w=webhook["id"])
    avancer(base, webhook)
    servir()
    (finie,) = livraisons(agent, webhook)
    assert (finie["statut"], finie["essais"]) == ("abandonnee", 11)
    recepteur.humeur = lambda appel: 204
    rejeu = agent.post(f"/v1/webhooks/{webhook['id']}/livraisons/{finie['id']}/rejeu")
    assert (rejeu.status_code, rejeu.json()["statut"]) == (202, "en_attente")
    servir()
    assert livraisons(agent, webhook)[0]["statut"] == "livree"
    assert {a.id for a in recepteur.appels} == {finie["id"]}


@pytest.mark.regle("7-2")
@pytest.mark.parametrize("cause", ["trois jours", "410"])
def test_un_webhook_qui_echoue_des_jours_est_arrete_et_son_proprietaire_prevenu(
    base, client_de, recepteur, servir, de_la_caisse, cause
):
    agent, webhook = de_la_caisse
    chemin, adresse = f"/v1/webhooks/{webhook['id']}", "file@cpam-orne.example"
    recepteur.humeur = lambda appel: 410 if cause == "410" else 500
    if cause != "410":
        base.ecrire(
            "UPDATE webhooks SET en_echec_depuis = now() - interval '73 hours' WHERE id = :i", i=webhook["id"]
        )
    client_de("t-cias").deposer(caisse="611")
    servir()
    servir()
    assert agent.get(chemin).json()["actif"] is False
    annonces = [m for m in courriers(adresse) if webhook["id"] in m.get_content()]
    assert len(annonces) == 1
    recepteur.appels.clear()
    client_de("t-cias").deposer(caisse="611")
    avancer(base, webhook)
    servir()
    assert recepteur.appels == []
    recepteur.humeur = lambda appel: 204
    essai = agent.post(f"{chemin}/test")
    assert essai.status_code == 202
    servir()
    assert [a.corps["type"] for a in recepteur.appels] == ["webhook.test"]
    assert agent.patch(chemin, {"actif": True}).json()["en_echec_depuis"] is None
    nouvelle = client_de("t-cias").deposer(caisse="611")
    servir()
    assert [a.corps["data"].get("ressource_id") for a in recepteur.appels] == [None, nouvelle["id"]]
    actes = [a for (a,) in base.lignes("SELECT action FROM journal WHERE ressource_id = :i", i=webhook["id"])]
    assert {"webhook.desactive", "webhook.essaye", "webhook.modifie"} <= set(actes)


def test_l_essai_dit_ce_qu_il_en_est_sans_nouvel_essai(recepteur, servir, de_la_caisse):
    agent, webhook = de_la_caisse
    for humeur, attendu in ((204, ("livree", 204, None)), (500, ("abandonnee", 500, "reponse"))):
        recepteur.humeur = lambda appel, humeur=humeur: humeur
        assert agent.post(f"/v1/webhooks/{webhook['id']}/test").json()["type"] == "webhook.test"
        servir()
        lue = livraisons(agent, webhook)[0]
        assert (lue["statut"], lue["code_http"], lue["echec"]) == attendu
    assert recepteur.appels[0].corps["data"] == {"webhook_id": webhook["id"]}
    recepteur.appels[0].verifier(webhook["secret"])


def test_une_redirection_n_est_pas_suivie(recepteur, servir, de_la_caisse):
    agent, webhook = de_la_caisse
    recepteur.humeur = lambda appel: (302, {"Location": recepteur.url + "/ailleurs"})
    agent.post(f"/v1/webhooks/{webhook['id']}/test")
    servir()
    assert livraisons(agent, webhook)[0]["echec"] == "redirection"
    assert [a.chemin for a in recepteur.appels] == ["/evenements"]


def test_pendant_la_rotation_les_deux_secrets_signent_puis_le_nouveau_seul(
    base, recepteur, servir, de_la_caisse
):
    agent, webhook = de_la_caisse
    chemin = f"/v1/webhooks/{webhook['id']}"
    assert agent.post(f"{chemin}/rotation-secret", If_Match='"9"').status_code == 412
    tourne = agent.post(f"{chemin}/rotation-secret", If_Match='"1"').json()
    assert tourne["secret"] != webhook["secret"]
    assert tourne["ancien_jusqua"]
    agent.post(f"{chemin}/test")
    servir()
    for secret in (webhook["secret"], tourne["secret"]):
        recepteur.appels[-1].verifier(secret)
    base.ecrire(
        "UPDATE webhooks SET ancien_jusqua = now() - interval '1 second' WHERE id = :i", i=webhook["id"]
    )
    agent.post(f"{chemin}/test")
    servir()
    recepteur.appels[-1].verifier(tourne["secret"])
    with pytest.raises(WebhookVerificationError):
        recepteur.appels[-1].verifier(webhook["secret"])


def test_un_webhook_se_modifie_et_se_supprime(recepteur, servir, client_de, de_la_caisse):
    agent, webhook = de_la_caisse
    chemin = f"/v1/webhooks/{webhook['id']}"
    modifie = agent.patch(chemin, {"evenements": ["convention.*"]}, If_Match='"1"')
    assert (modifie.json()["evenements"], modifie.headers["etag"]) == (["convention.*"], '"2"')
    assert agent.patch(chemin, {"actif": False}, If_Match='"1"').status_code == 412
    client_de("t-cias").deposer(caisse="611")
    servir()
    assert recepteur.appels == []
    agent.post(f"{chemin}/test")
    assert agent.appel("DELETE", chemin).status_code == 204
    servir()
    assert recepteur.appels == []
    for reste in (agent.get(chemin), agent.get(f"{chemin}/livraisons"), agent.appel("DELETE", chemin)):
        assert reste.status_code == 404


@pytest.mark.parametrize(
    ("changement", "champ"),
    [
        ({"url": "ftp://exemple.fr/"}, "/url"),
        ({"url": "https://u:p@exemple.fr/"}, "/url"),
        ({"url": "http://10.0.0.1/"}, "/url"),
        ({"evenements": ["demande.inconnue"]}, "/evenements/0"),
        ({"evenements": ["inconnu.*"]}, "/evenements/0"),
        ({"evenements": []}, "/evenements"),
        ({"secret": "whsec_x"}, "/secret"),
        ({"partenaire_id": "01981f6e-0000-7000-8000-00000000dead"}, "/partenaire_id"),
    ],
)
def test_un_webhook_mal_decrit_est_refuse_a_sa_place(client_de, recepteur, changement, champ):
    corps = {"url": recepteur.url, "evenements": TOUT} | changement
    refus = client_de("a-orne").post("/v1/webhooks", corps)
    assert (refus.status_code, refus.json()["erreurs"][0]["champ"]) == (422, champ)


def test_hors_du_developpement_la_boucle_et_http_sont_refuses(client_de, recepteur, monkeypatch):
    monkeypatch.setattr(
        "app.webhooks.schemas.settings", lambda: SimpleNamespace(webhooks_allow_private=False)
    )
    for url in (recepteur.url, "http://exemple.fr/", "https://localhost/", "https://169.254.169.254/"):
        refus = client_de("a-orne").post("/v1/webhooks", {"url": url, "evenements": TOUT})
        assert (refus.status_code, refus.json()["erreurs"][0]["code"]) == (422, "ep_url")


def test_le_nombre_de_webhooks_est_borne(client_de, recepteur, monkeypatch, de_la_caisse):
    monkeypatch.setattr("app.webhooks.service.MAXIMUM", 1)
    refus = client_de("a-orne").post("/v1/webhooks", {"url": recepteur.url, "evenements": TOUT})
    assert (refus.status_code, refus.json()["code"], refus.json()["maximum"]) == (409, "trop-de-webhooks", 1)


def test_ni_technicien_ni_administrateur_n_ont_de_webhook_et_un_etranger_ne_le_trouve_pas(
    client_de, recepteur, de_la_caisse
):
    _, webhook = de_la_caisse
    for nom in ("t-cias", "n-operateur"):
        assert client_de(nom).get("/v1/webhooks").status_code == 403
        refus = client_de(nom).post("/v1/webhooks", {"url": recepteur.url, "evenements": TOUT})
        assert refus.status_code == 403
    for nom in ("g-cias", "a-calvados"):
        assert client_de(nom).get(f"/v1/webhooks/{webhook['id']}").status_code == 404
        assert webhook["id"] not in client_de(nom).get("/v1/webhooks").text


def test_la_livraison_d_un_autre_webhook_ne_se_rejoue_pas(client_de, recepteur, servir, ferme, de_la_caisse):
    agent, webhook = de_la_caisse
    autre = creer(agent, recepteur, ["convention.*"])
    ferme.append((agent, autre))
    agent.post(f"/v1/webhooks/{webhook['id']}/test")
    servir()
    (essai,) = livraisons(agent, webhook)
    rejeu = agent.post(f"/v1/webhooks/{autre['id']}/livraisons/{essai['id']}/rejeu")
    assert (rejeu.status_code, rejeu.json()["code"]) == (404, "introuvable")


def test_le_corps_signe_est_celui_qui_part(recepteur, servir, de_la_caisse):
    """An accent or a separator re-encoded on the way would break every receiver."""
    agent, webhook = de_la_caisse
    agent.post(f"/v1/webhooks/{webhook['id']}/test")
    servir()
    appel = recepteur.appels[0]
    assert json.dumps(appel.corps, ensure_ascii=False, separators=(",", ":")) == appel.brut
