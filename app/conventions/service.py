from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.conventions import actes, fonctionnalites, queries
from app.conventions.regles import OUVRANTES, Partie, StatutConvention
from app.conventions.schemas import ConventionCreation, Signature, Suspension
from app.conventions.tables import Convention
from app.droits import Acteur
from app.erreurs import DejaSignee, PermissionRefusee, Validation
from app.kit.clock import now, today


async def creer(session: AsyncSession, acteur: Acteur, depot: ConventionCreation) -> Convention:
    if acteur.caisse is None or depot.caisse not in {None, acteur.caisse}:
        raise PermissionRefusee("Un agent ne crée de convention que pour sa caisse.")
    if not await queries.partenaire_existe(session, depot.partenaire_id):
        raise Validation.du_champ(
            "/partenaire_id", "ep_inconnu", "Aucun partenaire ne porte cet identifiant."
        )
    for champ in ("signee_partenaire_le", "signee_caisse_le"):
        _deja_passe(getattr(depot, champ), f"/{champ}")
    _deja_passe(depot.metier.signee_le, "/metier/signee_le")
    await actes.solder(session, depot.partenaire_id)
    convention = Convention(
        partenaire_id=depot.partenaire_id,
        caisse=acteur.caisse,
        metier_reference=depot.metier.reference,
        metier_signee_le=depot.metier.signee_le,
        signee_partenaire_le=depot.signee_partenaire_le,
        signee_caisse_le=depot.signee_caisse_le,
        tacite_reconduction=depot.tacite_reconduction,
    )
    await actes.deduire(session, convention)
    session.add(convention)
    await session.flush()
    await session.refresh(convention)
    if depot.fonctionnalites:
        choix = {f: active for f, active in depot.fonctionnalites.choix().items() if active is not None}
        await fonctionnalites.choisir(session, acteur, convention.id, choix, None)
    await actes.annoncer(session, acteur, convention, "convention.creee")
    return convention


async def signer(
    session: AsyncSession, acteur: Acteur, id_: UUID, signature: Signature, version: str | None
) -> Convention:
    """Art. 8.1: record the signature of one party; the last one brings the convention into force."""
    partenaire_id = (await actes.visible(session, acteur, id_)).partenaire_id
    await actes.solder(session, partenaire_id)
    convention = await actes.ouvrir(session, acteur, id_, version)
    _deja_passe(signature.le, "/le")
    champ = {Partie.PARTENAIRE: "signee_partenaire_le", Partie.CAISSE: "signee_caisse_le"}[signature.partie]
    if getattr(convention, champ) is not None:
        raise DejaSignee
    setattr(convention, champ, signature.le)
    return await actes.conclure(session, acteur, convention, "convention.signee")


async def suspendre(
    session: AsyncSession, acteur: Acteur, id_: UUID, suspension: Suspension, version: str | None
) -> Convention:
    """Art. 4.1: for a misuse, the caisse cuts the access of the whole structure to itself, at once."""
    convention = await actes.ouvrir(session, acteur, id_, version, *OUVRANTES)
    convention.suspendue_le, convention.motif_suspension = now(), suspension.motif
    return await actes.conclure(session, acteur, convention, "convention.suspendue", suspension)


async def lever_suspension(
    session: AsyncSession, acteur: Acteur, id_: UUID, levee: Suspension, version: str | None
) -> Convention:
    """Art. 4.1: the access comes back as it was; `levee` says why, for the guard and the journal."""
    convention = await actes.ouvrir(session, acteur, id_, version, StatutConvention.SUSPENDUE)
    convention.suspendue_le = convention.motif_suspension = None
    return await actes.conclure(session, acteur, convention, "convention.suspension_levee", levee)


def _deja_passe(jour: date | None, champ: str) -> None:
    if jour is not None and jour > today():
        raise Validation.du_champ(
            champ, "ep_futur", "Une signature ne peut pas être datée d'un jour à venir."
        )
