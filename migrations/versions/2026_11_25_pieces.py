"""Pièces: the documents of a request, in both directions (art. 1.3, 3.1)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_pieces"
down_revision = "0041_webhooks"
branch_labels = None
depends_on = None

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
PIECES = tuple(
    sorted((*DOCUMENTS, "courrier", "justificatif_domicile", "justificatif_ressources", "piece_identite"))
)
TYPES = ("application/pdf", "image/jpeg", "image/png")
# Under the policy of demandes; art. 1.3: an outgoing piece is seen by an organisme habilité only.
SES_PIECES = (
    "EXISTS (SELECT 1 FROM demandes d WHERE d.id = demande_id) AND (sens = 'entrante'"
    " OR ep_portee() <> 'partenaire'"
    " OR EXISTS (SELECT 1 FROM partenaires p WHERE p.id = partenaire_id AND p.organisme_habilite))"
)


def parmi(codes: tuple[str, ...]) -> str:
    return "({})".format(", ".join(f"'{code}'" for code in codes))


def enumeration(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table("pieces", *_colonnes(), *_contraintes())
    op.create_index(op.f("ix_pieces_demande_id"), "pieces", ["demande_id"])
    op.create_index(op.f("ix_pieces_kid"), "pieces", ["kid"])
    op.create_index(
        "ix_pieces_a_analyser",
        "pieces",
        ["id"],
        postgresql_where=sa.text("statut = 'en_analyse' AND effacee_le IS NULL"),
    )
    op.create_index(
        "ix_pieces_a_nettoyer",
        "pieces",
        ["id"],
        postgresql_where=sa.text("fichier_efface_le IS NULL AND cle IS NULL"),
    )
    op.execute("ALTER TABLE pieces ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pieces FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY proprietaire ON pieces TO CURRENT_USER USING (true) WITH CHECK (true)")
    op.execute(
        f"CREATE POLICY siennes ON pieces TO ep_application USING ({SES_PIECES}) WITH CHECK ({SES_PIECES})"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON pieces TO ep_application")
    op.add_column(
        "messages",
        sa.Column("pieces", postgresql.ARRAY(sa.Uuid()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.alter_column("messages", "pieces", server_default=None)


def _colonnes() -> list[sa.Column]:
    instants = ("analysee_le", "effacee_le", "fichier_efface_le", "fichier_absent_le")
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("demande_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("caisse", sa.String(3), nullable=False),
        sa.Column("partenaire_id", sa.Uuid(), nullable=False),
        sa.Column("demandeur_id", sa.Uuid(), nullable=False),
        sa.Column("deposant_id", sa.Uuid(), nullable=False),
        sa.Column("sens", enumeration("entrante", "sortante", name="sens"), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("statut", enumeration("en_analyse", "acceptee", "refusee", name="statut"), nullable=False),
        sa.Column("motif_refus", enumeration("infectee", name="motif_refus_valeur")),
        sa.Column(
            "antivirus",
            enumeration("en_attente", "saine", "infectee", "non_analyse", name="antivirus"),
            nullable=False,
        ),
        sa.Column("type_mime", sa.Text(), nullable=False),
        sa.Column("taille", sa.Integer()),
        sa.Column("sha256", sa.Text()),
        sa.Column("cle", sa.LargeBinary()),
        sa.Column("kid", sa.Text()),
        sa.Column("deposee_le", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "raison_effacement", enumeration("consentement_retire", "rgpd", name="raison_effacement_valeur")
        ),
        *(sa.Column(instant, sa.DateTime(timezone=True)) for instant in instants),
    ]


def _contraintes() -> list[sa.Constraint]:
    verifications = {
        "nature": f"nature IN {parmi(PIECES)}",
        "nature_sortante": f"sens = 'entrante' OR nature IN {parmi(DOCUMENTS)}",
        "type_mime": f"type_mime IN {parmi(TYPES)}",
        "taille": "taille BETWEEN 1 AND 10485760",
        "motif_refus": "(statut = 'refusee') = (motif_refus IS NOT NULL)",
        "cle": "(cle IS NULL) = (statut = 'refusee' OR effacee_le IS NOT NULL)"
        " AND (cle IS NULL) = (kid IS NULL)",
        "effacee_le": "(effacee_le IS NULL) = (sha256 IS NOT NULL AND taille IS NOT NULL)"
        " AND (effacee_le IS NULL) = (raison_effacement IS NULL)",
    }
    references = {"demande_id": "demandes.id", "caisse": "caisses.code", "partenaire_id": "partenaires.id"}
    return [
        *(sa.CheckConstraint(regle, name=op.f(f"ck_pieces_{nom}")) for nom, regle in verifications.items()),
        *(
            sa.ForeignKeyConstraint([colonne], [cible], name=op.f(f"fk_pieces_{colonne}"))
            for colonne, cible in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pieces")),
    ]


def downgrade() -> None:
    op.drop_column("messages", "pieces")
    op.drop_table("pieces")
