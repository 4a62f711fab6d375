"""The filters of the history, as they stand in an address: identifiers and days, never a name (5-6)."""

from datetime import UTC, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from app.demandes.queries import Filtres
from app.demandes.regles import Statut, Type
from app.demandes.schemas import REFERENCE, Recherche
from app.kit.clock import midnight
from app.kit.guarded import Instant, JourProche


def filtres(
    type: Annotated[Type | None, Query(description="Type de demande.")] = None,  # noqa: A002  # the contract's name
    statut: Annotated[Statut | None, Query(description="Statut.")] = None,
    caisse: Annotated[str | None, Query(pattern=r"^[0-9]{3}$", description="Code de la caisse.")] = None,
    theme: Annotated[
        str | None, Query(max_length=40, pattern=r"^[a-z0-9_]+$", description="Thème de la file (1.1).")
    ] = None,
    deposee_depuis: Annotated[
        JourProche | None, Query(description="Premier jour de dépôt, compris (Paris).")
    ] = None,
    deposee_jusqua: Annotated[
        JourProche | None, Query(description="Dernier jour de dépôt, compris (Paris).")
    ] = None,
    modifiee_depuis: Annotated[Instant | None, Query(description="Modifiée à partir de cet instant.")] = None,
    auteur: Annotated[UUID | None, Query(description="Compte qui a déposé.")] = None,
    agent: Annotated[UUID | None, Query(description="Agent chargé.")] = None,
    en_retard: Annotated[bool | None, Query(description="Échéance dépassée.")] = None,
    q: Annotated[
        str | None,
        Query(
            max_length=20,
            pattern=REFERENCE,
            description="La référence, et elle seule.",
            examples=["SIG-26-7KQ3M9"],
        ),
    ] = None,
) -> Filtres:
    if modifiee_depuis is not None and modifiee_depuis.tzinfo is None:
        modifiee_depuis = modifiee_depuis.replace(tzinfo=UTC)
    return Filtres(
        type=type,
        statut=statut,
        caisse=caisse,
        theme=theme,
        auteur=auteur,
        agent=agent,
        deposee_depuis=midnight(deposee_depuis) if deposee_depuis else None,
        deposee_avant=midnight(deposee_jusqua + timedelta(days=1)) if deposee_jusqua else None,
        modifiee_depuis=modifiee_depuis,
        en_retard=en_retard,
        reference=q.strip().upper() if q else None,
    )


def de_la_recherche(recherche: Recherche) -> Filtres:
    champs = recherche.model_dump()
    if champs["reference"]:
        champs["reference"] = champs["reference"].strip().upper()
    return Filtres(**champs)


FiltresDep = Annotated[Filtres, Depends(filtres)]
