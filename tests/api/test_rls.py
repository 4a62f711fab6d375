"""The second wall: with the queries' own filters removed, PostgreSQL still shows nothing foreign."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from app.comptes.tables import Compte
from app.conventions.tables import Convention
from app.droits import Role
from app.kit.db import APPLICATION_ROLE
from app.kit.location import application_url
from app.kit.session import Database, Scope, Visibility
from app.referentiel.tables import Partenaire
from tests.outils import Base, Client, Fabrique

# Tables without a wall, and why: the public texts, the queue (identifiers only), the version of the schema.
SANS_MUR = {"versions_cgu", "alembic_version"}
FILE = "procrastinate_"
NATIONALES = "('cgu', 'maintenance', 'documentation')"  # what the operator tells all
# What a caisse tells all its partenaires: rows that are nobody's in particular.
POUR_TOUS = {
    "evenements": f" AND NOT (ressource IN ('caisse', 'avis') AND caisse = '611') AND ressource NOT IN {NATIONALES}",
    "referents": " AND caisse IS DISTINCT FROM '611'",
}
INTERDIT = "42501"


@dataclass
class Deux:
    """Two structures with a request each: one at both caisses, one at the Orne."""

    une: str
    autre: str
    chez_une: dict[str, Any]
    a_calvados: dict[str, Any]
    chez_autre: dict[str, Any]
    technicien: Client
    technicien_autre: Client
    gestionnaire: Client


@pytest.fixture(scope="module")
def deux(base: Base, client_de: Callable[[str], Client]) -> Deux:
    fabrique = Fabrique(base, client_de)
    une, autre = fabrique.structure(techniciens=1, gestionnaires=1), fabrique.structure(techniciens=1)
    fabrique.convention(une.id, "141")
    technicien, technicien_autre = client_de(une.techniciens[0]), client_de(autre.techniciens[0])
    demandes = technicien.deposer(), technicien.deposer(caisse="141"), technicien_autre.deposer()
    for demande, client in zip(demandes, (technicien, technicien, technicien_autre), strict=True):
        assert client.post(f"/v1/demandes/{demande['id']}/messages", {"texte": "Bonjour"}).status_code == 200
    return Deux(une.id, autre.id, *demandes, technicien, technicien_autre, client_de(une.gestionnaires[0]))


@contextmanager
def connexion(portee: str | None = None, **contexte: str) -> Iterator[sa.Connection]:
    """Open a connection as the application does, with a context or none; rolled back at the end."""
    url = sa.make_url(application_url()).set(drivername="postgresql+psycopg")
    options = "" if url.username == APPLICATION_ROLE else f"-c role={APPLICATION_ROLE}"
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"options": options})
    with engine.connect() as ouverte:
        if portee is not None:
            for nom, valeur in {
                "portee": portee,
                "acteur": "",
                "partenaire": "",
                "caisses": "",
                **contexte,
            }.items():
                ouverte.execute(sa.text("SELECT set_config(:n, :v, true)"), {"n": f"ep.{nom}", "v": valeur})
        yield ouverte
        ouverte.rollback()


def murees(base: Base) -> list[str]:
    return [
        table
        for (table,) in base.lignes(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
    ]


def compter(connection: sa.Connection, table: str, condition: str = "true", **valeurs: Any) -> int:
    return int(connection.scalar(sa.text(f"SELECT count(*) FROM {table} WHERE {condition}"), valeurs) or 0)


def refusee(connection: sa.Connection, sql: str, **valeurs: Any) -> str:
    """Run a statement that must be refused, and return the code of PostgreSQL."""
    point = connection.begin_nested()
    with pytest.raises(DBAPIError) as refus:
        connection.execute(sa.text(sql), valeurs)
    point.rollback()
    return str(refus.value.orig.sqlstate)


def test_toute_table_a_son_mur(base):
    tables = base.lignes(
        "SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    for table, muree, forcee, proprietaire in tables:
        if table not in SANS_MUR and not table.startswith(FILE):
            assert (muree, forcee) == (True, True), table
        assert proprietaire != APPLICATION_ROLE, table
    vues = base.lignes(
        "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    )
    assert vues == []


def test_le_role_de_l_application_ne_passe_aucun_mur(base):
    pouvoirs = base.lignes(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles WHERE rolname = :r",
        r=APPLICATION_ROLE,
    )
    assert [tuple(ligne) for ligne in pouvoirs] == [(False,) * 5]
    assert (
        base.lignes(
            "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE rolname = 'ep_application'"
        )
        == []
    )
    with connexion("systeme") as application:
        for sql in (
            "ALTER TABLE demandes DISABLE ROW LEVEL SECURITY",
            "DROP POLICY lire ON demandes",
            "ALTER TABLE journal DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "TRUNCATE journal",
            "CREATE TABLE copie AS SELECT * FROM demandes",
            "COPY demandes TO PROGRAM 'cat'",
        ):
            assert refusee(application, sql) == INTERDIT, sql
        proprietaire = base.valeur(
            "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'demandes'"
        )
        if application.scalar(sa.text("SELECT session_user")) == APPLICATION_ROLE:
            assert refusee(application, f'SET ROLE "{proprietaire}"') == INTERDIT


@pytest.mark.parametrize(
    "contexte",
    [None, "", "inconnue", "SYSTEME", " systeme", "partenaire", "caisse", "national"],
    ids=repr,
)
def test_sans_contexte_complet_aucune_ligne_n_est_visible(base, deux, contexte):
    """Nothing said, an empty setting, an unknown word, or a side without its identifiers: nothing is seen."""
    # Whoever says something knows the caisses, the maintenances and the documentation.
    publiques = {"caisses", "reglages_caisses", "maintenances", "documentation"} if contexte else set()
    if contexte in {"partenaire", "caisse"}:
        publiques |= {"evenements"}  # those of the announcements to all, checked below
    if contexte == "national":
        publiques |= {"dysfonctionnements", "echanges_dysfonctionnement"}  # those passed on, checked below
        publiques |= {"partenaires", "applications", "comptes", "evenements", "journal"}
        publiques |= {"familles_jetons", "reglages_conventions", "referents", "choix_caisses"}
    with connexion(contexte) as application:
        for table in murees(base):
            if table not in publiques:
                assert compter(application, table) == 0, table
        annonces = "ressource NOT IN ('cgu', 'maintenance', 'documentation')"
        if contexte != "national":
            assert compter(application, "evenements", annonces) == 0
        assert compter(application, "dysfonctionnements", "transmis_le IS NULL") == 0
        for personnelle in (
            "demandes",
            "messages",
            "signalements",
            "conventions",
            "liens",
            "cles_idempotence",
        ):
            assert compter(application, personnelle) == 0
        assert compter(application, "comptes", "partenaire_id IS NOT NULL") == 0
        assert compter(application, "journal", "partenaire_id IS NOT NULL") == 0
        assert compter(application, "referents", "partenaire_id IS NOT NULL") == 0
        assert compter(application, "evenements", "partenaire_id IS NOT NULL") == 0


def test_une_structure_ne_voit_que_ses_lignes(base, deux):
    with connexion("partenaire", partenaire=deux.une, caisses="611") as application:
        for table in murees(base):
            colonnes = {
                c
                for (c,) in base.lignes(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = :t", t=table
                )
            }
            if "partenaire_id" in colonnes:
                etrangeres = "partenaire_id IS DISTINCT FROM cast(:p AS uuid)" + POUR_TOUS.get(table, "")
                assert compter(application, table, etrangeres, p=deux.une) == 0, table
        vues = application.scalars(sa.text("SELECT id::text FROM demandes")).all()
        assert vues == [deux.chez_une["id"]]
        for table in ("messages", "signalements"):
            assert set(application.scalars(sa.text(f"SELECT demande_id::text FROM {table}"))) == set(vues)
        assert application.scalars(sa.text("SELECT id::text FROM partenaires")).all() == [deux.une]
        for vide in ("liens", "applications", "familles_jetons", "jetons_rafraichissement", "cles_signature"):
            assert compter(application, vide) == 0, vide
        for vide in ("echecs_connexion", "cles_idempotence"):
            assert compter(application, vide) == 0, vide
    with connexion("partenaire", partenaire=deux.une, caisses="141,611") as application:
        assert compter(application, "demandes") == 2
    with connexion("partenaire", partenaire=deux.une) as application:
        assert compter(application, "demandes") == 0


def test_une_caisse_ne_voit_que_ses_lignes(base, deux):
    with connexion("caisse", caisses="141") as application:
        for table in ("demandes", "conventions", "evenements", "journal", "applications"):
            assert compter(application, table, "caisse <> '141'") == 0, table
        # What bears on a structure and on no caisse is read by the caisses that know the structure.
        for table in ("evenements", "journal"):
            national = f"caisse IS NULL AND partenaire_id IS NULL AND ressource NOT IN {NATIONALES}"
            assert compter(application, table, national) == 0
            assert compter(application, table, "partenaire_id = cast(:p AS uuid)", p=deux.autre) == 0
        assert compter(application, "demandes") == base.valeur(
            "SELECT count(*) FROM demandes WHERE caisse = '141'"
        )
        assert compter(application, "comptes", "partenaire_id IS NULL AND caisse <> '141'") == 0
        siens = set(application.scalars(sa.text("SELECT id::text FROM partenaires")))
        assert deux.une in siens
        assert deux.autre not in siens
        assert compter(application, "comptes", "partenaire_id = cast(:p AS uuid)", p=deux.autre) == 0
        vues = set(application.scalars(sa.text("SELECT demande_id::text FROM messages")))
        assert deux.a_calvados["id"] in vues
        assert not vues & {deux.chez_une["id"], deux.chez_autre["id"]}


def test_l_administrateur_ne_voit_aucune_demande_ni_aucun_compte_de_structure(deux):
    with connexion("national") as application:
        for table in ("demandes", "messages", "signalements", "conventions"):
            assert compter(application, table) == 0, table
        assert compter(application, "comptes", "partenaire_id IS NOT NULL") == 0


def test_rien_d_etranger_ne_s_ecrit(base, deux):
    copie = (
        "INSERT INTO demandes (id, version, reference, type, statut, caisse, partenaire_id, auteur_id,"
        " consentement_date, consentement_modalite, deposee_le, modifiee_le)"
        " VALUES (gen_random_uuid(), 1, :r, 'signalement', 'deposee', :c, cast(:p AS uuid), gen_random_uuid(),"
        " now(), 'oral', now(), now())"
    )
    reference = f"X-{uuid.uuid4().hex}"
    with connexion("partenaire", partenaire=deux.une, caisses="611") as application:
        assert refusee(application, copie, r=reference, c="611", p=deux.autre) == INTERDIT
        assert refusee(application, copie, r=reference, c="141", p=deux.une) == INTERDIT
        application.execute(sa.text(copie), {"r": reference, "c": "611", "p": deux.une})
        for etrangere in (deux.chez_autre["id"], deux.a_calvados["id"]):
            for sql in (
                "UPDATE demandes SET commentaire = 'x' WHERE id = :id",
                "DELETE FROM demandes WHERE id = :id",
            ):
                assert application.execute(sa.text(sql), {"id": etrangere}).rowcount == 0
            message = (
                "INSERT INTO messages (id, demande_id, role, texte, le)"
                " VALUES (gen_random_uuid(), :id, 'technicien', 'x', now())"
            )
            assert refusee(application, message, id=etrangere) == INTERDIT
            assert (
                application.execute(
                    sa.text("UPDATE messages SET texte = 'x' WHERE demande_id = :id"), {"id": etrangere}
                ).rowcount
                == 0
            )
        deplacer = "UPDATE demandes SET partenaire_id = cast(:p AS uuid) WHERE id = :id"
        assert refusee(application, deplacer, p=deux.autre, id=deux.chez_une["id"]) == INTERDIT
        changer = "UPDATE demandes SET caisse = '141' WHERE id = :id"
        assert refusee(application, changer, id=deux.chez_une["id"]) == INTERDIT
        for sql in (
            "UPDATE conventions SET signee_caisse_le = now() RETURNING 1",
            "UPDATE partenaires SET effectif = 1000 RETURNING 1",
            "UPDATE caisses SET nom = 'x' RETURNING 1",
            "UPDATE comptes SET statut = 'actif' WHERE partenaire_id <> ep_partenaire() RETURNING 1",
            "UPDATE reglages_caisses SET active = true RETURNING 1",
            "DELETE FROM conventions RETURNING 1",
        ):
            assert application.execute(sa.text(sql)).all() == [], sql
    with connexion("caisse", caisses="141") as application:
        for id_ in (deux.chez_une["id"], deux.chez_autre["id"]):
            assert (
                application.execute(
                    sa.text("UPDATE demandes SET version = 9 WHERE id = :id"), {"id": id_}
                ).rowcount
                == 0
            )
        prendre = "UPDATE demandes SET caisse = '611' WHERE id = :id"
        assert refusee(application, prendre, id=deux.a_calvados["id"]) == INTERDIT
        assert application.execute(sa.text("UPDATE caisses SET nom = 'x' WHERE code = '611'")).rowcount == 0


@pytest.mark.regle("9-1")
@pytest.mark.parametrize("table", ["journal", "evenements"])
@pytest.mark.parametrize("contexte", ["systeme", "caisse", "partenaire", "national"])
def test_ce_qui_est_inscrit_ne_se_change_ni_ne_s_efface(deux, table, contexte):
    with connexion(contexte, partenaire=deux.une, caisses="611") as application:
        for sql in (
            f"UPDATE {table} SET role = 'x'",
            f"UPDATE {table} SET numero = 1",
            f"DELETE FROM {table}",
        ):
            sql_ = sql if table == "journal" else sql.replace("role", "type")
            assert refusee(application, sql_) == INTERDIT, sql_
        assert refusee(application, f"TRUNCATE {table}") == INTERDIT


@pytest.fixture
def sans_filtre(monkeypatch):
    """Remove what the queries say for themselves: only PostgreSQL's policies are left."""
    monkeypatch.setattr("app.demandes.queries.perimetre", lambda acteur, caisses: sa.true())
    monkeypatch.setattr(
        "app.conventions.queries.conventions",
        lambda acteur: sa.select(Convention).order_by(Convention.id.desc()),
    )
    ouverts = sa.func.ep_comptes_ouverts
    monkeypatch.setattr(
        "app.referentiel.queries.partenaires",
        lambda acteur: sa.select(
            Partenaire,
            ouverts(Partenaire.id, "gestionnaire"),
            ouverts(Partenaire.id, "technicien"),
            sa.func.ep_sans_gestionnaire(Partenaire.id),
        ).order_by(Partenaire.id.desc()),
    )
    monkeypatch.setattr(
        "app.comptes.queries.agents",
        lambda caisse=None: (
            sa.select(Compte).where(Compte.role == Role.AGENT_CAISSE).order_by(Compte.id.desc())
        ),
    )


