"""What the tables promise: personal columns are marked, rows are walled, the logs are append-only."""

import pytest
import sqlalchemy as sa

import app.tables
from app.kit.db import APPLICATION_ROLE, Base

assert app.tables

# Identity, contact, free text: what the purge erases.
PERSONNELLES = {
    "comptes": {
        "civilite",
        "nom",
        "prenom",
        "fonction",
        "telephone",
        "email",
        "mot_de_passe",
        "motif_inactivation",
        "fin_prevue_motif",
    },
    "avenants": {"objet", "objet_convention"},
    "conventions": {"motif_suspension", "motif_denonciation", "motif_resiliation"},
    "mises_en_demeure": {"motif"},
    "demandes_habilitation": {"identite", "modifications", "motif", "motif_refus"},
    "incidents": {"description", "preuve"},
    "anciens_mots_de_passe": {"empreinte"},
    "demandes": {
        "assure_civilite",
        "assure_nom",
        "assure_prenom",
        "assure_date_naissance",
        "assure_mots",
        "assure_sons",
        "personne_cle",
        "commentaire",
        "motif_annulation",
    },
    "messages": {"texte"},
    "textes_confirmes": {"empreinte", "motif"},
    "referents": {"personnes"},
    "avis": {"titre", "texte"},
    "maintenances": {"motif_annulation"},
    "dysfonctionnements": {"titre", "description", "navigateur_ou_logiciel"},
    "echanges_dysfonctionnement": {"texte"},
    "pieces": {"taille", "sha256", "cle"},
    "contacts": {"message"},
    "creneaux": {"lieu", "motif"},
    "cles_idempotence": {"corps"},
    "applications": {"contacts"},
    "appareils": {"logiciel", "pays"},
}
# Columns that look personal by their name, and are not: each with its reason.
IMPERSONNELLES = {
    "caisses.nom": "the name of a public body",
    "caisses.email_file": "a shared mailbox",
    "partenaires.adresse": "of a legal person",
    "partenaires.domaines_email": "domains, not addresses",
    "versions_cgu.texte": "published",
    "applications.client_name": "the name of a software",
    "pieces.motif_refus": "a code",
    "rendez_vous.motif": "a code of the nomenclature",
    "demandes.motif_effacement": "why the person was erased: it is refused when it names the person",
}
PARLANTS = (
    "nom",
    "name",
    "civilite",
    "telephone",
    "email",
    "adresse",
    "texte",
    "commentaire",
    "motif",
    "naissance",
)
CLES = {"partenaire_id", "caisse", "compte_id", "demande_id", "acteur_id", "convention_id", "famille_id"}
SANS_MUR = {"versions_cgu": "everybody signed in reads it"}
AJOUT_SEUL = ("journal", "evenements", "sceaux_journal", "documentation")
LECTURE_SEULE = ("chaines_journal",)  # the trigger of the journal writes it, and the purge
TABLES = sorted(Base.metadata.tables)


def test_les_colonnes_personnelles_sont_marquees():
    marquees = {
        table.name: noms
        for table in Base.metadata.tables.values()
        if (noms := {colonne.name for colonne in table.columns if colonne.info.get("personnel")})
    }
    assert marquees == PERSONNELLES


def test_une_colonne_au_nom_parlant_est_personnelle_ou_dit_pourquoi_non():
    parlantes = {
        f"{table.name}.{colonne.name}"
        for table in Base.metadata.tables.values()
        for colonne in table.columns
        if any(mot in colonne.name.split("_") or colonne.name.startswith(mot) for mot in PARLANTS)
    }
    expliquees = {f"{table}.{nom}" for table, noms in PERSONNELLES.items() for nom in noms}
    assert parlantes - expliquees == set(IMPERSONNELLES)


def test_une_table_sans_mur_ne_tient_rien_de_personne():
    for nom in SANS_MUR:
        assert not CLES & set(Base.metadata.tables[nom].columns.keys())
        assert nom not in PERSONNELLES


