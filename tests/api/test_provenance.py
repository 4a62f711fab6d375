"""From where one signs in: the territory (3.1-4), new devices, and what is written of it (art. 4.1)."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from app import cycle_de_vie
from app.config import settings
from app.kit.clock import today
from tests.api.courrier import courriers, travailler
from tests.outils import MOT_DE_PASSE, Client, connexion

FRANCE, REUNION, NORVEGE, MAROC, SANS_PAYS = "2.2.2.2", "4.4.4.4", "5.5.5.5", "6.6.6.6", "9.9.9.9"
FRANCE_V6 = "2a01:e0a::1"
PAYS = {"2.2.2.0/24": "FR", "4.4.4.0/24": "RE", "5.5.5.0/24": "NO", "6.6.0.0/16": "MA", "2a01:e0a::/32": "FR"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{}) Gecko/20100101 Firefox/{}"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def ecrire_pays(chemin):
    """A file of countries as MaxMind's, of a few invented networks."""
    base = MMDBWriter(ip_version=6, database_type="Essai-Country", ipv4_compatible=True)
    for reseau, code in PAYS.items():
        base.insert_network(IPSet([reseau]), {"country": {"iso_code": code}})
    base.insert_network(IPSet(["9.9.9.0/24"]), {"continent": {"code": "EU"}})
    base.to_db_file(str(chemin))
    return chemin


@pytest.fixture(scope="module")
def fichier(tmp_path_factory):
    return ecrire_pays(tmp_path_factory.mktemp("pays") / "pays.mmdb")


@pytest.fixture
def reglage(monkeypatch, fichier) -> Callable[[str], None]:
    def regler(valeur: str, **autres) -> None:
        choisi = settings().model_copy(update={"geoip_db": fichier, "europe": valeur} | autres)
        for module in ("origine", "pays", "appareils"):
            monkeypatch.setattr(f"app.provenance.{module}.settings", lambda: choisi)

    return regler


@pytest.fixture
def depuis(api, monkeypatch) -> Iterator[Callable[..., None]]:
    """Make the next calls come from an address, with a software."""
    agent = api.headers["user-agent"]

    def placer(adresse: str, logiciel: str = agent) -> None:
        monkeypatch.setattr(api._transport, "client", (adresse, 50000))
        api.headers["user-agent"] = logiciel

    yield placer
    api.headers["user-agent"] = agent


def actions(base, identifiant: str) -> list[str]:
    """The journal of an account, oldest first."""
    return [
        action
        for (action,) in base.lignes(
            "SELECT action FROM journal WHERE ressource_id ="
            " (SELECT id::text FROM comptes WHERE identifiant = :i) ORDER BY numero",
            i=identifiant,
        )
    ]


def hors_europe(base, identifiant: str) -> list[str]:
    return [
        caisse
        for (caisse,) in base.lignes(
            "SELECT caisse FROM evenements WHERE type = 'connexion.hors_europe' AND ressource_id ="
            " (SELECT id::text FROM comptes WHERE identifiant = :i) ORDER BY numero",
            i=identifiant,
        )
    ]


@pytest.mark.regle("3.1-4")
@pytest.mark.parametrize(
    "adresse", [FRANCE, REUNION, NORVEGE, FRANCE_V6, "::ffff:2.2.2.2", "10.0.0.7", "::1", "?"]
)
def test_du_territoire_ou_d_un_reseau_prive_rien_n_est_signale(api, base, fabrique, reglage, depuis, adresse):
    technicien = fabrique.structure().techniciens[0]
    depuis(adresse)
    for valeur in ("signaler", "refuser"):
        reglage(valeur)
        assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, technicien) == []


@pytest.mark.regle("3.1-4")
@pytest.mark.parametrize("adresse", [MAROC, "::ffff:6.6.6.6", SANS_PAYS])
def test_hors_du_territoire_la_caisse_est_prevenue_une_fois_par_jour(
    api, base, fabrique, reglage, depuis, adresse
):
    structure = fabrique.structure(gestionnaires=1)
    fabrique.convention(structure.id, "141")
    technicien = structure.techniciens[0]
    reglage("signaler")
    depuis(adresse)
    travailler(api)
    avant = {c: len(courriers(f"file@cpam-{c}.example")) for c in ("orne", "calvados")}
    jetons = connexion(api, technicien, MOT_DE_PASSE).json()
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    assert sorted(hors_europe(base, technicien)) == ["141", "611"]
    assert actions(base, technicien).count("connexion.hors_europe") == 2
    travailler(api)
    for caisse, vus in avant.items():
        (mail,) = courriers(f"file@cpam-{caisse}.example")[vus:]
        assert mail["Subject"] == "Espace Partenaires : connexion hors du territoire européen"
        assert technicien in mail.get_content()
        assert "Camille" not in mail.as_string()
        assert adresse not in mail.as_string()
    assert Client(api, jetons["access_token"]).get("/v1/moi").status_code == 200