def test_le_filtre_retire_l_api_ne_rend_toujours_rien_d_etranger(sans_filtre, base, client_de, deux):
    def tout(client: Client, chemin: str) -> list[dict[str, Any]]:
        reponse = client.get(chemin, limite=200)
        assert reponse.status_code == 200, reponse.text
        return list(reponse.json()["donnees"])

    for client, partenaire in ((deux.technicien, deux.une), (deux.technicien_autre, deux.autre)):
        for chemin in ("/v1/demandes", "/v1/signalements"):
            assert {demande["partenaire_id"] for demande in tout(client, chemin)} == {partenaire}
        assert [lue["id"] for lue in tout(client, "/v1/partenaires")] == [partenaire]
        trouvees = client.post("/v1/demandes/recherche", {}).json()["donnees"]
        assert {demande["partenaire_id"] for demande in trouvees} == {partenaire}
    calvados = client_de("a-calvados")
    assert {demande["caisse"] for demande in tout(calvados, "/v1/demandes")} == {"141"}
    assert {convention["caisse"] for convention in tout(calvados, "/v1/conventions")} == {"141"}
    assert {convention["partenaire_id"] for convention in tout(deux.gestionnaire, "/v1/conventions")} == {
        deux.une
    }
    assert deux.autre not in str(tout(calvados, "/v1/partenaires"))
    agents = {agent["id"] for agent in tout(calvados, "/v1/agents")}
    assert agents == {str(id_) for (id_,) in base.lignes("SELECT id FROM comptes WHERE caisse = '141'")}
    for client, etrangere in (
        (deux.technicien, deux.chez_autre),
        (deux.technicien_autre, deux.chez_une),
        (calvados, deux.chez_une),
    ):
        assert client.get(f"/v1/demandes/{etrangere['id']}").status_code == 404
        assert (
            client.post(f"/v1/demandes/{etrangere['id']}/messages", {"texte": "Bonjour"}).status_code == 404
        )
        assert (
            client.get(
                f"/v1/partenaires/{deux.autre if client is not deux.technicien_autre else deux.une}"
            ).status_code
            == 404
        )


