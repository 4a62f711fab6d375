from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur, Fonctionnalite, Role
from app.referentiel import queries
from app.referentiel.quotas import plafonds
from app.referentiel.regles import DELAIS_PROPOSES, fonctionnalites_ouvertes
from app.referentiel.schemas import CaisseLue, ChoixLu, FonctionnaliteCaisse, PartenaireLu, Quota, Quotas
from app.referentiel.tables import Caisse, Partenaire, ReglageCaisse

CALCULES = {"quotas", "sans_gestionnaire"}


async def caisse_lue(session: AsyncSession, acteur: Acteur, caisse: Caisse) -> CaisseLue:
    reglages = await queries.reglages(session, [caisse.code])
    return lire_caisse(acteur, caisse, reglages[caisse.code])


def lire_caisse(
    acteur: Acteur, caisse: Caisse, reglages: Mapping[Fonctionnalite, ReglageCaisse]
) -> CaisseLue:
    """Return a caisse as this actor sees it: its queue's address is for its own side."""
    ouvertes = fonctionnalites_ouvertes({f: r.active for f, r in reglages.items()}, {})
    interne = acteur.role is Role.ADMINISTRATEUR or acteur.caisse == caisse.code
    return CaisseLue(
        code=caisse.code,
        nom=caisse.nom,
        departement=caisse.departement,
        departements=caisse.departements,
        email_file=caisse.email_file if interne else None,
        fonctionnalites={f.value: f in ouvertes for f in Fonctionnalite},
        delais={
            f.value: (reglages[f].delai if f in reglages else None) or propose
            for f, propose in DELAIS_PROPOSES.items()
        },
    )


async def fonctionnalites_lues(session: AsyncSession, code: str) -> list[FonctionnaliteCaisse]:
    """Art. 1.2: each function for all the partenaires of a caisse, since when and by whom."""
    historique = await queries.historique(session, code)
    reglages = (await queries.reglages(session, [code]))[code]
    ouvertes = fonctionnalites_ouvertes({f: r.active for f, r in reglages.items()}, {})
    lues = []
    for f in Fonctionnalite:
        choix = [ChoixLu.model_validate(c, from_attributes=True) for c in historique if c.fonctionnalite is f]
        dernier = choix[0] if choix else None
        lues.append(
            FonctionnaliteCaisse(
                fonctionnalite=f,
                active=f in ouvertes,
                modifie_le=dernier.modifie_le if dernier else None,
                auteur_id=dernier.auteur_id if dernier else None,
                historique=choix,
            )
        )
    return lues


def lire_partenaire(
    partenaire: Partenaire, gestionnaires: int, techniciens: int, sans_gestionnaire: bool
) -> PartenaireLu:
    permis = plafonds(partenaire.effectif)
    champs = {nom: getattr(partenaire, nom) for nom in PartenaireLu.model_fields if nom not in CALCULES}
    return PartenaireLu(
        **champs,
        sans_gestionnaire=sans_gestionnaire,
        quotas=Quotas(
            gestionnaires=Quota(maximum=permis.gestionnaires, utilises=gestionnaires),
            techniciens=Quota(maximum=permis.techniciens, utilises=techniciens),
        ),
    )
