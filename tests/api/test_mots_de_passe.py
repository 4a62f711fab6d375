"""Art. 2.2.1, 4.1: choosing, changing, forgetting a password; the links; the renewal."""

import asyncio
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email import message_from_bytes

import pytest
import sqlalchemy as sa

from app.comptes import jobs
from app.config import settings
from app.kit.mail import mailbox
from app.kit.session import database
from tests.api.courrier import courriers, jeton_de, ouvrir_un_compte, travailler
from tests.outils import EMPREINTE, MOT_DE_PASSE, Client, connexion

NOUVEAU = "Trois bouleaux près du lavoir"
AUTRES = [f"{mots} du lavoir" for mots in (
    "Quatre saules bleus", "Cinq pommiers ronds", "Six noyers penchés", "Sept tilleuls graves",
    "Huit charmes tordus", "Neuf cormiers rouges", "Dix peupliers minces",
)]  # fmt: skip


@pytest.fixture
def attente(client_de, api):
    return lambda: ouvrir_un_compte(client_de, api)


@pytest.fixture
def compte(fabrique, base):
    """An active account of its own, signed in: (id, identifiant, client)."""

    def ouvrir(api):
        identifiant = fabrique.compte("agent_caisse", caisse="611")
        id_ = base.valeur("SELECT id FROM comptes WHERE identifiant = :i", i=identifiant)
        return id_, identifiant, Client.connecte(api, identifiant)

    return ouvrir


def lien_de_reinitialisation(api, identifiant):
    assert api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant}).status_code == 202
    travailler(api)
    return jeton_de(courriers(f"{identifiant}@essai.example")[-1], "reinitialisation")


def activer(api, jeton, mot_de_passe=NOUVEAU):
    return api.post(f"/v1/activations/{jeton}", json={"mot_de_passe": mot_de_passe})


def reinitialiser(api, jeton, mot_de_passe=NOUVEAU):
    return api.post(f"/v1/reinitialisations/{jeton}", json={"mot_de_passe": mot_de_passe})


def changer(client, actuel=MOT_DE_PASSE, nouveau=NOUVEAU):
    return client.put("/v1/moi/mot-de-passe", {"actuel": actuel, "nouveau": nouveau})


# --- activation


@pytest.mark.regle("2.2.1-3")
def test_le_titulaire_choisit_son_mot_de_passe_par_le_lien(api, attente, base):
    id_, identifiant, adresse, jeton = attente()
    assert connexion(api, identifiant, NOUVEAU).json()["code"] == "identifiants-invalides"
    reponse = activer(api, jeton)
    assert (reponse.status_code, reponse.content) == (204, b"")
    client = Client.connecte(api, identifiant, NOUVEAU)
    moi = client.get("/v1/moi").json()["compte"]
    assert (moi["statut"], bool(moi["active_le"])) == ("actif", True)
    types = base.lignes("SELECT type FROM evenements WHERE ressource_id = :i ORDER BY numero", i=id_)
    assert [type_ for (type_,) in types] == ["compte.cree", "compte.active"]
    acteur = base.valeur(
        "SELECT acteur_id::text FROM journal WHERE ressource_id = :i AND action = 'compte.active'", i=id_
    )
    assert acteur == id_
    assert activer(api, jeton).json()["code"] == "lien-invalide"  # once
    assert len(courriers(adresse)) == 1


@pytest.mark.regle("2.2.1-3")
def test_deux_activations_au_meme_instant_une_seule_gagne(api, attente, base):
    id_, identifiant, _, jeton = attente()
    essais = [f"{NOUVEAU} numéro {rang}" for rang in ("un", "deux", "trois", "quatre", "cinq", "six")]
    with ThreadPoolExecutor(len(essais)) as fils:
        statuts = list(fils.map(lambda essai: activer(api, jeton, essai).status_code, essais))
    assert sorted(statuts) == [204] + [404] * (len(essais) - 1)
    gagnant = essais[statuts.index(204)]
    assert connexion(api, identifiant, gagnant).status_code == 200
    assert (
        base.valeur("SELECT count(*) FROM evenements WHERE ressource_id=:i AND type='compte.active'", i=id_)
        == 1
    )


