"""Fondations: the tables of the main job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_fondations"
down_revision = None
branch_labels = None
depends_on = None


CGU = """CONDITIONS GÉNÉRALES D'UTILISATION DE L'ESPACE PARTENAIRES

1. L'Espace Partenaires est réservé aux agents des structures signataires d'une convention avec leur caisse
   d'assurance maladie, et aux agents de ces caisses, pour aider des personnes dans l'accès à leurs droits
   et aux soins.
2. L'identifiant et le mot de passe sont personnels. Ils ne se prêtent pas et ne se transmettent à personne.
   Un vol, une perte ou une fraude est déclaré sans délai.
3. Une demande ne se fait qu'avec le consentement de la personne, recueilli et daté. Si elle le retire, la
   demande s'arrête aussitôt.
4. Aucun numéro de sécurité sociale ni aucune donnée de santé ne s'écrit dans un champ. Les textes sont
   objectifs, utiles et sans excès.
5. Le poste de travail est professionnel et protégé par un antivirus ; on travaille depuis le territoire
   européen.
6. Chaque acte est journalisé. L'accès est retiré à qui n'en a plus l'usage, ou en fait un mauvais usage.
"""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "caisses",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("departement", sa.Text(), nullable=False),
        sa.Column("departements", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("email_file", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{3}$'", name=op.f("ck_caisses_code")),
        sa.CheckConstraint(
            "departements <@ ARRAY['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19', '21', '22', '23', '24', '25', '26', '27', '28', '29', '2A', '2B', '30', '31', '32', '33', '34', '35', '36', '37', '38', '39', '40', '41', '42', '43', '44', '45', '46', '47', '48', '49', '50', '51', '52', '53', '54', '55', '56', '57', '58', '59', '60', '61', '62', '63', '64', '65', '66', '67', '68', '69', '70', '71', '72', '73', '74', '75', '76', '77', '78', '79', '80', '81', '82', '83', '84', '85', '86', '87', '88', '89', '90', '91', '92', '93', '94', '95', '971', '972', '973', '974', '975', '976', '977', '978']::text[]",
            name=op.f("ck_caisses_departements"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_caisses")),
    )
    op.create_table(
        "cles_idempotence",
        sa.Column("acteur_id", sa.Uuid(), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statut", sa.Integer(), nullable=True),
        sa.Column("entetes", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("corps", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("acteur_id", "cle", name=op.f("pk_cles_idempotence")),
    )
    op.create_index(op.f("ix_cles_idempotence_cree_le"), "cles_idempotence", ["cree_le"], unique=False)
    op.create_table(
        "cles_signature",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("scellee", sa.Text(), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retiree_le", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_cles_signature")),
    )
    op.create_index(op.f("ix_cles_signature_cree_le"), "cles_signature", ["cree_le"], unique=False)
    op.create_table(
        "echecs_connexion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("cle", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_echecs_connexion")),
    )
    op.create_index(op.f("ix_echecs_connexion_cle"), "echecs_connexion", ["cle"], unique=False)
    op.create_index(op.f("ix_echecs_connexion_le"), "echecs_connexion", ["le"], unique=False)
    op.create_table(
        "evenements",
        sa.Column("numero", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("ressource", sa.Text(), nullable=False),
        sa.Column("ressource_id", sa.Text(), nullable=False),
        sa.Column("partenaire_id", sa.Uuid(), nullable=True),
        sa.Column("caisse", sa.String(length=3), nullable=True),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raison", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("numero", name=op.f("pk_evenements")),
        sa.UniqueConstraint("id", name=op.f("uq_evenements_id")),
    )
    op.create_index("ix_evenements_caisse_numero", "evenements", ["caisse", "numero"], unique=False)
    op.create_index(
        "ix_evenements_partenaire_id_numero", "evenements", ["partenaire_id", "numero"], unique=False
    )
    op.create_table(
        "journal",
        sa.Column("numero", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chaine", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acteur_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("ressource", sa.Text(), nullable=False),
        sa.Column("ressource_id", sa.Text(), nullable=False),
        sa.Column("caisse", sa.String(length=3), nullable=True),
        sa.Column("partenaire_id", sa.Uuid(), nullable=True),
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("precedente", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("numero", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_chaine_numero", "journal", ["chaine", "numero"], unique=False)
    op.create_index("ix_journal_partenaire_id_numero", "journal", ["partenaire_id", "numero"], unique=False)
    op.create_table(
        "versions_cgu",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("publiee_le", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_versions_cgu")),
    )
    op.create_index(op.f("ix_versions_cgu_publiee_le"), "versions_cgu", ["publiee_le"], unique=False)
    op.create_table(
        "applications",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("token_endpoint_auth_method", sa.Text(), nullable=False),
        sa.Column("grant_types", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("redirect_uris", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("scope", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("caisse", sa.String(length=3), nullable=True),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fin_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(token_endpoint_auth_method = 'none') = (secret IS NULL)",
            name=op.f("ck_applications_publique_sans_secret"),
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_applications_caisse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("client_id", name=op.f("uq_applications_client_id")),
    )
    op.create_table(
        "partenaires",
        sa.Column("raison_sociale", sa.Text(), nullable=False),
        sa.Column("siret", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "ccas",
                "cias",
                "association",
                "tutelle",
                "ase",
                "autre",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("effectif", sa.Integer(), nullable=False),
        sa.Column("adresse", sa.Text(), nullable=True),
        sa.Column("departement", sa.Text(), nullable=False),
        sa.Column("domaines_email", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("organisme_habilite", sa.Boolean(), nullable=False),
        sa.Column("caisse_creatrice", sa.String(length=3), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("siret ~ '^[0-9]{14}$'", name=op.f("ck_partenaires_siret")),
        sa.CheckConstraint("effectif BETWEEN 1 AND 100000", name=op.f("ck_partenaires_effectif")),
        sa.ForeignKeyConstraint(
            ["caisse_creatrice"], ["caisses.code"], name=op.f("fk_partenaires_caisse_creatrice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partenaires")),
        sa.UniqueConstraint("siret", name=op.f("uq_partenaires_siret")),
    )
    op.create_table(
        "reglages_caisses",
        sa.Column("caisse", sa.String(length=3), nullable=False),
        sa.Column(
            "fonctionnalite",
            sa.Enum(
                "contact",
                "etude_dossier",
                "signalement",
                "rendez_vous",
                "document",
                "historique",
                name="fonctionnalite",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("delai", sa.Integer(), nullable=True),
        sa.CheckConstraint("delai BETWEEN 1 AND 250", name=op.f("ck_reglages_caisses_delai")),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_reglages_caisses_caisse")),
        sa.PrimaryKeyConstraint("caisse", "fonctionnalite", name=op.f("pk_reglages_caisses")),
    )
    op.create_table(
        "comptes",
        sa.Column("identifiant", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "technicien",
                "gestionnaire",
                "agent_caisse",
                "administrateur",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("partenaire_id", sa.Uuid(), nullable=True),
        sa.Column("caisse", sa.String(length=3), nullable=True),
        sa.Column(
            "statut",
            sa.Enum(
                "en_attente",
                "actif",
                "inactif",
                name="statut",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "civilite",
            sa.Enum("m", "mme", name="civilite", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("prenom", sa.Text(), nullable=False),
        sa.Column("fonction", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("mot_de_passe", sa.Text(), nullable=True),
        sa.Column("mot_de_passe_change_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("inactive_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("motif_inactivation", sa.Text(), nullable=True),
        sa.Column("derniere_connexion_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gestionnaire_id", sa.Uuid(), nullable=True),
        sa.Column("exclu", sa.Boolean(), nullable=False),
        sa.Column("cgu_version", sa.Text(), nullable=True),
        sa.Column("cgu_acceptee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(statut = 'inactif') = (inactive_le IS NOT NULL)", name=op.f("ck_comptes_inactive_le")
        ),
        sa.CheckConstraint(
            "CASE role WHEN 'agent_caisse' THEN caisse IS NOT NULL AND partenaire_id IS NULL WHEN 'administrateur' THEN caisse IS NULL AND partenaire_id IS NULL ELSE caisse IS NULL AND partenaire_id IS NOT NULL END",
            name=op.f("ck_comptes_appartenance"),
        ),
        sa.CheckConstraint(
            "statut <> 'actif' OR mot_de_passe IS NOT NULL", name=op.f("ck_comptes_actif_avec_mot_de_passe")
        ),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_comptes_caisse")),
        sa.ForeignKeyConstraint(["gestionnaire_id"], ["comptes.id"], name=op.f("fk_comptes_gestionnaire_id")),
        sa.ForeignKeyConstraint(["partenaire_id"], ["partenaires.id"], name=op.f("fk_comptes_partenaire_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comptes")),
        sa.UniqueConstraint("identifiant", name=op.f("uq_comptes_identifiant")),
    )
    op.create_index(op.f("ix_comptes_caisse"), "comptes", ["caisse"], unique=False)
    op.create_index("ix_comptes_partenaire_id_role", "comptes", ["partenaire_id", "role"], unique=False)
    op.create_table(
        "conventions",
        sa.Column("partenaire_id", sa.Uuid(), nullable=False),
        sa.Column("caisse", sa.String(length=3), nullable=False),
        sa.Column("metier_reference", sa.Text(), nullable=False),
        sa.Column("metier_signee_le", sa.Date(), nullable=False),
        sa.Column("signee_partenaire_le", sa.Date(), nullable=True),
        sa.Column("signee_caisse_le", sa.Date(), nullable=True),
        sa.Column("tacite_reconduction", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_conventions_caisse")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_conventions_partenaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conventions")),
    )
    op.create_index(
        "ix_conventions_caisse_partenaire_id", "conventions", ["caisse", "partenaire_id"], unique=False
    )
    op.create_index(op.f("ix_conventions_partenaire_id"), "conventions", ["partenaire_id"], unique=False)
    op.create_table(
        "demandes",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "signalement",
                "etude_dossier",
                "rendez_vous",
                "document",
                "contact",
                name="type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "statut",
            sa.Enum(
                "deposee",
                "en_cours",
                "complement_demande",
                "cloturee",
                "annulee",
                name="statut",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "issue",
            sa.Enum(
                "traitee",
                "rejetee",
                "sans_suite",
                "orientee_service_social",
                name="issue_valeur",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("caisse", sa.String(length=3), nullable=False),
        sa.Column("partenaire_id", sa.Uuid(), nullable=False),
        sa.Column("auteur_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "assure_civilite",
            sa.Enum("m", "mme", name="civilite", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("assure_nom", sa.Text(), nullable=True),
        sa.Column("assure_prenom", sa.Text(), nullable=True),
        sa.Column("assure_date_naissance", sa.Date(), nullable=True),
        sa.Column("assure_departement", sa.Text(), nullable=True),
        sa.Column("assure_mots", sa.Text(), nullable=True),
        sa.Column("personne_cle", sa.Text(), nullable=True),
        sa.Column("consentement_date", sa.Date(), nullable=False),
        sa.Column("consentement_modalite", sa.Text(), nullable=False),
        sa.Column("consentement_retire_le", sa.Date(), nullable=True),
        sa.Column("commentaire", sa.Text(), nullable=True),
        sa.Column("motif_annulation", sa.Text(), nullable=True),
        sa.Column("deposee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modifiee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cloturee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("echeance", sa.Date(), nullable=True),
        sa.Column("jours_restants", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(statut = 'annulee') = (motif_annulation IS NOT NULL)", name=op.f("ck_demandes_motif_annulation")
        ),
        sa.CheckConstraint("(statut = 'cloturee') = (issue IS NOT NULL)", name=op.f("ck_demandes_issue")),
        sa.CheckConstraint(
            "(statut IN ('cloturee', 'annulee')) = (cloturee_le IS NOT NULL)",
            name=op.f("ck_demandes_cloturee_le"),
        ),
        sa.CheckConstraint(
            "consentement_modalite IN ('ecrit', 'oral', 'representant_legal')",
            name=op.f("ck_demandes_consentement_modalite"),
        ),
        sa.CheckConstraint("echeance IS NULL OR jours_restants IS NULL", name=op.f("ck_demandes_delai")),
        sa.ForeignKeyConstraint(["caisse"], ["caisses.code"], name=op.f("fk_demandes_caisse")),
        sa.ForeignKeyConstraint(
            ["partenaire_id"], ["partenaires.id"], name=op.f("fk_demandes_partenaire_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demandes")),
        sa.UniqueConstraint("reference", name=op.f("uq_demandes_reference")),
    )
    op.create_index(op.f("ix_demandes_agent_id"), "demandes", ["agent_id"], unique=False)
    op.create_index(
        "ix_demandes_assure_mots",
        "demandes",
        ["assure_mots"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"assure_mots": "gin_trgm_ops"},
    )
    op.create_index(op.f("ix_demandes_auteur_id"), "demandes", ["auteur_id"], unique=False)
    op.create_index(
        "ix_demandes_caisse",
        "demandes",
        ["caisse", sa.literal_column("deposee_le DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(op.f("ix_demandes_modifiee_le"), "demandes", ["modifiee_le"], unique=False)
    op.create_index(
        "ix_demandes_partenaire",
        "demandes",
        ["partenaire_id", sa.literal_column("deposee_le DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_demandes_personne",
        "demandes",
        ["personne_cle"],
        unique=False,
        postgresql_where=sa.text("statut IN ('deposee', 'en_cours', 'complement_demande')"),
    )
    op.create_table(
        "familles_jetons",
        sa.Column("compte_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cree_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoquee_le", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_familles_jetons_application_id")
        ),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_familles_jetons_compte_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_familles_jetons")),
    )
    op.create_index(
        op.f("ix_familles_jetons_application_id"), "familles_jetons", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_familles_jetons_compte_id"), "familles_jetons", ["compte_id"], unique=False)
    op.create_table(
        "liens",
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("compte_id", sa.Uuid(), nullable=False),
        sa.Column(
            "nature",
            sa.Enum(
                "activation",
                "reinitialisation",
                name="nature",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("expire_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utilise_le", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["compte_id"], ["comptes.id"], name=op.f("fk_liens_compte_id")),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_liens")),
    )
    op.create_index(op.f("ix_liens_compte_id"), "liens", ["compte_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        sa.Column("auteur_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("texte", sa.Text(), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["demande_id"], ["demandes.id"], name=op.f("fk_messages_demande_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_demande_id"), "messages", ["demande_id"], unique=False)
    op.create_table(
        "reglages_conventions",
        sa.Column("convention_id", sa.Uuid(), nullable=False),
        sa.Column(
            "fonctionnalite",
            sa.Enum(
                "contact",
                "etude_dossier",
                "signalement",
                "rendez_vous",
                "document",
                "historique",
                name="fonctionnalite",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["convention_id"], ["conventions.id"], name=op.f("fk_reglages_conventions_convention_id")
        ),
        sa.PrimaryKeyConstraint("convention_id", "fonctionnalite", name=op.f("pk_reglages_conventions")),
    )
    op.create_table(
        "signalements",
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        sa.Column("difficultes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("orientation_souhaitee", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "difficultes <@ ARRAY['absence_de_complementaire', 'acces_aux_soins', 'autre', 'carte_vitale', 'comprehension_des_demarches', 'indemnites', 'numerique', 'ouverture_de_droits', 'renoncement_aux_soins', 'renouvellement_c2s', 'rupture_de_droits', 'situation_sociale_complexe']::text[]",
            name=op.f("ck_signalements_difficultes"),
        ),
        sa.CheckConstraint(
            "orientation_souhaitee IN ('autre', 'conseiller', 'mission_accompagnement_sante', 'rendez_vous', 'service_social')",
            name=op.f("ck_signalements_orientation_souhaitee"),
        ),
        sa.CheckConstraint("cardinality(difficultes) > 0", name=op.f("ck_signalements_au_moins_une")),
        sa.ForeignKeyConstraint(["demande_id"], ["demandes.id"], name=op.f("fk_signalements_demande_id")),
        sa.PrimaryKeyConstraint("demande_id", name=op.f("pk_signalements")),
    )
    op.create_table(
        "jetons_rafraichissement",
        sa.Column("empreinte", sa.Text(), nullable=False),
        sa.Column("famille_id", sa.Uuid(), nullable=False),
        sa.Column("emis_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column("utilise_le", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["famille_id"], ["familles_jetons.id"], name=op.f("fk_jetons_rafraichissement_famille_id")
        ),
        sa.PrimaryKeyConstraint("empreinte", name=op.f("pk_jetons_rafraichissement")),
    )
    op.create_index(
        op.f("ix_jetons_rafraichissement_famille_id"), "jetons_rafraichissement", ["famille_id"], unique=False
    )
    op.get_bind().execute(
        sa.text("INSERT INTO versions_cgu (version, texte, publiee_le) VALUES ('2026-11', :texte, now())"),
        {"texte": CGU},
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_jetons_rafraichissement_famille_id"), table_name="jetons_rafraichissement")
    op.drop_table("jetons_rafraichissement")
    op.drop_table("signalements")
    op.drop_table("reglages_conventions")
    op.drop_index(op.f("ix_messages_demande_id"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_liens_compte_id"), table_name="liens")
    op.drop_table("liens")
    op.drop_index(op.f("ix_familles_jetons_compte_id"), table_name="familles_jetons")
    op.drop_index(op.f("ix_familles_jetons_application_id"), table_name="familles_jetons")
    op.drop_table("familles_jetons")
    op.drop_index(
        "ix_demandes_personne",
        table_name="demandes",
        postgresql_where=sa.text("statut IN ('deposee', 'en_cours', 'complement_demande')"),
    )
    op.drop_index("ix_demandes_partenaire", table_name="demandes")
    op.drop_index(op.f("ix_demandes_modifiee_le"), table_name="demandes")
    op.drop_index("ix_demandes_caisse", table_name="demandes")
    op.drop_index(op.f("ix_demandes_auteur_id"), table_name="demandes")
    op.drop_index(
        "ix_demandes_assure_mots",
        table_name="demandes",
        postgresql_using="gin",
        postgresql_ops={"assure_mots": "gin_trgm_ops"},
    )
    op.drop_index(op.f("ix_demandes_agent_id"), table_name="demandes")
    op.drop_table("demandes")
    op.drop_index(op.f("ix_conventions_partenaire_id"), table_name="conventions")
    op.drop_index("ix_conventions_caisse_partenaire_id", table_name="conventions")
    op.drop_table("conventions")
    op.drop_index("ix_comptes_partenaire_id_role", table_name="comptes")
    op.drop_index(op.f("ix_comptes_caisse"), table_name="comptes")
    op.drop_table("comptes")
    op.drop_table("reglages_caisses")
    op.drop_table("partenaires")
    op.drop_table("applications")
    op.drop_index(op.f("ix_versions_cgu_publiee_le"), table_name="versions_cgu")
    op.drop_table("versions_cgu")
    op.drop_index("ix_journal_partenaire_id_numero", table_name="journal")
    op.drop_index("ix_journal_chaine_numero", table_name="journal")
    op.drop_table("journal")
    op.drop_index("ix_evenements_partenaire_id_numero", table_name="evenements")
    op.drop_index("ix_evenements_caisse_numero", table_name="evenements")
    op.drop_table("evenements")
    op.drop_index(op.f("ix_echecs_connexion_le"), table_name="echecs_connexion")
    op.drop_index(op.f("ix_echecs_connexion_cle"), table_name="echecs_connexion")
    op.drop_table("echecs_connexion")
    op.drop_index(op.f("ix_cles_signature_cree_le"), table_name="cles_signature")
    op.drop_table("cles_signature")
    op.drop_index(op.f("ix_cles_idempotence_cree_le"), table_name="cles_idempotence")
    op.drop_table("cles_idempotence")
    op.drop_table("caisses")