@pytest.mark.regle("3.1-4")
def test_un_agent_hors_du_territoire_est_signale_a_sa_caisse_seule(api, base, fabrique, reglage, depuis):
    agent = fabrique.compte("agent_caisse", caisse="141")
    reglage("signaler")
    depuis(MAROC)
    assert connexion(api, agent, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, agent) == ["141"]


@pytest.mark.regle("3.1-4")
def test_refuse_hors_du_territoire_meme_avec_le_bon_mot_de_passe(api, base, fabrique, reglage, depuis):
    technicien = fabrique.structure().techniciens[0]
    reglage("refuser")
    depuis(MAROC)
    for identifiant in (technicien, f"t-{uuid.uuid4().hex[:8]}"):
        for mot_de_passe in (MOT_DE_PASSE, "faux"):
            reponse = connexion(api, identifiant, mot_de_passe)
            assert (reponse.status_code, reponse.json()["error"]) == (400, "access_denied")
            assert reponse.json()["code"] == "hors-europe"
    assert actions(base, technicien) == ["connexion.hors_europe"] * 2
    depuis(SANS_PAYS)  # nobody knows where: told, not refused
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, technicien) == ["611"]


@pytest.mark.regle("3.1-4")
def test_une_session_qui_sort_du_territoire_est_signalee_ou_refusee(api, base, fabrique, reglage, depuis):
    technicien = fabrique.structure().techniciens[0]
    reglage("signaler")
    depuis(FRANCE)
    jeton = connexion(api, technicien, MOT_DE_PASSE).json()["refresh_token"]

    def rafraichir(jeton: str):
        return api.post("/v1/oauth/token", data={"grant_type": "refresh_token", "refresh_token": jeton})

    depuis(MAROC)
    jeton = rafraichir(jeton).json()["refresh_token"]
    jeton = rafraichir(jeton).json()["refresh_token"]
    assert hors_europe(base, technicien) == ["611"]
    reglage("refuser")
    reponse = rafraichir(jeton)
    assert (reponse.status_code, reponse.json()["code"]) == (400, "hors-europe")
    depuis(FRANCE)
    assert rafraichir(jeton).status_code == 200  # back home, the same session goes on


@pytest.mark.regle("3.1-4")
def test_sans_fichier_la_regle_est_coupee_et_cela_se_voit(api, base, fabrique, reglage, depuis):
    technicien = fabrique.structure().techniciens[0]
    depuis(MAROC)
    reglage("refuser", geoip_db=None)
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, technicien) == []
    assert api.get("/health/ready").json()["territoire"] == "off"
    reglage("off")
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, technicien) == []
    for valeur in ("signaler", "refuser"):
        reglage(valeur)
        assert api.get("/health/ready").json()["territoire"] == valeur


def test_un_fichier_remplace_est_relu_et_un_fichier_abime_ne_ferme_rien(
    api, base, fabrique, reglage, depuis, fichier, tmp_path
):
    import os
    import shutil

    copie = tmp_path / "pays.mmdb"
    shutil.copy(fichier, copie)
    reglage("signaler", geoip_db=copie)
    depuis(MAROC)
    premier, second, troisieme = (fabrique.structure().techniciens[0] for _ in range(3))
    assert connexion(api, premier, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, premier) == ["611"]
    base_vide = MMDBWriter(ip_version=6, database_type="Essai", ipv4_compatible=True)
    base_vide.insert_network(IPSet(["6.6.6.0/24"]), {"country": {"iso_code": "FR"}})
    base_vide.to_db_file(str(tmp_path / "nouveau"))
    (tmp_path / "nouveau").replace(copie)
    os.utime(copie, ns=(1, 1))
    assert connexion(api, second, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, second) == []
    (tmp_path / "casse").write_bytes(b"ce n'est pas une base")
    (tmp_path / "casse").replace(copie)
    assert connexion(api, troisieme, MOT_DE_PASSE).status_code == 200
    assert hors_europe(base, troisieme) == []