@pytest.mark.regle("2.2.1-3")
def test_un_lien_inconnu_expire_d_une_autre_nature_ou_remplace_recoit_la_meme_reponse(api, attente, base):
    id_, _, _, jeton = attente()
    reponses = [activer(api, "inconnu"), reinitialiser(api, jeton)]
    api.portal.call(jobs.envoyer_activation, id_)  # again: a retry, or a « renvoi »
    reponses.append(activer(api, jeton))
    base.ecrire("UPDATE liens SET expire_le = now() + interval '1 hour' WHERE compte_id = :i", i=id_)
    assert activer(api, jeton, "court").json()["code"] == "mot-de-passe-faible"  # nothing else was wrong
    base.ecrire("UPDATE liens SET expire_le = now() - interval '1 second' WHERE compte_id = :i", i=id_)
    reponses.append(activer(api, jeton))
    base.ecrire("UPDATE liens SET expire_le = now() + interval '1 hour' WHERE compte_id = :i", i=id_)
    base.ecrire("UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE id = :i", i=id_)
    reponses.append(activer(api, jeton))
    corps = [reponse.json() | {"instance": ""} for reponse in reponses]
    assert {reponse.status_code for reponse in reponses} == {404}
    assert corps == [corps[0]] * 5
    assert corps[0]["code"] == "lien-invalide"


def test_un_lien_ne_sert_qu_a_ce_pour_quoi_il_est_fait(api, attente, base):
    """Whatever the state of the account: a link to activate does not replace the password of an active one."""
    id_, _, _, jeton = attente()
    base.ecrire("UPDATE comptes SET statut = 'actif', mot_de_passe = :e WHERE id = :i", e=EMPREINTE, i=id_)
    assert reinitialiser(api, jeton).json()["code"] == "lien-invalide"


@pytest.mark.regle("2.2.1-3")
def test_un_nouvel_envoi_ne_laisse_qu_un_lien_valable(api, attente, base, monkeypatch):
    id_, _, adresse, premier = attente()

    async def panne(_):
        raise ConnectionRefusedError

    with monkeypatch.context() as sans_courrier:
        sans_courrier.setattr(jobs, "send", panne)
        with pytest.raises(ConnectionRefusedError):
            api.portal.call(jobs.envoyer_activation, id_)  # its link was made, its mail never left

    async def deux_a_la_fois():
        await asyncio.gather(jobs.envoyer_activation(id_), jobs.envoyer_activation(id_))

    api.portal.call(deux_a_la_fois)
    valables = "SELECT count(*) FROM liens WHERE compte_id = :i AND utilise_le IS NULL AND expire_le > now()"
    assert base.valeur(valables, i=id_) == 1
    recus = [jeton_de(mail, "activation") for mail in courriers(adresse)]
    assert premier == recus[0]
    assert sorted(activer(api, jeton).status_code for jeton in recus) == [204, 404, 404]


def test_un_mot_de_passe_refuse_ne_consomme_pas_le_lien(api, attente):
    *_, jeton = attente()
    refus = activer(api, jeton, "Bérengère-Quesnel!")
    assert (refus.status_code, refus.json()["code"]) == (422, "mot-de-passe-faible")
    assert [regle["code"] for regle in refus.json()["regles"]] == ["construit_sur_un_nom"]
    assert activer(api, jeton).status_code == 204


# --- rules


@pytest.mark.regle("2.2.1-4")
@pytest.mark.parametrize(
    ("mot_de_passe", "regles"),
    [
        ("bouleau lavoir", ["trop_court"]),
        ("bouleau lavoir " * 9, ["trop_long"]),
        ("Motdepasse2026!!", ["courant"]),
        ("ameli-assurance-maladie", ["construit_sur_le_service"]),
        ("camille.essai.2026", ["construit_sur_un_nom"]),
        ("essai", ["trop_court", "courant", "construit_sur_un_nom"]),
        ("abcdefghijklmnop1234", ["devinable"]),
        ("111222333444555666", ["devinable"]),
        ("Printemps2026Printemps2026", ["courant"]),
        (MOT_DE_PASSE, ["deja_utilise"]),
    ],
)
def test_un_mot_de_passe_faible_est_refuse_avec_ses_regles(api, compte, mot_de_passe, regles):
    _, identifiant, client = compte(api)
    refus = changer(client, nouveau=mot_de_passe)
    assert (refus.status_code, refus.json()["code"]) == (422, "mot-de-passe-faible")
    assert [regle["code"] for regle in refus.json()["regles"]] == regles
    assert all(regle["message"] for regle in refus.json()["regles"])
    assert mot_de_passe not in refus.text
    assert connexion(api, identifiant, MOT_DE_PASSE).status_code == 200  # nothing changed


