"""Commands, start, outages of the database, and a PostgreSQL of somebody else."""

import json
import os
import re
import signal
import time
from contextlib import ExitStack

import pytest

from tests.outils import un_signalement
from tests.serveur.machines import Serveur, cle, dossier_court, environnement, jusqua

PRODUCTION = {
    "EP_ENV": "production",
    "EP_DATABASE_URL": "postgresql://ep_application@db.example/ep",
    "EP_DATABASE_OWNER_URL": "postgresql://proprietaire@db.example/ep",
    "EP_SECRET_KEY": "s" * 48,
    "EP_SMTP_URL": "smtp://smtp.example:587?starttls=true",
    "EP_BASE_URL": "https://partenaires.example",
    "EP_RATE_LIMIT": "on",
    "EP_METRICS_TOKEN": "m" * 32,
    "EP_CLAMD_URL": "tcp://clamd.example:3310",
    "EP_STORAGE_KEYS": '["' + "k" * 48 + '"]',
    "EP_EUROPE": "off",
    "EP_WEBHOOKS_ALLOW_PRIVATE": "false",
}
IDENTITE = ["--civilite", "mme", "--nom", "Essai", "--prenom", "Aline", "--telephone", "0233800000"]


@pytest.mark.parametrize(
    ("reglage", "dangereux"),
    [
        ("EP_DATABASE_URL", ""),
        ("EP_DATABASE_OWNER_URL", ""),
        ("EP_DATABASE_OWNER_URL", PRODUCTION["EP_DATABASE_URL"]),
        ("EP_SECRET_KEY", ""),
        ("EP_SECRET_KEY", "court"),
        ("EP_SMTP_URL", ""),
        ("EP_BASE_URL", "http://partenaires.example"),
        ("EP_RATE_LIMIT", "off"),
        ("EP_PASSWORD_GRANT", "true"),
        ("EP_METRICS_TOKEN", ""),
        ("EP_CLAMD_URL", ""),
        ("EP_STORAGE_KEYS", "[]"),
        ("EP_STORAGE_KEYS", '["courte"]'),
        ("EP_EUROPE", "signaler"),
    ],
)
def test_la_production_refuse_un_reglage_dangereux_et_le_nomme(monkeypatch, reglage, dangereux):
    from pydantic import ValidationError

    from app.config import Settings

    for nom, valeur in (PRODUCTION | {reglage: dangereux}).items():
        monkeypatch.setenv(nom, valeur)
    with pytest.raises(ValidationError, match=f"unsafe in production: .*{reglage}") as refus:
        Settings()
    # pydantic shows the input it refused; nothing of it may be a secret in clear
    assert "s" * 48 not in str(refus.value)
    assert "m" * 32 not in str(refus.value)
    assert "k" * 48 not in str(refus.value)


def test_la_production_sure_est_acceptee(monkeypatch):
    from app.config import Settings

    for nom, valeur in PRODUCTION.items():
        monkeypatch.setenv(nom, valeur)
    assert Settings().production


def test_serve_et_demo_refusent_en_production(commande):
    refus = commande("serve", EP_ENV="production")
    assert refus.returncode == 1
    nommes = set(re.findall(r"EP_[A-Z_]+ (?=is|has)", refus.stderr))
    assert {nom.strip() for nom in nommes} >= {
        "EP_DATABASE_URL",
        "EP_SECRET_KEY",
        "EP_SMTP_URL",
        "EP_BASE_URL",
    }
    for mots in (("demo",), ("seed", "--demandes", "10")):
        refus = commande(*mots, **PRODUCTION)
        assert (refus.returncode, "Refused" in refus.stderr) == (1, True)


def test_le_contrat_s_imprime_en_yaml(commande):
    import yaml

    imprime = commande("openapi")
    assert imprime.returncode == 0, imprime.stderr
    assert "/v1/signalements" in yaml.safe_load(imprime.stdout)["paths"]


def test_demo_refuse_une_base_qui_n_est_pas_vide_et_migrer_deux_fois_ne_fait_rien(serveur):
    refus = serveur.commande("demo", "--json")
    assert (refus.returncode, refus.stdout) == (1, "")
    assert "not empty" in refus.stderr
    tables = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'i')"
    avant = serveur.valeur(tables)
    for _ in range(2):
        fait = serveur.commande("migrate")
        assert fait.returncode == 0, fait.stderr
    assert serveur.valeur(tables) == avant
    assert {c["role"] for c in serveur.demo["comptes"]} == {
        "administrateur",
        "agent_caisse",
        "gestionnaire",
        "technicien",
    }