@pytest.mark.regle("4.1-1")
def test_la_personne_apprend_une_connexion_depuis_un_nouvel_appareil(api, fabrique, reglage, depuis):
    technicien = fabrique.structure().techniciens[0]
    adresse = f"{technicien}@essai.example"
    reglage("signaler")
    depuis(FRANCE, FIREFOX.format(140, 140))
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    depuis("2.2.2.99", FIREFOX.format(141, 141))  # the same office, a newer version
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    travailler(api)
    assert courriers(adresse) == []  # the first is silent, the second is known
    depuis(FRANCE, EDGE)
    for _ in range(2):
        assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    depuis(REUNION, FIREFOX.format(141, 141))
    assert connexion(api, technicien, MOT_DE_PASSE).status_code == 200
    travailler(api)
    edge, reunion = (mail.get_content() for mail in courriers(adresse))
    assert "avec Edge sous Windows, pays : FR." in edge
    assert "avec Firefox sous Linux, pays : RE." in reunion
    assert f"Le {today():%d/%m/%Y} à " in edge
    for texte in (edge, reunion):
        assert FRANCE not in texte
        assert "Mozilla" not in texte
        assert "Camille" not in texte


def test_le_nom_qu_un_logiciel_se_donne_n_entre_ni_dans_un_courriel_ni_dans_la_base(
    api, base, fabrique, depuis
):
    technicien = fabrique.structure().techniciens[0]
    depuis(FRANCE)
    connexion(api, technicien, MOT_DE_PASSE)
    depuis(FRANCE, "Xylobrenac/1.0 https://hameconnage.example")
    connexion(api, technicien, MOT_DE_PASSE)
    travailler(api)
    (mail,) = courriers(f"{technicien}@essai.example")
    assert "avec un logiciel métier." in mail.get_content()
    gardes = str(base.lignes("SELECT * FROM appareils"))
    for trace in ("ylobrenac", "hameconnage", FRANCE, "2.2.2"):
        assert trace not in mail.as_string()
        assert trace not in gardes


@pytest.mark.regle("4.1-1")
def test_chaque_connexion_est_journalisee_sans_nom(api, base, fabrique):
    technicien = fabrique.structure().techniciens[0]
    connexion(api, technicien, "faux")
    connexion(api, technicien, MOT_DE_PASSE)
    assert actions(base, technicien) == ["connexion.refusee", "connexion.reussie"]
    inconnu = f"t-{uuid.uuid4().hex[:8]}"
    connexion(api, inconnu, "faux")
    (ligne,) = base.lignes("SELECT * FROM journal ORDER BY numero DESC LIMIT 1")
    assert (ligne.action, ligne.acteur_id, ligne.role) == ("connexion.refusee", None, "systeme")
    assert inconnu not in str(ligne)
    assert base.valeur(
        "SELECT derniere_connexion_le IS NOT NULL FROM comptes WHERE identifiant = :i", i=technicien
    )


@pytest.mark.regle("4.1-1")
def test_la_personne_apprend_qu_un_jeton_copie_a_ferme_sa_session(api, fabrique):
    technicien = fabrique.structure().techniciens[0]
    jeton = connexion(api, technicien, MOT_DE_PASSE).json()["refresh_token"]
    demande = {"grant_type": "refresh_token", "refresh_token": jeton}
    assert [api.post("/v1/oauth/token", data=demande).status_code for _ in range(3)] == [200, 400, 400]
    travailler(api)
    (mail,) = courriers(f"{technicien}@essai.example")
    assert mail["Subject"] == "Espace Partenaires : une session a été fermée"


def test_un_appareil_est_oublie_apres_six_mois_ou_avec_son_compte(api, base, fabrique):
    structure = fabrique.structure(techniciens=3)
    for nom in structure.techniciens:
        assert connexion(api, nom, MOT_DE_PASSE).status_code == 200
    compte = "(SELECT id FROM comptes WHERE identifiant = :i)"
    ancien, inactif, garde = structure.techniciens
    base.ecrire(
        f"UPDATE appareils SET vu_le = :j WHERE compte_id = {compte}", i=ancien, j=today() - timedelta(200)
    )
    base.ecrire(
        "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i", i=inactif
    )
    api.portal.call(cycle_de_vie.vivre, today())

    def restants(nom: str) -> int:
        return base.valeur(f"SELECT count(*) FROM appareils WHERE compte_id = {compte}", i=nom)

    assert [restants(nom) for nom in (ancien, inactif, garde)] == [0, 0, 1]