@pytest.mark.regle("2.2.1-4")
def test_les_derniers_mots_de_passe_ne_reviennent_pas(api, compte, base):
    id_, identifiant, client = compte(api)
    suite = [MOT_DE_PASSE, *AUTRES]
    for ancien, nouveau in itertools.pairwise(suite):
        assert changer(client, ancien, nouveau).status_code == 204
        client = Client.connecte(api, identifiant, nouveau)
    for interdit in suite[-6:]:  # the current one and the five before it
        (regle,) = changer(client, suite[-1], interdit).json()["regles"]
        assert regle["code"] == "deja_utilise"
    assert base.valeur("SELECT count(*) FROM anciens_mots_de_passe WHERE compte_id = :i", i=id_) == 5
    assert changer(client, suite[-1], suite[-7]).status_code == 204


def test_les_memes_touches_donnent_le_meme_mot_de_passe(api, compte):
    """NFKC: what one machine composes, another sends in two code points."""
    _, identifiant, client = compte(api)
    assert changer(client, nouveau="le cafe\u0301 du lavoir bleu").status_code == 204
    assert connexion(api, identifiant, "le caf\u00e9 du lavoir bleu").status_code == 200
    assert connexion(api, identifiant, "\ufdfa" * 2000).json()["code"] == "identifiants-invalides"


@pytest.mark.regle("5-2")
def test_un_nir_n_est_pas_un_mot_de_passe(api, compte):
    _, _, client = compte(api)
    refus = changer(client, nouveau="bouleau 2 51 05 61 001 234 10 lavoir")
    assert refus.json()["code"] == "nir-interdit"


# --- change


@pytest.mark.regle("4.1-1")
@pytest.mark.regle("2.2.1-4")
def test_changer_ferme_toutes_les_sessions_et_previent(api, compte, base):
    id_, identifiant, client = compte(api)
    autre = Client.connecte(api, identifiant)
    reponse = changer(client)
    assert (reponse.status_code, reponse.content) == (204, b"")
    for ferme in (client, autre):
        assert ferme.get("/v1/moi").json()["code"] == "jeton-invalide"
        corps = {"grant_type": "refresh_token", "refresh_token": ferme.rafraichissement}
        assert api.post("/v1/oauth/token", data=corps).json()["code"] == "jeton-invalide"
    assert connexion(api, identifiant, MOT_DE_PASSE).json()["code"] == "identifiants-invalides"
    assert connexion(api, identifiant, NOUVEAU).status_code == 200
    lignes = base.lignes("SELECT acteur_id, ressource_id FROM journal WHERE action = 'mot_de_passe.change'")
    assert (id_, str(id_)) in [tuple(ligne) for ligne in lignes]
    travailler(api)
    (mail,) = courriers(f"{identifiant}@essai.example")
    assert mail["Subject"] == "Espace Partenaires : votre mot de passe a été changé"
    assert not re.search(rf"http|{identifiant}|Camille|Essai\b", mail.get_content())


@pytest.mark.regle("4.1-1")
def test_une_connexion_en_cours_avec_l_ancien_ne_survit_pas_au_changement(api, compte):
    _, identifiant, client = compte(api)
    with ThreadPoolExecutor(8) as fils:
        entrees = [fils.submit(connexion, api, identifiant, MOT_DE_PASSE) for _ in range(4)]
        change = fils.submit(changer, client)
        entrees += [fils.submit(connexion, api, identifiant, MOT_DE_PASSE) for _ in range(8)]
    assert change.result().status_code == 204
    assert {entree.result().status_code for entree in entrees} <= {200, 400}
    ouvertes = [r.json()["access_token"] for r in (e.result() for e in entrees) if r.status_code == 200]
    assert {Client(api, jeton).get("/v1/moi").status_code for jeton in ouvertes} <= {401}


def test_un_mot_de_passe_actuel_incorrect_est_refuse_et_compte_comme_un_echec(api, compte, freine):
    _, identifiant, client = compte(api)
    for _ in range(5):
        refus = changer(client, actuel="ce n'est pas le bon du tout")
        assert (refus.status_code, refus.json()["code"]) == (403, "mot-de-passe-incorrect")
    freinee = changer(client)  # the right one: too late
    assert (freinee.status_code, freinee.json()["code"]) == (429, "trop-de-requetes")
    assert 0 < int(freinee.headers["retry-after"]) <= 30
    ailleurs = {"grant_type": "password", "username": identifiant, "password": MOT_DE_PASSE}
    autre = api.post("/v1/oauth/token", data=ailleurs, headers={"User-Agent": "inconnu/1"})
    assert autre.status_code == 429  # the same throttle, for a device that the account does not know


