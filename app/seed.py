"""Volume data for benchmarks: structures and requests by COPY, straight into the tables; invented people.

Seeded rows have no event, no journal line and no mail: they stand for what has been there for long. The
structures that exist get their share, the first of them the most: that is where a bench signs in.
"""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from stdnum import luhn

from app.demandes.assure import cle_personne, mots
from app.demandes.depots import ALPHABET, LONGUEUR
from app.demandes.phonetique import sons
from app.demandes.regles import OUVERTS, PREFIXES, Issue, Statut, Type
from app.demandes.regles_mesures import Mesures, clore, prendre
from app.kit.ids import new_id
from app.kit.location import owner_url
from app.referentiel.nomenclatures import DIFFICULTES, MODALITES, ORIENTATIONS

PER_STRUCTURE, DEPTH, BATCH = 400, timedelta(days=2 * 365), 5_000
NOMS = [
    "Abadie",
    "Barbier",
    "Chevalier",
    "Dumas",
    "Etienne",
    "Faure",
    "Garcia",
    "Hubert",
    "Imbert",
    "Jacquet",
    "Klein",
    "Leroy",
    "Marty",
    "Nguyen",
]
PRENOMS = [
    "Alice",
    "Bernard",
    "Chantal",
    "Driss",
    "Elise",
    "Farida",
    "Gilles",
    "Huguette",
    "Ismael",
    "Josiane",
    "Louise",
    "Malika",
    "Norbert",
]
# Of a hundred requests, how many stand in each state.
STATUTS = {
    Statut.DEPOSEE: 6,
    Statut.EN_COURS: 8,
    Statut.COMPLEMENT_DEMANDE: 3,
    Statut.CLOTUREE: 75,
    Statut.ANNULEE: 8,
}
Avance = Callable[[int, int], None]
Row = dict[str, Any]


class SansCaisse(Exception):  # noqa: N818
    """There is no caisse to send requests to."""


class Structure(NamedTuple):
    partenaire_id: UUID
    caisse: str
    departement: str
    techniciens: list[UUID]


EXISTING = """
SELECT p.id, c.caisse, k.departement, array_agg(t.id)
FROM partenaires p JOIN conventions c ON c.partenaire_id = p.id JOIN caisses k ON k.code = c.caisse
JOIN comptes t ON t.partenaire_id = p.id AND t.role = 'technicien'
WHERE c.signee_partenaire_le IS NOT NULL AND c.signee_caisse_le IS NOT NULL
GROUP BY p.id, c.id, k.code ORDER BY p.id, c.id
"""


def semer(total: int, avance: Avance) -> int:
    """Add requests, and structures to file them; return how many structures. Raises SansCaisse."""
    url = make_url(owner_url()).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as base:
        with base.transaction():
            caisses = base.execute("SELECT code, departement FROM caisses ORDER BY code").fetchall()
            if not caisses:
                raise SansCaisse
            structures = [Structure(*row) for row in base.execute(EXISTING)]
            nouvelles = -(-total // PER_STRUCTURE)
            structures += [_structure(base, *random.choice(caisses)) for _ in range(nouvelles)]  # noqa: S311
            _demandes(base, total, structures, avance)
        base.execute("ANALYZE")
    return nouvelles


def _demandes(base: Any, total: int, structures: list[Structure], avance: Avance) -> None:
    parts = list(accumulate(1 / rang for rang in range(1, len(structures) + 1)))
    references = {reference for (reference,) in base.execute("SELECT reference FROM demandes")}
    debut, pas = datetime.now(UTC) - DEPTH, DEPTH / total
    for fait in range(0, total, BATCH):
        rangs = range(fait, min(fait + BATCH, total))
        choisies = random.choices(structures, cum_weights=parts, k=len(rangs))  # noqa: S311
        lot = [
            _demande(s, debut + pas * rang, _reference(references))
            for s, rang in zip(choisies, rangs, strict=True)
        ]
        copier(base, "demandes", [demande for demande, _ in lot])
        copier(base, "signalements", [signalement for _, signalement in lot])
        avance(rangs.stop, total)


def copier(base: Any, table: str, rows: Iterable[Row]) -> None:
    """COPY into a draft, then insert: row-level security does not let an ordinary owner COPY into its table."""
    rows = list(rows)
    noms = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    vers, brouillon = sql.Identifier(table), sql.Identifier(f"brouillon_{table}")
    base.execute(
        sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DROP").format(
            brouillon, vers
        )
    )
    with base.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(brouillon, noms)) as copy:
        for row in rows:
            copy.write_row(list(row.values()))
    base.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(vers, noms, noms, brouillon))
    base.execute(sql.SQL("TRUNCATE {}").format(brouillon))


def _reference(prises: set[str]) -> str:
    while True:
        suffixe = "".join(random.choices(ALPHABET, k=LONGUEUR))  # noqa: S311
        reference = f"{PREFIXES[Type.SIGNALEMENT]}-{datetime.now(UTC):%y}-{suffixe}"
        if reference not in prises:
            prises.add(reference)
            return reference