def test_l_installation_se_peuple_par_les_commandes_et_les_liens_partent_par_courriel(serveur, courrier):
    faits = [
        serveur.commande(*mots)
        for mots in (
            [
                "caisse",
                "create",
                "--code",
                "501",
                "--nom",
                "CPAM de la Manche",
                "--departement",
                "50",
                "--email",
                "file@cpam-manche.example",
            ],
            ["agent", "create", "--caisse", "501", *IDENTITE, "--email", "aline.essai@cpam-manche.example"],
            ["admin", "create", *IDENTITE, "--email", "aline.essai@operateur.example"],
            ["keys", "rotate"],
        )
    ]
    assert [f.returncode for f in faits] == [0] * 4, [f.stderr for f in faits]
    for adresse in ("aline.essai@cpam-manche.example", "aline.essai@operateur.example"):
        lettre = jusqua(lambda a=adresse: next((m for m in courrier.recus if m["to"] == a), None))
        assert "/activation/" in lettre.get_content()
    sorties = "".join(f.stdout + f.stderr for f in faits)
    assert "/activation/" not in sorties
    refus = serveur.commande(
        "caisse", "create", "--code", "501", "--nom", "x", "--departement", "50", "--email", "non"
    )
    assert (refus.returncode, "Traceback" in refus.stderr) == (1, False)
    # The tokens of before the rotation live on; new ones are signed with the new key within a minute.
    assert serveur.client("t-cias").get("/v1/moi").status_code == 200
    assert serveur.valeur("SELECT count(*) FROM cles_signature WHERE retiree_le IS NULL") == 2


def test_la_boite_de_developpement_se_lit(commande, dossier):
    from email.message import EmailMessage

    boite = dossier / "mails"
    boite.mkdir()
    for rang in range(3):
        lettre = EmailMessage()
        lettre["To"], lettre["Subject"] = f"x{rang}@essai.example", f"Clôture {rang}"
        lettre.set_content(f"Bonjour à vous, lettre {rang}.\n")
        (boite / f"{rang}.eml").write_bytes(bytes(lettre))
    lue = commande("mails", "--last", "2")
    assert lue.returncode == 0, lue.stderr
    assert re.findall(r"Objet : Clôture (\d)", lue.stdout) == ["1", "2"]
    assert "Bonjour à vous, lettre 2." in lue.stdout


def test_seed_ajoute_du_volume_lisible_par_l_api(serveur):
    avant = serveur.valeur("SELECT count(*) FROM demandes")
    seme = serveur.commande("seed", "--demandes", "2000")
    assert seme.returncode == 0, seme.stderr
    assert "100%" in seme.stderr
    assert serveur.valeur("SELECT count(*) FROM demandes") == avant + 2000
    volume = "FROM demandes d JOIN partenaires p ON p.id = d.partenaire_id"
    assert (
        serveur.valeur(f"SELECT count(*) {volume} WHERE p.raison_sociale LIKE 'Structure de volume %%'") > 200
    )
    assert serveur.valeur("SELECT count(DISTINCT statut) FROM demandes") == 5
    sans = "NOT EXISTS (SELECT 1 FROM signalements s WHERE s.demande_id = d.id)"
    assert serveur.valeur(f"SELECT count(*) FROM demandes d WHERE type = 'signalement' AND {sans}") == 0
    connectables = "SELECT count(*) FROM comptes WHERE fonction = 'Volume' AND mot_de_passe IS NOT NULL"
    assert serveur.valeur(connectables) == 0
    page = serveur.client("a-orne").get("/v1/demandes?limite=200").json()
    assert len(page["donnees"]) == 200
    assert page["curseur_suivant"]


def test_les_mesures_de_deux_ouvriers_comptent_par_route_et_sans_identifiant(serveur):
    technicien = serveur.client("t-tutelle")
    demande = technicien.deposer()
    lire = 'ep_http_calls_total{method="GET",route="/v1/demandes/{id}",status="200"} '

    def lectures() -> float:
        texte = serveur.appel("GET", "/metrics").text
        return next(
            (float(ligne.removeprefix(lire)) for ligne in texte.splitlines() if ligne.startswith(lire)), 0
        )

    avant = lectures()
    for _ in range(12):
        assert technicien.get(f"/v1/demandes/{demande['id']}").status_code == 200
    assert lectures() == avant + 12
    technicien.get(f"/v1/{demande['reference']}/rien")
    texte = serveur.appel("GET", "/metrics").text
    assert 'route="/v1/oauth/token"' in texte
    assert re.search(r'ep_mails_total\{nature="demande"\} [1-9]', texte)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|SIG-|t-tutelle", texte)


