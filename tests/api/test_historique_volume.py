"""Art. 1.2: ten thousand requests in a history cost a page what a hundred do."""

import json
import sys
from datetime import date
from uuid import UUID

import pytest
from sqlakeyset import select_page, unserialize_bookmark
from sqlalchemy.orm import Session

from app.demandes import queries
from app.demandes.queries import Filtres
from app.droits import Acteur, Fonctionnalite, Role
from app.kit.session import SEE

PEU, BEAUCOUP, PAGE = 100, 10_000, 50
PETITE, GRANDE = "971", "972"
TOUTES = frozenset(Fonctionnalite)
# Newest first, one a minute.
REMPLIR = """
INSERT INTO demandes (id, version, reference, type, statut, issue, theme, caisse, partenaire_id, auteur_id,
    assure_civilite, assure_nom, assure_prenom, assure_date_naissance, assure_departement, assure_mots, personne_cle,
    consentement_date, consentement_modalite, deposee_le, modifiee_le, cloturee_le)
SELECT gen_random_uuid(), 1, 'VOL-' || :marque || '-' || n, 'signalement', 'cloturee', 'traitee', 'numerique', :caisse,
    :structure, :auteur, 'mme', 'Volumier', 'Aline', '1950-01-01', '61', ' volumier aline', 'volumier|aline|' || n,
    '2026-01-01', 'oral', timestamptz '2026-06-01' - n * interval '1 minute', now(), now()
FROM generate_series(1, :combien) n
"""


@pytest.fixture(scope="module")
def volumes(base, client_de):
    """A caisse of a hundred requests; one of thirty thousand, where structures have a hundred and ten thousand."""
    from tests.outils import Fabrique

    fabrique = Fabrique(base, client_de)
    auteur = base.valeur("SELECT id FROM comptes WHERE identifiant = 't-asso'")
    for caisse in (PETITE, GRANDE):
        base.ecrire(
            "INSERT INTO caisses SELECT (jsonb_populate_record(c, jsonb_build_object('code', cast(:code AS text)))).*"
            " FROM caisses c WHERE code = '611'",
            code=caisse,
        )
    structures = {}
    for marque, caisse, combien in (
        ("p", PETITE, PEU),
        ("c", GRANDE, PEU),
        ("b", GRANDE, BEAUCOUP),
        ("d", GRANDE, 20_000),
    ):
        structures[marque] = UUID(fabrique.structure(techniciens=0).id)
        remplir = {"marque": marque, "caisse": caisse, "structure": structures[marque], "combien": combien}
        base.ecrire(REMPLIR, auteur=auteur, **remplir)
    base.ecrire("ANALYZE demandes")
    yield {
        Role.TECHNICIEN: {PEU: (structures["c"], GRANDE), BEAUCOUP: (structures["b"], GRANDE)},
        Role.AGENT_CAISSE: {PEU: (structures["p"], PETITE), BEAUCOUP: (structures["b"], GRANDE)},
    }
    base.ecrire("DELETE FROM demandes WHERE caisse IN ('971', '972')")
    base.ecrire("DELETE FROM caisses WHERE code IN ('971', '972')")
    base.ecrire("ANALYZE demandes")


def acteur(role: Role, structure: UUID, caisse: str) -> Acteur:
    if role is Role.TECHNICIEN:
        return Acteur(UUID(int=1), role, structure, None, {caisse: TOUTES})
    return Acteur(UUID(int=1), role, None, caisse, {caisse: TOUTES})


def voir(session, role: Role, structure: UUID, caisse: str) -> None:
    portee = "partenaire" if role is Role.TECHNICIEN else "caisse"
    valeurs = {"scope": portee, "acteur": str(UUID(int=1)), "partenaire": str(structure), "caisses": caisse}
    session.connection().exec_driver_sql("SET LOCAL ROLE ep_application")
    session.execute(SEE, valeurs)


