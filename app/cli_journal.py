"""The commands of the journal: `espace-partenaires journal --help`."""

import asyncio
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from app.journal.tables import Sceau
    from app.journal.verification import Constat

journal = typer.Typer(no_args_is_help=True, help="The journal, and what vouches for it.")
out, err = Console(), Console(stderr=True)


@journal.command()
def verify(
    caisse: Annotated[
        str, typer.Option(help="One chain only: the code of a caisse, or « national »; default: all.")
    ] = "",
    anchor: Annotated[
        str, typer.Option(metavar="FILE", help="A seal kept elsewhere, as `journal seal` printed it.")
    ] = "",
    sealed_within: Annotated[
        int, typer.Option(min=0, metavar="HOURS", help="Also refuse when the last seal is older; 0: any age.")
    ] = 0,
) -> None:
    """Walk the chains: exit 1 when a line was altered, removed or inserted, and name it."""
    from app import serving

    try:
        kept = json.loads(Path(anchor).read_text()) if anchor else None
    except (OSError, ValueError):
        err.print("--anchor wants a file that `journal seal` printed.")
        raise typer.Exit(2) from None
    serving.prepare()
    constat, anomalies = asyncio.run(_verify(caisse or None, kept))
    for anomalie in anomalies:
        out.print(str(anomalie), highlight=False)
    stale = _stale(constat, sealed_within)
    if stale:
        out.print("sceaux · - · dernier sceau trop ancien", highlight=False)
    last = constat.dernier_sceau_le.isoformat() if constat.dernier_sceau_le else "none"
    out.print(
        f"{constat.lignes} lines in {constat.chaines} chains, {constat.sceaux} seals, the last: {last};"
        f" {len(anomalies) + stale} wrong",
        highlight=False,
        soft_wrap=True,
    )
    raise typer.Exit(1 if anomalies or stale else 0)


async def _verify(chaine: str | None, kept: dict[str, Any] | None) -> "tuple[Constat, list[str]]":
    from app.journal.verification import Constat, verifier
    from app.kit.session import database

    constat = Constat()
    async with database().transaction(one_instant=True) as session:
        found = [str(a) async for a in verifier(session, constat, chaine, _seal(kept) if kept else None)]
    await database().engine.dispose()
    return constat, found


def _seal(kept: dict[str, Any]) -> "Sceau":
    from app.journal.tables import Sceau

    return Sceau(**kept | {"le": datetime.fromisoformat(kept["le"])})


def _stale(constat: "Constat", hours: int) -> bool:
    from app.kit.clock import now

    if not hours:
        return False
    le = constat.dernier_sceau_le
    return le is None or (now() - le).total_seconds() > hours * 3600


@journal.command()
def seal() -> None:
    """Seal the journal now and print the seal: to be kept where whoever owns the database does not reach."""
    from app import serving
    from app.kit import logging

    logging.setup("error")
    serving.prepare()
    sys.stdout.write(json.dumps(asyncio.run(_seal_now()), sort_keys=True) + "\n")


async def _seal_now() -> dict[str, Any]:
    from app.journal.sceaux import sceller
    from app.kit.session import database

    async with database().transaction() as session:
        sceau = await sceller(session)
        told = {nom: getattr(sceau, nom) for nom in ("rang", "chaines", "precedent", "sceau")}
    await database().engine.dispose()
    return told | {"le": sceau.le.isoformat()}
