"""The parameters of an authorization request, described for the contract; `parcours` reads them, duplicates and all."""

from typing import Annotated

from fastapi import Depends, Query


def decrits(
    response_type: Annotated[str, Query(description="`code`.", examples=["code"])] = "",
    client_id: Annotated[str, Query(examples=["logiciel-social"])] = "",
    redirect_uri: Annotated[
        str,
        Query(description="Exacte ; port libre sur 127.0.0.1.", examples=["http://127.0.0.1:51004/retour"]),
    ] = "",
    scope: Annotated[
        str, Query(description="Portées voulues ; par défaut, toutes.", examples=["demandes:lire"])
    ] = "",
    state: Annotated[str, Query(description="Rendu tel quel.", examples=["af0ifjsldkj"])] = "",
    code_challenge: Annotated[
        str, Query(description="PKCE.", examples=["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"])
    ] = "",
    code_challenge_method: Annotated[str, Query(description="`S256`.", examples=["S256"])] = "",
    response_mode: Annotated[str, Query(description="`query`.", examples=["query"])] = "query",
    prompt: Annotated[str, Query(description="`login`, `consent`, `none`.", examples=["consent"])] = "",
) -> None:
    """Nothing is read here: FastAPI keeps the last of two, and we refuse both."""


DemandeDep = Annotated[None, Depends(decrits)]
