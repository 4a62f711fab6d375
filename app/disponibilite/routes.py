"""Health: is the process alive, and can it serve?"""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import text

from app.kit.examples import examples
from app.kit.session import database
from app.provenance.origine import reglage
from app.provenance.regles import Reglage

sante_router = APIRouter(prefix="/health", tags=["Santé du service"])

CHECK = text(
    "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'"
    " AND current_setting('synchronous_commit') <> 'off' AS durable,"
    " NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS confined"
)


class Vivant(BaseModel):
    model_config = examples({"statut": "vivant"})

    statut: str = "vivant"


PRET = {"statut": "pret", "base": True, "durable": True, "cloisonne": True, "territoire": "signaler"}


class Pret(BaseModel):
    model_config = examples(PRET)

    statut: str
    base: bool
    durable: bool
    cloisonne: bool
    territoire: Reglage = Field(
        description="Connexion hors du territoire européen (3.1) : signalée, refusée, ou `off` sans fichier des pays."
    )


@sante_router.get("/live", summary="Le processus répond-il ?")
async def etre_vivant() -> Vivant:
    """Ne dépend de rien : un échec demande de relancer le processus."""
    return Vivant()


@sante_router.get(
    "/ready",
    summary="Le service peut-il répondre ?",
    response_model=Pret,
    responses={
        503: {
            "model": Pret,
            "description": "La base ne répond pas, n'est pas durable ou n'est pas cloisonnée",
        }
    },
)
async def etre_pret() -> JSONResponse:
    """La base répond, écrit durablement, et le rôle de l'application ne contourne pas le cloisonnement."""
    base = durable = confined = False
    try:
        async with database().engine.connect() as connection:
            durable, confined = (await connection.execute(CHECK)).one()
            base = True
    except Exception:  # noqa: BLE001, S110  # whatever the cause, the answer is « not ready »
        pass
    ready = base and durable and confined
    body = Pret(
        statut="pret" if ready else "indisponible",
        base=base,
        durable=durable,
        cloisonne=confined,
        territoire=reglage(),
    )
    return JSONResponse(body.model_dump(), 200 if ready else 503)
