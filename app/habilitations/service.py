"""Art. 2.2.1 to 2.2.3: a partenaire asks, its caisse decides within five working days."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.comptes import fin_de_compte, gestionnaires, queries, regles, service, structures, techniciens
from app.comptes.lecture import PARIS
from app.comptes.regles import PREAVIS_JOURS, Etat
from app.comptes.schemas import GestionnaireModification, Identite, Motif
from app.comptes.tables import Compte
from app.droits import Acteur, Role
from app.erreurs import DejaDecidee, EtatDuCompte, Introuvable, PreavisInsuffisant, Validation
from app.evenements.service import publier
from app.habilitations.regles import DELAI_HABILITATION, Nature, StatutHabilitation
from app.habilitations.schemas import HabilitationDepot
from app.habilitations.tables import DemandeHabilitation
from app.journal.service import Objet, inscrire
from app.kit.calendrier import ajouter_jours_ouvres
from app.kit.clock import now, today
from app.kit.jobs import enqueue
from app.referentiel import queries as referentiel
from app.referentiel.tables import Partenaire


def visibles(
    acteur: Acteur, statut: StatutHabilitation | None, en_retard: bool | None
) -> Select[DemandeHabilitation]:
    """Select the requests of the actor's structure, or of its caisse's structures, newest first."""
    table = DemandeHabilitation
    sienne: ColumnElement[bool] = (
        func.ep_partenaire_de_la_caisse(table.partenaire_id, acteur.caisse)
        if acteur.cote_caisse
        else table.partenaire_id == acteur.partenaire_id
    )
    statement = select(table).where(sienne).order_by(table.deposee_le.desc(), table.id.desc())
    if statut is not None:
        statement = statement.where(table.statut == statut)
    if en_retard is not None:
        retard = (table.statut == StatutHabilitation.DEPOSEE) & (table.echeance < today())
        statement = statement.where(retard if en_retard else ~retard)
    return statement


async def visible(
    session: AsyncSession, acteur: Acteur, id_: UUID, *, verrou: bool = False
) -> DemandeHabilitation:
    statement = visibles(acteur, None, None).where(DemandeHabilitation.id == id_)
    demande = await session.scalar(statement.with_for_update() if verrou else statement)
    if demande is None:
        raise Introuvable
    return demande


async def deposer(session: AsyncSession, acteur: Acteur, depot: HabilitationDepot) -> DemandeHabilitation:
    """Art. 2.2.1: what the caisse must know to decide; quota and address are checked now, and again then."""
    structure = await structures.structure(session, acteur, depot.partenaire_id)
    caisse = await structures.exiger_convention(session, acteur, structure.id)
    await _verifier(session, acteur, structure, depot)
    demande = DemandeHabilitation(
        nature=depot.nature,
        partenaire_id=structure.id,
        caisse=caisse,
        deposant_id=acteur.id,
        gestionnaire_id=depot.gestionnaire_id,
        successeur_id=depot.successeur_id,
        identite=depot.identite.model_dump(mode="json") if depot.identite else None,
        modifications=depot.modifications.model_dump(exclude_none=True) if depot.modifications else None,
        effet_le=depot.effet_le or (today() if depot.effet else None),
        motif=depot.motif,
        deposee_le=now(),
        echeance=await _echeance(session, structure, caisse, today()),
    )
    session.add(demande)
    await session.flush()
    await _avertir(session, demande, "habilitation.deposee")
    await publier(session, acteur, "habilitation.deposee", _objet(demande))
    await fin_de_compte.noter_confirmation(session, acteur, depot, _objet(demande))
    return demande


async def _echeance(session: AsyncSession, structure: Partenaire, caisse: str, jour: date) -> date:
    ligne = await referentiel.caisse(session, caisse)
    departement = ligne.departement if ligne else structure.departement
    return ajouter_jours_ouvres(jour, DELAI_HABILITATION, departement)


async def _verifier(
    session: AsyncSession, acteur: Acteur, structure: Partenaire, depot: HabilitationDepot
) -> None:
    attendus = {
        Nature.CREATION: {"identite"},
        Nature.MODIFICATION: {"gestionnaire_id", "modifications"},
        Nature.INACTIVATION: {"gestionnaire_id"},
    }[depot.nature]
    permis = attendus | (
        {"effet_le", "effet", "successeur_id", "motif"} if depot.nature is Nature.INACTIVATION else {"motif"}
    )
    for champ in ("identite", "gestionnaire_id", "modifications", "effet_le", "effet", "successeur_id"):
        present = getattr(depot, champ) is not None
        if champ in attendus and not present:
            raise Validation.du_champ(
                f"/{champ}", "missing", "Ce champ est obligatoire pour cette nature de demande."
            )
        if present and champ not in permis:
            raise Validation.du_champ(
                f"/{champ}", "ep_nature", "Ce champ ne va pas avec cette nature de demande."
            )
    if depot.identite is not None:
        structures.verifier_adresse(structure, Role.GESTIONNAIRE, depot.identite.email)
        await structures.verifier_quota(session, structure, Role.GESTIONNAIRE)
    if depot.gestionnaire_id is not None:
        await _du_gestionnaire(session, acteur, structure, depot)


async def _du_gestionnaire(
    session: AsyncSession, acteur: Acteur, structure: Partenaire, depot: HabilitationDepot
) -> None:
    """Check a change or an end asked for a gestionnaire: who, what, and how far ahead."""
    compte = await queries.de_la_structure_par_id(session, acteur, Role.GESTIONNAIRE, depot.gestionnaire_id)  # type: ignore[arg-type]  # asked when given
    if compte is None or compte.partenaire_id != structure.id:
        raise Validation.du_champ(
            "/gestionnaire_id", "ep_inconnu", "Aucun gestionnaire de la structure n'a cet identifiant."
        )
    if fin_de_compte.etat_du_jour(compte) is Etat.INACTIF:
        raise EtatDuCompte(statut=Etat.INACTIF.value)
    if depot.modifications is not None and not depot.modifications.model_dump(exclude_none=True):
        raise Validation.du_champ("/modifications", "ep_vide", "Au moins une modification est attendue.")
    if depot.modifications is not None and depot.modifications.email is not None:
        structures.verifier_adresse(structure, Role.GESTIONNAIRE, depot.modifications.email)
    if depot.nature is Nature.INACTIVATION:
        await fin_de_compte.verifier_pas_dernier(session, compte, depot.successeur_id)
        if depot.effet is not None and acteur.cote_caisse:
            return
        if depot.effet_le is None:
            raise Validation.du_champ("/effet_le", "missing", "La date souhaitée est obligatoire.")
        if not regles.preavis_suffisant(today(), depot.effet_le):
            raise PreavisInsuffisant(au_plus_tot=(today() + timedelta(days=PREAVIS_JOURS)).isoformat())


async def accepter(
    session: AsyncSession, acteur: Acteur, id_: UUID, *, immediat: bool
) -> DemandeHabilitation:
    """Art. 2.2: the caisse habilitates, changes or ends; for an inactivation, on the wished date or at once."""
    demande = await _a_decider(session, acteur, id_)
    structure = await structures.structure(session, acteur, demande.partenaire_id)
    await structures.exiger_convention(session, acteur, structure.id)
    if demande.nature is Nature.CREATION:
        demande.compte_id = (await _habiliter(session, acteur, structure, demande)).id
    elif demande.nature is Nature.MODIFICATION:
        compte = await gestionnaires.gestionnaire(session, acteur, _gestionnaire(demande), verrou=True)
        modifications = dict(demande.modifications or {})
        if "email" in modifications:
            structures.verifier_adresse(structure, Role.GESTIONNAIRE, modifications["email"])
        await techniciens.changer(session, compte, modifications)
        await publier(session, acteur, "compte.modifie", fin_de_compte.objet(compte))
    else:
        effet_le = None if immediat or demande.effet_le is None else max(demande.effet_le, today())
        motif = demande.motif or "À la demande du partenaire"
        await gestionnaires.finir(
            session, acteur, _gestionnaire(demande), motif, effet_le, demande.successeur_id
        )
    return await _decider(session, acteur, demande, StatutHabilitation.ACCEPTEE)


async def _habiliter(
    session: AsyncSession, acteur: Acteur, structure: Partenaire, demande: DemandeHabilitation
) -> Compte:
    identite = Identite.model_validate(demande.identite)
    structures.verifier_adresse(structure, Role.GESTIONNAIRE, identite.email)
    await structures.verifier_quota(session, structure, Role.GESTIONNAIRE)
    return await service.ouvrir(session, acteur, Role.GESTIONNAIRE, identite, partenaire_id=structure.id)


async def modifier(
    session: AsyncSession,
    acteur: Acteur,
    id_: UUID,
    changement: GestionnaireModification,
    version: str | None,
) -> Compte:
    """Art. 2.2.2: a direct change by the caisse; `demande_recue_le` keeps the partenaire's request behind it."""
    recue_le = changement.demande_recue_le
    if recue_le is not None:
        compte = await gestionnaires.gestionnaire(session, acteur, id_)
        structure = await structures.structure(session, acteur, compte.partenaire_id)
        caisse = await structures.exiger_convention(session, acteur, structure.id)
        demande = DemandeHabilitation(
            nature=Nature.MODIFICATION,
            statut=StatutHabilitation.ACCEPTEE,
            partenaire_id=structure.id,
            caisse=caisse,
            gestionnaire_id=id_,
            modifications=changement.model_dump(exclude_unset=True, exclude={"demande_recue_le"}),
            deposee_le=datetime.combine(recue_le, time(), tzinfo=ZoneInfo(PARIS)),
            echeance=await _echeance(session, structure, caisse, recue_le),
            decidee_le=now(),
            decidee_par=acteur.id,
        )
        session.add(demande)
        await session.flush()
        await inscrire(session, acteur, "habilitation.acceptee", _objet(demande))
    return await gestionnaires.modifier(session, acteur, id_, changement, version)