def pages(session, enonce, profondeur: int):
    """Return the statements that the API's own pagination sends, for page one and for a deep one."""
    from sqlalchemy import event

    envoyes = []

    def noter(conn, cursor, statement, parameters, context, executemany):
        envoyes.append((statement, parameters))

    moteur = session.get_bind()
    event.listen(moteur, "before_cursor_execute", noter)
    try:
        page = select_page(session, enonce, per_page=PAGE)
        premiere = envoyes[-1]
        for _ in range(profondeur):
            signet = unserialize_bookmark(page.paging.bookmark_next)
            page = select_page(session, enonce, per_page=PAGE, page=signet)
    finally:
        event.remove(moteur, "before_cursor_execute", noter)
    assert len(page) == PAGE
    return premiere, envoyes[-1]


def expliquer(session, enonce) -> dict:
    texte, valeurs = enonce
    curseur = session.connection().connection.cursor()
    resultats = []
    for _ in range(2):  # the second one finds its pages and its catalogue warm
        curseur.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {texte}", valeurs)
        (brut,) = curseur.fetchone()
        resultats.append((brut if isinstance(brut, list) else json.loads(brut))[0]["Plan"])
    return resultats[1]


def noeuds(plan: dict):
    """The plan of the page itself; the references linked to each of its rows are read in a sub-plan."""
    yield plan
    for enfant in plan.get("Plans", []):
        if enfant.get("Parent Relationship") != "SubPlan":
            yield from noeuds(enfant)


def forme(plan: dict) -> list[tuple[str, str | None]]:
    return [(n["Node Type"], n.get("Index Name")) for n in noeuds(plan)]


def tampons(plan: dict) -> int:
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def mesurer(base, role: Role, structure: UUID, caisse: str, profondeur: int) -> list[dict]:
    enonce = queries.historique(
        acteur(role, structure, caisse), (caisse,), Filtres(), {caisse: date(2026, 6, 1)}
    )
    with Session(base.engine) as session:
        voir(session, role, structure, caisse)
        return [expliquer(session, page) for page in pages(session, enonce, profondeur)]


@pytest.mark.regle("1.2-3")
@pytest.mark.parametrize(
    ("role", "index"),
    [(Role.TECHNICIEN, "ix_demandes_partenaire"), (Role.AGENT_CAISSE, "ix_demandes_caisse")],
)
def test_dix_mille_demandes_coutent_a_une_page_ce_que_coutent_cent(base, volumes, role, index, capsys):
    peu = mesurer(base, role, *volumes[role][PEU], profondeur=1)
    beaucoup = mesurer(base, role, *volumes[role][BEAUCOUP], profondeur=150)
    for petit, grand in zip(peu, beaucoup, strict=True):
        assert forme(grand) == [("Limit", None), ("Index Scan", index)]
        assert index in {nom for _, nom in forme(petit)}  # so few rows may as well be sorted
        assert next(n["Actual Rows"] for n in noeuds(grand) if n.get("Index Name")) <= PAGE + 1
    figures = [(tampons(petit), tampons(grand)) for petit, grand in zip(peu, beaucoup, strict=True)]
    with capsys.disabled():
        sys.stdout.write(f" {role.value} (page 1, page profonde), 100 puis 10 000 : {figures} tampons ")
    assert all(grand <= 1.5 * petit for petit, grand in figures), figures


def test_le_parcours_de_l_historique_rend_chaque_demande_une_fois(base, volumes):
    structure, caisse = volumes[Role.TECHNICIEN][BEAUCOUP]
    enonce = queries.historique(
        acteur(Role.TECHNICIEN, structure, caisse), (caisse,), Filtres(), date(2026, 6, 1)
    )
    vues, signet = [], None
    with Session(base.engine) as session:
        voir(session, Role.TECHNICIEN, structure, caisse)
        while True:
            page = select_page(session, enonce, per_page=200, page=signet)
            vues += [ligne[0].id for ligne in page]
            if not page.paging.has_next:
                break
            signet = unserialize_bookmark(page.paging.bookmark_next)
    assert len(vues) == len(set(vues)) == BEAUCOUP
