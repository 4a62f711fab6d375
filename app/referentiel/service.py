from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur, Fonctionnalite, Role
from app.erreurs import DejaExistant, Introuvable, PermissionRefusee, Validation
from app.evenements.service import publier
from app.journal.service import Objet
from app.kit.clock import now
from app.kit.etag import check_version
from app.kit.outage import MEMORY
from app.kit.session import after_commit
from app.referentiel import queries
from app.referentiel.schemas import (
    CaisseCreation,
    CaisseModification,
    Delais,
    Fonctionnalites,
    GardeDeCaisse,
    PartenaireCreation,
    PartenaireModification,
)
from app.referentiel.tables import Caisse, ChoixCaisse, Partenaire, ReglageCaisse


async def creer_caisse(session: AsyncSession, acteur: Acteur, depot: CaisseCreation) -> Caisse:
    caisse = Caisse(**depot.model_dump(exclude={"delais"}))
    session.add(caisse)
    try:
        await session.flush()
    except IntegrityError:
        raise DejaExistant(champ="/code") from None
    await _regler_delais(session, caisse.code, depot.delais)
    await publier(session, acteur, "caisse.creee", Objet("caisse", caisse.code, caisse.code))
    return caisse


async def modifier_caisse(
    session: AsyncSession, acteur: Acteur, code: str, changement: CaisseModification, version: str | None
) -> Caisse:
    caisse = await sa_caisse(session, acteur, code)
    check_version(caisse.version, version)
    _appliquer(caisse, changement.model_dump(exclude_unset=True, exclude={"delais"}))
    await _regler_delais(session, code, changement.delais)
    caisse.version += 1
    await session.flush()
    await publier(session, acteur, "caisse.modifiee", Objet("caisse", code, code))
    return caisse


async def regler_fonctionnalites(
    session: AsyncSession, acteur: Acteur, code: str, choix: Fonctionnalites, version: str | None
) -> Caisse:
    """Art. 1.2: the caisse opens or closes each function for all its partenaires, at once."""
    caisse = await sa_caisse(session, acteur, code)
    check_version(caisse.version, version)
    presents = {f: r.active for f, r in (await queries.reglages(session, [code]))[code].items()}
    for fonctionnalite, active in choix.choix().items():
        await _regler(session, code, fonctionnalite, active=active)
        if presents.get(fonctionnalite, True) is not active:
            session.add(
                ChoixCaisse(
                    caisse=code,
                    fonctionnalite=fonctionnalite,
                    active=active,
                    modifie_le=now(),
                    auteur_id=acteur.id,
                )
            )
    caisse.version += 1
    await session.flush()
    after_commit(session, MEMORY.mark_outdated)
    await publier(session, acteur, "caisse.fonctionnalites_reglees", Objet("caisse", code, code))
    return caisse


async def regler_garde(
    session: AsyncSession, acteur: Acteur, code: str, garde: GardeDeCaisse, version: str | None
) -> Caisse:
    """Art. 5: the words that the guard also looks for in the texts of this caisse's requests, both sides."""
    caisse = await sa_caisse(session, acteur, code)
    check_version(caisse.version, version)
    caisse.termes_garde = sorted(set(garde.termes))
    caisse.version += 1
    await session.flush()
    await publier(session, acteur, "caisse.garde_reglee", Objet("caisse", code, code))
    return caisse


async def sa_caisse(session: AsyncSession, acteur: Acteur, code: str) -> Caisse:
    """Return a caisse that the actor may change, locked: an agent's own, any for the administrateur."""
    caisse = await queries.caisse(session, code, verrou=True)
    if caisse is None or (acteur.role is Role.AGENT_CAISSE and acteur.caisse != code):
        raise Introuvable
    return caisse


async def caisse_visible(session: AsyncSession, acteur: Acteur, code: str) -> Caisse:
    """Return a caisse that the actor may know: those of its conventions, its own, any for the administrateur."""
    caisse = await queries.caisse(session, code)
    if caisse is None or (acteur.role is not Role.ADMINISTRATEUR and code not in acteur.ouvertes):
        raise Introuvable
    return caisse


async def partenaire_visible(
    session: AsyncSession, acteur: Acteur, id_: UUID
) -> Row[Partenaire, int, int, bool]:
    row = await queries.partenaire(session, acteur, id_)
    if row is None:
        raise Introuvable
    return row


async def _regler(
    session: AsyncSession, code: str, fonctionnalite: Fonctionnalite, **valeurs: object
) -> None:
    await session.execute(
        insert(ReglageCaisse)
        .values(caisse=code, fonctionnalite=fonctionnalite, **valeurs)
        .on_conflict_do_update(index_elements=["caisse", "fonctionnalite"], set_=valeurs)
    )


async def _regler_delais(session: AsyncSession, code: str, delais: Delais | None) -> None:
    for nom, delai in (delais.model_dump(exclude_none=True) if delais else {}).items():
        await _regler(session, code, Fonctionnalite(nom), delai=delai)


async def creer_partenaire(session: AsyncSession, acteur: Acteur, depot: PartenaireCreation) -> Partenaire:
    if acteur.caisse is None:
        raise PermissionRefusee
    connu = await queries.partenaire_par_siret(session, depot.siret)
    if connu:
        raise DejaExistant(
            "Une structure porte déjà ce SIRET ; elle peut signer une convention avec plusieurs caisses.",
            champ="/siret",
            partenaire_id=str(connu),
        )
    partenaire = Partenaire(**depot.model_dump(), caisse_creatrice=acteur.caisse)
    session.add(partenaire)
    await session.flush()
    await publier(session, acteur, "partenaire.cree", _objet(partenaire, acteur))
    return partenaire


async def modifier_partenaire(
    session: AsyncSession, acteur: Acteur, id_: UUID, changement: PartenaireModification, version: str | None
) -> Partenaire:
    await partenaire_visible(session, acteur, id_)
    partenaire = await verrouiller_partenaire(session, id_)
    check_version(partenaire.version, version)
    _appliquer(partenaire, changement.model_dump(exclude_unset=True), facultatifs={"adresse"})
    await session.flush()
    await publier(session, acteur, "partenaire.modifie", _objet(partenaire, acteur))
    return partenaire


async def verrouiller_partenaire(session: AsyncSession, id_: UUID) -> Partenaire:
    """Return a visible partenaire, locked: what counts its accounts or its conventions waits here."""
    partenaire = await session.scalar(select(Partenaire).where(Partenaire.id == id_).with_for_update())
    if partenaire is None:
        raise Introuvable
    return partenaire


def _objet(partenaire: Partenaire, acteur: Acteur) -> Objet:
    return Objet("partenaire", partenaire.id, acteur.caisse, partenaire.id)


def _appliquer(
    cible: Caisse | Partenaire, valeurs: dict[str, object], facultatifs: set[str] | None = None
) -> None:
    for champ, valeur in valeurs.items():
        if valeur is None and champ not in (facultatifs or set()):
            raise Validation.du_champ(f"/{champ}", "ep_nul", "Ce champ ne peut pas être vidé.")
        setattr(cible, champ, valeur)