def _structure(base: Any, caisse: str, departement: str) -> Structure:
    partenaire, signee = new_id(), (datetime.now(UTC) - DEPTH).date()
    siren = f"{random.randrange(10**8):08d}"  # noqa: S311
    siren += luhn.calc_check_digit(siren)
    copier(
        base,
        "partenaires",
        [
            {
                "id": partenaire,
                "version": 1,
                "raison_sociale": f"Structure de volume {siren}",
                "siret": siren + "0001" + luhn.calc_check_digit(siren + "0001"),
                "type": "association",
                "effectif": 30,
                "domaines_email": [f"volume-{siren}.example"],
                "organisme_habilite": False,
                "departement": departement,
                "caisse_creatrice": caisse,
            }
        ],
    )
    convention = {
        "id": new_id(),
        "version": 1,
        "partenaire_id": partenaire,
        "caisse": caisse,
        "metier_reference": "VOLUME",
        "metier_signee_le": signee,
        "signee_partenaire_le": signee,
        "signee_caisse_le": signee,
        "tacite_reconduction": True,
        "periode": f"[{signee},)",
        "a_regler_le": signee,
    }
    comptes = [_compte(partenaire, f"v-{siren}-{rang}") for rang in range(5)]
    copier(base, "conventions", [convention])
    copier(base, "comptes", comptes)
    return Structure(partenaire, caisse, departement, [compte["id"] for compte in comptes])


def _compte(partenaire: UUID, identifiant: str) -> Row:
    """Describe a technicien who never chose a password: nobody signs in with it."""
    return {
        "id": new_id(),
        "version": 1,
        "identifiant": identifiant,
        "role": "technicien",
        "statut": "en_attente",
        "civilite": "mme",
        "nom": random.choice(NOMS),  # noqa: S311
        "prenom": random.choice(PRENOMS),  # noqa: S311
        "fonction": "Volume",
        "telephone": "+33261910000",
        "email": f"{identifiant}@volume.example",
        "exclu": False,
        "partenaire_id": partenaire,
        "cree_le": datetime.now(UTC),
    }


def _mesures(statut: Statut, depot: date, fin: date, departement: str) -> Row:
    """Measure a request as the gestures do: taken, then closed, on the day of its last change."""
    mesures = Mesures()
    if statut is Statut.CLOTUREE:
        mesures = clore(mesures, depot, fin, departement)
    elif statut in {Statut.EN_COURS, Statut.COMPLEMENT_DEMANDE}:
        mesures = prendre(mesures, depot, fin, departement)
    attendu = fin if statut is Statut.COMPLEMENT_DEMANDE else None
    return {
        "attente": mesures.attente,
        "attendu_depuis": attendu,
        "delai_prise_en_charge": mesures.prise_en_charge,
        "delai_cloture": mesures.cloture,
    }


def _demande(structure: Structure, instant: datetime, reference: str) -> tuple[Row, Row]:
    choix = random.choice
    statut = random.choices(list(STATUTS), weights=list(STATUTS.values()))[0]  # noqa: S311
    difficulte, nom, prenom = choix(sorted(DIFFICULTES)), choix(NOMS), choix(PRENOMS)
    naissance = (datetime(1930, 1, 1, tzinfo=UTC) + timedelta(days=random.randrange(28_000))).date()  # noqa: S311
    deposee = instant.replace(microsecond=0)
    fin = min(deposee + timedelta(days=random.randrange(1, 40)), datetime.now(UTC))  # noqa: S311
    demande = {
        "id": new_id(),
        "version": 1,
        "reference": reference,
        "type": Type.SIGNALEMENT.value,
        "statut": statut.value,
        "issue": choix(list(Issue)).value if statut is Statut.CLOTUREE else None,
        "theme": difficulte,
        "caisse": structure.caisse,
        "partenaire_id": structure.partenaire_id,
        "auteur_id": choix(structure.techniciens),
        "assure_civilite": choix(["m", "mme"]),
        "assure_nom": nom,
        "assure_prenom": prenom,
        "assure_date_naissance": naissance,
        "assure_departement": structure.departement,
        "assure_mots": mots(nom, prenom),
        "assure_sons": sorted(sons(nom) | sons(prenom)),
        "personne_cle": cle_personne(nom, prenom, naissance),
        "consentement_date": deposee.date(),
        "consentement_modalite": choix(sorted(MODALITES)),
        "motif_annulation": "Démarche faite sur place." if statut is Statut.ANNULEE else None,
        "deposee_le": deposee,
        "modifiee_le": deposee if statut is Statut.DEPOSEE else fin,
        "cloturee_le": None if statut in OUVERTS else fin,
        "echeance": None if statut is Statut.COMPLEMENT_DEMANDE else (deposee + timedelta(days=21)).date(),
        "jours_restants": 7 if statut is Statut.COMPLEMENT_DEMANDE else None,
        **_mesures(statut, deposee.date(), fin.date(), structure.departement),
    }
    propres = {"difficultes": [difficulte], "orientation_souhaitee": choix([None, *sorted(ORIENTATIONS)])}
    return demande, {"demande_id": demande["id"]} | propres
