"""Art. 1.3: the pieces that a message carries."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.droits import Acteur
from app.erreurs import Validation
from app.pieces import queries as pieces
from app.pieces.regles import sens_du_depot


async def exiger_jointes(
    session: AsyncSession, acteur: Acteur, demande_id: UUID, ids: Sequence[UUID]
) -> list[UUID]:
    """Return the pieces once each: of this request, of the author's side, neither refused nor erased.

    Raises Validation, with the place of the first that is not.
    """
    if not ids:
        return []
    connues = await pieces.a_joindre(session, demande_id, sens_du_depot(acteur.role), ids)
    for rang, id_ in enumerate(ids):
        if id_ not in connues:
            raise Validation.du_champ(
                f"/pieces/{rang}",
                "ep_inconnu",
                "Aucune pièce de la demande, de votre côté, n'a cet identifiant.",
            )
    return list(dict.fromkeys(ids))
