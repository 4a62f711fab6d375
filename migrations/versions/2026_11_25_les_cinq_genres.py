"""Les cinq genres: studies, appointments, documents and contacts beside the signalements (art. 1.2)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_les_cinq_genres"
down_revision = "0006_revues"
branch_labels = None
depends_on = None

DROITS = ("ame", "autre", "c2s", "puma")
MOTIFS = ("accompagnement", "autre", "complementaire", "ouverture_de_droits", "prestations")
MODES = ("accueil", "telephone", "visio")
DOCUMENTS = (
    "attestation_droits",
    "autre",
    "bon_depistage",
    "bon_mt_dents",
    "bon_vaccination",
    "certificat_provisoire",
    "formulaire_carte_vitale",
    "invitation_examen_prevention",
    "notification_droits",
)
SUJETS = ("autre", "carte_vitale", "droits", "prestations", "rattachement", "suivi")
TABLES = ("etudes_dossier", "rendez_vous", "demandes_documents", "contacts")
DE_LA_DEMANDE = "EXISTS (SELECT 1 FROM demandes d WHERE d.id = demande_id)"  # under the policy of demandes


def parmi(table: str, colonne: str, codes: tuple[str, ...]) -> sa.CheckConstraint:
    liste = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{colonne} IN ({liste})", name=op.f(f"ck_{table}_{colonne}"))


def genre(table: str, *colonnes: sa.Column | sa.CheckConstraint) -> None:
    """Create the table of a kind, behind the wall of its request."""
    op.create_table(
        table,
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        *colonnes,
        sa.ForeignKeyConstraint(["demande_id"], ["demandes.id"], name=op.f(f"fk_{table}_demande_id")),
        sa.PrimaryKeyConstraint("demande_id", name=op.f(f"pk_{table}")),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY proprietaire ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY siennes ON {table} TO ep_application USING ({DE_LA_DEMANDE}) WITH CHECK ({DE_LA_DEMANDE})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO ep_application")


def texte(nom: str) -> sa.Column:
    return sa.Column(nom, sa.Text(), nullable=False)


def upgrade() -> None:
    genre("etudes_dossier", texte("droit"), parmi("etudes_dossier", "droit", DROITS))
    genre(
        "rendez_vous",
        texte("motif"),
        texte("mode"),
        sa.Column("disponibilites", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        parmi("rendez_vous", "motif", MOTIFS),
        parmi("rendez_vous", "mode", MODES),
        sa.CheckConstraint(
            "jsonb_array_length(disponibilites) > 0", name=op.f("ck_rendez_vous_disponibilites")
        ),
    )
    genre("demandes_documents", texte("document"), parmi("demandes_documents", "document", DOCUMENTS))
    genre("contacts", texte("sujet"), texte("message"), parmi("contacts", "sujet", SUJETS))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