def test_trois_cents_appels_meles_ne_se_melent_pas(deux):
    """Two structures and refusals of all kinds share the connections of one pool."""

    def appel(rang: int) -> bool:
        client, mien, autre = (
            (deux.technicien, deux.une, deux.chez_autre)
            if rang % 2
            else (deux.technicien_autre, deux.autre, deux.chez_une)
        )
        if rang % 5 == 0:
            return client.get(f"/v1/demandes/{autre['id']}").status_code == 404
        if rang % 5 == 1:
            return client.post("/v1/signalements", {"assure": {}}).status_code == 422
        if rang % 5 == 2:
            return [ligne["id"] for ligne in client.get("/v1/partenaires").json()["donnees"]] == [mien]
        lues = client.get("/v1/demandes").json()["donnees"]
        return bool(lues) and {demande["partenaire_id"] for demande in lues} == {mien}

    with ThreadPoolExecutor(12) as fils:
        assert all(fils.map(appel, range(300)))


def test_le_contexte_ne_passe_pas_au_suivant(deux):
    """One connection for all: committed, rolled back or broken, a transaction leaves nothing behind."""
    reglages = sa.text(
        "SELECT coalesce(current_setting('ep.portee', true), ''), coalesce(current_setting('ep.caisses', true), '')"
    )
    demandes = sa.text("SELECT count(*) FROM demandes")

    async def verifier() -> None:
        seule = Database(application_url(), 1)

        async def vide() -> None:
            async with seule.sessions() as suivante:
                assert tuple((await suivante.execute(reglages)).one()) == ("", "")
                assert await suivante.scalar(demandes) == 0

        contexte = Visibility(Scope.PARTENAIRE, partenaire=uuid.UUID(deux.une), caisses=("611",))
        try:
            await vide()
            async with seule.transaction(contexte) as session:
                assert await session.scalar(demandes) == 1
            await vide()
            with pytest.raises(LookupError):
                async with seule.transaction(contexte) as session:
                    raise LookupError
            await vide()
            with pytest.raises(IntegrityError):
                async with seule.transaction() as session:
                    await session.execute(
                        sa.text("INSERT INTO reglages_caisses VALUES ('000', 'contact', true, 5)")
                    )
            await vide()
            with pytest.raises(asyncio.CancelledError):  # noqa: PT012  # cut in the middle of its work
                async with seule.transaction(contexte) as session:
                    await session.scalar(demandes)
                    raise asyncio.CancelledError
            await vide()
            async with seule.transaction(Visibility(Scope.CAISSE, caisses=("141",))) as session:
                assert (
                    await session.scalar(sa.text("SELECT count(*) FROM demandes WHERE caisse <> '141'")) == 0
                )
        finally:
            await seule.engine.dispose()

    asyncio.run(verifier())