@pytest.fixture
def freine(base, monkeypatch):
    """The throttles on, as in production."""
    monkeypatch.setenv("EP_RATE_LIMIT", "on")
    settings.cache_clear()
    base.ecrire("DELETE FROM echecs_connexion")  # every test calls from the same address
    yield
    monkeypatch.undo()
    settings.cache_clear()
    base.ecrire("DELETE FROM echecs_connexion")


def test_une_application_n_a_pas_de_mot_de_passe(api, demo):
    application = next(a for a in demo["applications"] if a["caisse"] == "611")
    corps = {"grant_type": "client_credentials", "client_id": application["client_id"]}
    jeton = api.post("/v1/oauth/token", data=corps | {"client_secret": application["client_secret"]}).json()
    client = Client(api, jeton["access_token"])
    assert changer(client).json()["code"] == "permission-refusee"


# --- forgotten


@pytest.mark.regle("2.2.1-4")
@pytest.mark.regle("4.1-1")
def test_un_mot_de_passe_oublie_se_remplace_par_le_lien(api, compte, base):
    id_, identifiant, client = compte(api)
    jeton = lien_de_reinitialisation(api, identifiant)
    assert client.get("/v1/moi").status_code == 200  # asking changes nothing
    assert activer(api, jeton).json()["code"] == "lien-invalide"
    dernier = lien_de_reinitialisation(api, identifiant)
    assert reinitialiser(api, jeton).json()["code"] == "lien-invalide"
    assert reinitialiser(api, dernier, MOT_DE_PASSE).json()["regles"][0]["code"] == "deja_utilise"
    assert reinitialiser(api, dernier).status_code == 204
    assert reinitialiser(api, dernier, AUTRES[0]).json()["code"] == "lien-invalide"
    assert client.get("/v1/moi").json()["code"] == "jeton-invalide"
    assert connexion(api, identifiant, NOUVEAU).status_code == 200
    actions = base.lignes("SELECT action FROM journal WHERE ressource_id = :i", i=str(id_))
    assert ("mot_de_passe.reinitialise",) in [tuple(ligne) for ligne in actions]
    travailler(api)
    assert "a été changé" in courriers(f"{identifiant}@essai.example")[-1]["Subject"]


def test_un_changement_perime_le_lien_qui_attendait(api, compte):
    _, identifiant, client = compte(api)
    jeton = lien_de_reinitialisation(api, identifiant)
    assert changer(client).status_code == 204
    assert reinitialiser(api, jeton, AUTRES[0]).json()["code"] == "lien-invalide"


@contextmanager
def requetes():
    """The statements sent to the database, without their values."""
    vues = []

    def noter(_connexion, _curseur, sql, *_):
        vues.append(sql)

    moteur = database().engine.sync_engine
    sa.event.listen(moteur, "before_cursor_execute", noter)
    yield vues
    sa.event.remove(moteur, "before_cursor_execute", noter)


@pytest.mark.regle("4.1-1")
def test_un_identifiant_inconnu_suit_le_meme_chemin_et_personne_n_est_prevenu(api, compte, base, fabrique):
    _, connu, _ = compte(api)
    inactif = fabrique.compte("agent_caisse", caisse="611")
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i", i=inactif
    )
    en_file = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'comptes.envoyer_reinitialisation'"
    traces = []
    for identifiant in (connu, "a-personne", inactif):
        avant = base.valeur(en_file)
        with requetes() as vues:
            reponse = api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant})
        assert base.valeur(en_file) == avant + 1
        entetes = {k: v for k, v in reponse.headers.items() if k != "x-request-id"}
        traces.append((reponse.status_code, reponse.content, entetes, vues))
    assert traces == [traces[0]] * 3
    assert traces[0][:2] == (202, b"")
    arrives = set(mailbox().glob("*.eml"))
    travailler(api)
    nouveaux = [message_from_bytes(f.read_bytes())["To"] for f in set(mailbox().glob("*.eml")) - arrives]
    assert nouveaux.count(f"{connu}@essai.example") == 1
    assert f"{inactif}@essai.example" not in nouveaux


@pytest.mark.parametrize("identifiant", ["a-\0", "", "a" * 65, 12, None])
def test_ce_qui_ne_peut_pas_etre_un_identifiant_est_refuse(api, identifiant):
    assert (
        api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant}).json()["code"]
        == "validation"
    )


def test_une_boite_n_est_pas_inondee(api, compte, base, freine):
    _, identifiant, _ = compte(api)
    for _ in range(5):
        assert api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant}).status_code == 202
    travailler(api)
    assert len(courriers(f"{identifiant}@essai.example")) == 3