@pytest.fixture(scope="module")
def chez_autrui(externe):
    """`serve` on a PostgreSQL of somebody else, whose owner is neither a superuser nor the application."""
    with ExitStack() as pile:
        dossier = pile.enter_context(dossier_court())
        installe = Serveur(environnement(dossier, EP_DATABASE_URL=externe.url()), dossier)
        fait = installe.commande("migrate")
        assert fait.returncode == 0, fait.stderr
        charge = installe.commande("demo", "--json")
        assert charge.returncode == 0, charge.stderr
        installe.demo = json.loads(charge.stdout)
        installe.demarrer()
        pile.callback(installe.arreter)
        yield installe


def test_un_postgresql_exterieur_sert_sous_le_role_de_l_application(chez_autrui, externe):
    if "15" not in str(externe.binaires):
        pytest.skip("PostgreSQL 15 n'est pas sur cette machine : version embarquée")
    version = chez_autrui.valeur("SHOW server_version_num")
    assert version.startswith("15")
    assert chez_autrui.commande("migrate").returncode == 0
    chez_autrui.client("t-cias").deposer()
    qui = chez_autrui.lignes(
        "SELECT usename, rolsuper OR rolbypassrls FROM pg_stat_activity JOIN pg_roles ON rolname = usename"
        " WHERE application_name = 'espace-partenaires'"
    )
    assert set(qui) == {("proprietaire", False)}
    pret = chez_autrui.appel("GET", "/health/ready").json()
    assert pret == {"statut": "pret", "base": True, "durable": True, "cloisonne": True, "territoire": "off"}
    assert not (chez_autrui.dossier / "postgres").exists()


def test_les_connexions_prennent_le_role_de_l_application(chez_autrui, monkeypatch):
    import asyncio

    from sqlalchemy import text

    from app.kit.db import APPLICATION_ROLE, create_engine

    async def qui() -> tuple[str, str, int]:
        moteur = create_engine(chez_autrui.env["EP_DATABASE_URL"], role=APPLICATION_ROLE)
        async with moteur.connect() as base:
            ligne = await base.execute(
                text("SELECT current_user, session_user, (SELECT count(*) FROM demandes)")
            )
            trouve = tuple(ligne.one())
        await moteur.dispose()
        return trouve

    assert asyncio.run(qui()) == ("ep_application", "proprietaire", 0)


def test_seed_convient_a_un_proprietaire_ordinaire(chez_autrui):
    seme = chez_autrui.commande("seed", "--demandes", "300")
    assert seme.returncode == 0, seme.stderr


def test_une_panne_de_la_base_se_dit_et_se_repare_seule(chez_autrui, externe):
    technicien, corps, cle_ = chez_autrui.client("t-cias"), un_signalement(), cle()
    boite = chez_autrui.dossier / "mails"
    externe.arreter(signal.SIGQUIT)
    try:
        for chemin in ("/v1/demandes", "/v1/moi"):
            for _ in range(4):  # both processes, with their dead connections
                debut = time.monotonic()
                refus = technicien.get(chemin)
                assert time.monotonic() - debut < 4
                assert (refus.status_code, refus.json()["code"]) == (503, "service-indisponible")
                assert refus.headers["content-type"] == "application/problem+json"
                assert int(refus.headers["retry-after"]) > 0
        refus = technicien.post("/v1/signalements", corps, Idempotency_Key=cle_)
        assert (refus.status_code, refus.headers["content-type"]) == (503, "application/problem+json")
        jeton = {"grant_type": "password", "username": "t-cias", "password": "x"}
        assert chez_autrui.appel("POST", "/v1/oauth/token", data=jeton).status_code == 503
        pret = chez_autrui.appel("GET", "/health/ready")
        assert (pret.status_code, pret.json()["statut"], pret.json()["base"]) == (503, "indisponible", False)
        assert chez_autrui.appel("GET", "/health/live").status_code == 200
        # A process of the API that dies meanwhile is replaced, and does not bring the service down.
        tue = chez_autrui.ouvriers()[0]
        os.kill(tue, signal.SIGKILL)
        jusqua(lambda: len(chez_autrui.ouvriers()) == 2 and tue not in chez_autrui.ouvriers())
        time.sleep(2.5)
        assert chez_autrui.processus.poll() is None, chez_autrui.journal[-2000:]
        assert chez_autrui.appel("GET", "/health/live").status_code == 200
    finally:
        externe.demarrer()
    debut = time.monotonic()
    jusqua(chez_autrui.pret, 5, "le service ne revient pas")
    assert technicien.deposer_avec_reprises(corps, cle_).status_code == 201
    assert time.monotonic() - debut < 5
    reference = chez_autrui.valeur(
        "SELECT reference FROM demandes WHERE assure_nom = %s", corps["assure"]["nom"]
    )
    jusqua(
        lambda: sum(reference.encode() in f.read_bytes() for f in boite.glob("*.eml")) == 2,
        45,
        "pas de courriel",
    )