async def refuser(session: AsyncSession, acteur: Acteur, id_: UUID, refus: Motif) -> DemandeHabilitation:
    demande = await _a_decider(session, acteur, id_)
    await structures.exiger_convention(session, acteur, demande.partenaire_id)
    demande.motif_refus = refus.motif
    await _decider(session, acteur, demande, StatutHabilitation.REFUSEE)
    await fin_de_compte.noter_confirmation(session, acteur, refus, _objet(demande))
    return demande


async def _a_decider(session: AsyncSession, acteur: Acteur, id_: UUID) -> DemandeHabilitation:
    demande = await visible(session, acteur, id_, verrou=True)
    if demande.statut is not StatutHabilitation.DEPOSEE:
        raise DejaDecidee(statut=demande.statut.value)
    return demande


async def _decider(
    session: AsyncSession, acteur: Acteur, demande: DemandeHabilitation, statut: StatutHabilitation
) -> DemandeHabilitation:
    demande.statut, demande.decidee_le, demande.decidee_par = statut, now(), acteur.id
    await session.flush()
    await _avertir(session, demande, f"habilitation.{statut.value}")
    await publier(session, acteur, f"habilitation.{statut.value}", _objet(demande))
    return demande


async def _avertir(session: AsyncSession, demande: DemandeHabilitation, evenement: str) -> None:
    for cote in ("structure", "caisse"):
        await enqueue(
            session,
            "comptes.avertir_habilitation",
            demande_id=str(demande.id),
            evenement=evenement,
            cote=cote,
        )


def _gestionnaire(demande: DemandeHabilitation) -> UUID:
    if demande.gestionnaire_id is None:
        raise Introuvable
    return demande.gestionnaire_id


def _objet(demande: DemandeHabilitation) -> Objet:
    return Objet("demande_habilitation", demande.id, demande.caisse, demande.partenaire_id)