# --- renewal


@pytest.mark.regle("2.2.1-4")
def test_passe_l_intervalle_la_connexion_ne_permet_que_de_changer(api, compte, base):
    _, identifiant, ouvert = compte(api)
    jours = settings().password_days
    vieillir = f"UPDATE comptes SET mot_de_passe_change_le = now() - interval '{jours} days' - interval '%s'"
    base.ecrire(vieillir % "0 days" + " WHERE identifiant = :i", i=identifiant)
    assert ouvert.get("/v1/demandes").status_code == 200  # the last day
    base.ecrire(vieillir % "1 day" + " WHERE identifiant = :i", i=identifiant)
    assert ouvert.get("/v1/demandes").json()["code"] == "mot-de-passe-expire"  # a token of before, too
    corps = connexion(api, identifiant, MOT_DE_PASSE).json()
    assert corps["scope"] == "mot_de_passe"
    client = Client(api, corps["access_token"])
    for chemin in ("/v1/demandes", "/v1/partenaires", "/v1/agents", "/v1/nomenclatures", "/v1/caisses"):
        assert (client.get(chemin).status_code, client.get(chemin).json()["code"]) == (
            403,
            "mot-de-passe-expire",
        )
    assert client.get("/v1/moi").json()["mot_de_passe"]["expire_le"]
    assert "mot_de_passe.changer" in client.get("/v1/moi").json()["permissions"]
    assert changer(client, nouveau=MOT_DE_PASSE).json()["regles"][0]["code"] == "deja_utilise"
    assert changer(client).status_code == 204
    neuf = connexion(api, identifiant, NOUVEAU).json()
    assert "demandes:lire" in neuf["scope"].split()
    assert Client(api, neuf["access_token"]).get("/v1/demandes").status_code == 200


# --- nothing comes back


@pytest.mark.regle("4.1-1")
def test_ni_mot_de_passe_ni_empreinte_ni_lien_ne_ressort(api, attente, base, caplog, capfd):
    caplog.set_level("DEBUG")
    id_, identifiant, adresse, activation = attente()
    faible = "Quesnel-Bérengère-61"
    page = f"/activation/{activation}"
    reponses = [
        api.get(page),
        api.post(page, data={"mot_de_passe": faible, "confirmation": faible}),
        api.post(page, data={"mot_de_passe": NOUVEAU, "confirmation": AUTRES[0]}),
        activer(api, activation, faible),
        activer(api, activation),
        activer(api, activation),
        api.get(page),
    ]
    client = Client.connecte(api, identifiant, NOUVEAU)
    client.post("/v1/moi/cgu", {"version": client.get("/v1/cgu").json()["version"]})
    client = Client.connecte(api, identifiant, NOUVEAU)
    api.post("/v1/mots-de-passe-oublies", json={"identifiant": identifiant})
    travailler(api)
    reinitialisation = jeton_de(courriers(adresse)[-1], "reinitialisation")
    reponses += [
        client.get("/v1/moi"),
        client.get(f"/v1/agents/{id_}"),
        client.get("/v1/agents"),
        changer(client, faible, AUTRES[0]),
        changer(client, NOUVEAU, faible),
        changer(client, NOUVEAU, AUTRES[0]),
        reinitialiser(api, reinitialisation, AUTRES[1]),
        api.put("/v1/moi/mot-de-passe", json={"actuel": [AUTRES[2]], "nouveau": AUTRES[3], AUTRES[4]: 1}),
    ]
    travailler(api)
    empreintes = [e for (e,) in base.lignes("SELECT empreinte FROM liens WHERE compte_id = :i", i=id_)]
    empreintes += [base.valeur("SELECT mot_de_passe FROM comptes WHERE id = :i", i=id_)]
    interdits = [faible, NOUVEAU, *AUTRES, activation, reinitialisation, *empreintes, "$argon2"]
    journaux = repr([r.__dict__ for r in caplog.records if r.name != "httpx2"]) + "".join(capfd.readouterr())
    lieux = {"réponses": "".join(r.text + repr(r.headers) for r in reponses), "logs": journaux}
    for table in ("evenements", "journal", "procrastinate_jobs", "procrastinate_events"):
        lieux[table] = repr(base.lignes(f"SELECT * FROM {table}"))
    assert "/activation/{jeton}" in journaux  # the logs were read
    assert [
        (lieu, rang) for lieu, texte in lieux.items() for rang, i in enumerate(interdits) if i in texte
    ] == []
