"""From rows to what a caller reads, as of a day."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import queries
from app.conventions.regles import (
    ObjetResilie,
    entree_en_vigueur,
    fin_de_periode,
    resiliable_le,
    statut,
    tacite_reconduction,
    termes_au,
)
from app.conventions.schemas import ConventionLue, DenonciationLue, MetierLu, ResiliationLue
from app.conventions.schemas_actes import (
    AvenantLu,
    Choix,
    FonctionnaliteConvention,
    MiseEnDemeureLue,
    ModificationsLues,
)
from app.conventions.tables import Avenant, Convention, MiseEnDemeure
from app.droits import Fonctionnalite
from app.kit.clock import today
from app.referentiel import queries as referentiel
from app.referentiel.regles import fonctionnalites_ouvertes


async def convention_lue(
    session: AsyncSession, convention: Convention, au: date | None = None
) -> ConventionLue:
    return (await conventions_lues(session, [convention], au))[0]


async def conventions_lues(
    session: AsyncSession, conventions: list[Convention], au: date | None = None
) -> list[ConventionLue]:
    ids = [convention.id for convention in conventions]
    reglages = await queries.reglages(session, ids, au or today())
    objets = await queries.objets(session, ids, au or today())
    return [lire(c, reglages[c.id], objets.get(c.id), au) for c in conventions]


def lire(
    convention: Convention,
    reglages: Mapping[Fonctionnalite, bool | None],
    objet: str | None,
    au: date | None,
) -> ConventionLue:
    """Return a convention as of a day, today by default: its state and its period follow from its dates.

    An end already recorded shows before its day, save in the terms of a former day. A suspension is no
    term: it shows today.
    """
    jour = au or today()
    termes = termes_au(
        convention.termes, jour, suspendue=convention.suspendue_le is not None and jour == today()
    )
    debut = entree_en_vigueur(termes)
    denonciation = _denonciation(convention) if au is None or termes.denoncee_le else None
    resiliation = _resiliation(convention) if au is None or termes.resiliee_le else None
    metier_fini = resiliation is not None and resiliation.objet is ObjetResilie.METIER
    return ConventionLue(
        id=convention.id,
        partenaire_id=convention.partenaire_id,
        caisse=convention.caisse,
        statut=statut(termes, jour),
        metier=MetierLu(
            reference=convention.metier_reference,
            signee_le=convention.metier_signee_le,
            resiliee_le=resiliation.le if resiliation and metier_fini else None,
        ),
        signee_partenaire_le=convention.signee_partenaire_le,
        signee_caisse_le=convention.signee_caisse_le,
        signee_le=debut,
        debut_le=debut,
        fin_le=fin_de_periode(termes, jour),
        tacite_reconduction=tacite_reconduction(termes, jour),
        objet=objet,
        fonctionnalites={f.value: reglages.get(f) for f in Fonctionnalite},
        denonciation=denonciation,
        resiliation=resiliation,
    )


def _denonciation(c: Convention) -> DenonciationLue | None:
    if c.denoncee_le is None or c.denoncee_par is None or c.motif_denonciation is None:
        return None
    return DenonciationLue(partie=c.denoncee_par, le=c.denoncee_le, motif=c.motif_denonciation)


def _resiliation(c: Convention) -> ResiliationLue | None:
    if (
        c.resiliee_le is None
        or c.resiliation_objet is None
        or c.resiliation_cause is None
        or c.motif_resiliation is None
    ):
        return None
    return ResiliationLue(
        objet=c.resiliation_objet,
        cause=c.resiliation_cause,
        partie=c.resiliee_par,
        le=c.resiliee_le,
        motif=c.motif_resiliation,
        mise_en_demeure_id=c.mise_en_demeure_id,
    )


async def avenants_lus(session: AsyncSession, avenants: list[Avenant]) -> list[AvenantLu]:
    choix = await queries.choix_des_avenants(session, [avenant.id for avenant in avenants])
    return [
        AvenantLu(
            id=avenant.id,
            convention_id=avenant.convention_id,
            le=avenant.le,
            objet=avenant.objet,
            modifications=ModificationsLues(
                tacite_reconduction=avenant.tacite_reconduction,
                fonctionnalites=choix[avenant.id],
                fin_le=avenant.fin_le,
                objet=avenant.objet_convention,
            ),
            enregistre_le=avenant.enregistre_le,
        )
        for avenant in avenants
    ]


def lire_mise_en_demeure(demeure: MiseEnDemeure) -> MiseEnDemeureLue:
    return MiseEnDemeureLue(
        id=demeure.id,
        convention_id=demeure.convention_id,
        partie=demeure.partie,
        recue_le=demeure.recue_le,
        motif=demeure.motif,
        resiliable_le=resiliable_le(demeure.recue_le),
        reparee_le=demeure.reparee_le,
    )


async def fonctionnalites_lues(
    session: AsyncSession, convention: Convention
) -> list[FonctionnaliteConvention]:
    """Art. 1.2: each function, what it is today, since when and by whom, and every former choice."""
    historique = await queries.historique(session, convention.id)
    siens = (await queries.reglages(session, [convention.id], today()))[convention.id]
    defauts = (await referentiel.reglages(session, [convention.caisse]))[convention.caisse]
    defaut = {f: reglage.active for f, reglage in defauts.items()}
    ouvertes = fonctionnalites_ouvertes(defaut, siens)
    lues = []
    for f in Fonctionnalite:
        choix = [
            Choix.model_validate(row, from_attributes=True) for row in historique if row.fonctionnalite is f
        ]
        present = next((c for c in choix if c.a_compter_du is None or c.a_compter_du <= today()), None)
        lues.append(
            FonctionnaliteConvention(
                fonctionnalite=f,
                active=siens.get(f),
                defaut=defaut.get(f, True),
                ouverte=f in ouvertes,
                modifie_le=present.modifie_le if present else None,
                auteur_id=present.auteur_id if present else None,
                historique=choix,
            )
        )
    return lues