@pytest.mark.parametrize("table", sorted(set(TABLES) - set(SANS_MUR)))
def test_une_table_est_cloisonnee_meme_pour_son_proprietaire(base, table):
    active, forcee = base.lignes(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = CAST(:t AS regclass)", t=table
    )[0]
    assert (active, forcee) == (True, True)
    commandes = base.valeur(
        "SELECT array_agg(DISTINCT cmd) FROM pg_policies WHERE tablename = :t AND :r = ANY (roles)",
        t=table,
        r=APPLICATION_ROLE,
    )
    if table in LECTURE_SEULE:
        assert set(commandes) == {"SELECT"}
        return
    ecrivent = set() if table in AJOUT_SEUL else {"UPDATE", "DELETE"}
    assert set(commandes) in ({"SELECT", "INSERT"} | ecrivent, {"ALL"} if ecrivent else None)


@pytest.mark.parametrize("table", sorted(set(TABLES) - set(SANS_MUR)))
def test_une_transaction_qui_ne_dit_rien_ne_voit_rien(base, table):
    with base.engine.connect() as connexion:
        connexion.execute(sa.text(f"SET ROLE {APPLICATION_ROLE}"))
        assert connexion.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0


def test_la_base_des_tests_contient_de_quoi_voir(base):
    """Otherwise seeing nothing would prove nothing."""
    for table in ("demandes", "comptes", "journal", "evenements", "messages", "signalements"):
        assert base.valeur(f"SELECT count(*) FROM {table}") > 0


def test_le_role_de_l_application_n_a_aucun_pouvoir(base):
    (pouvoirs,) = base.lignes(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = :r",
        r=APPLICATION_ROLE,
    )
    assert not any(pouvoirs)
    assert not base.lignes(
        "SELECT 1 FROM pg_auth_members WHERE member = CAST(:r AS regrole)", r=APPLICATION_ROLE
    )
    assert not base.valeur("SELECT has_schema_privilege(:r, 'public', 'CREATE')", r=APPLICATION_ROLE)


def test_le_role_de_l_application_ne_possede_rien(base):
    possessions = " UNION ALL ".join(
        f"SELECT '{catalogue}' FROM {catalogue} WHERE {colonne} = CAST(:r AS regrole)"
        for catalogue, colonne in (
            ("pg_class", "relowner"),
            ("pg_proc", "proowner"),
            ("pg_type", "typowner"),
            ("pg_namespace", "nspowner"),
            ("pg_database", "datdba"),
        )
    )
    assert base.lignes(possessions, r=APPLICATION_ROLE) == []


@pytest.mark.parametrize("table", TABLES)
def test_le_role_de_l_application_ne_vide_aucune_table(base, table):
    for privilege in ("TRUNCATE", "TRIGGER", "REFERENCES"):
        assert not base.valeur(
            "SELECT has_table_privilege(:r, :t, :p)", r=APPLICATION_ROLE, t=table, p=privilege
        )


@pytest.mark.parametrize("table", AJOUT_SEUL + LECTURE_SEULE)
@pytest.mark.parametrize(
    "ordre", ["UPDATE {} SET type = 'x'", "UPDATE {} SET action = 'x'", "DELETE FROM {}"]
)
def test_le_journal_et_les_evenements_ne_se_reecrivent_pas(base, table, ordre):
    for privilege in ("UPDATE", "DELETE"):
        assert not base.valeur(
            "SELECT has_table_privilege(:r, :t, :p)", r=APPLICATION_ROLE, t=table, p=privilege
        )
    assert not base.valeur("SELECT has_any_column_privilege(:r, :t, 'UPDATE')", r=APPLICATION_ROLE, t=table)
    with base.engine.connect() as connexion:
        connexion.execute(sa.text(f"SET ROLE {APPLICATION_ROLE}"))
        with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|does not exist"):
            connexion.execute(sa.text(ordre.format(table)))


def test_une_fonction_qui_passe_les_murs_fixe_son_chemin(base):
    """SECURITY DEFINER with the caller's search_path would run the caller's own objects."""
    fonctions = base.lignes(
        "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    assert fonctions
    for nom, reglages in fonctions:
        assert [r for r in reglages or [] if r.startswith("search_path=")], nom
