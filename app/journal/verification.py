"""Art. 9: the journal walked from end to end: what was altered, removed or inserted is named."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.journal.regles import Anomalie, Bouts, Maillon, Marche, Nature, promesses_non_tenues
from app.journal.sceaux import authentique, bouts_des_chaines, sceaux
from app.journal.tables import Ligne, Sceau

SCEAUX, LOT = "sceaux", 5_000
# Only functions of PostgreSQL itself, written here: `ep_empreinte` could be replaced by whoever owns it.
INTACTE: ColumnElement[bool] = literal_column(
    "encode(sha256(convert_to(jsonb_build_array(numero, chaine, extract(epoch FROM le)::bigint, acteur_id, role,"
    " action, ressource, ressource_id, caisse, partenaire_id, precedente)::text, 'UTF8')), 'hex') = empreinte"
    " AND le = date_trunc('second', le)"
)


@dataclass
class Constat:
    """What a verification saw: figures for the operator, and the anomalies as they come."""

    lignes: int = 0
    chaines: int = 0
    sceaux: int = 0
    dernier_sceau_le: datetime | None = None


async def verifier(
    session: AsyncSession, constat: Constat, chaine: str | None = None, ancre: Sceau | None = None
) -> AsyncIterator[Anomalie]:
    """Yield every anomaly of one chain, or of all, in a transaction that sees one instant.

    `ancre`: a seal kept outside the database, against one whose owner removed the last seals as well.
    """
    poses = await sceaux(session)
    constat.sceaux, constat.dernier_sceau_le = len(poses), poses[-1].le if poses else None
    for anomalie in _des_sceaux(poses, ancre):
        yield anomalie
    sincere = [sceau for sceau in poses if authentique(sceau)]
    if ancre is not None and authentique(ancre):
        sincere = sorted([*sincere, ancre], key=lambda s: s.rang)
    bouts = await bouts_des_chaines(session)
    orphelines = set(await session.scalars(_chaines_des_lignes()))
    noms = {nom for sceau in sincere for nom in sceau.chaines} | set(bouts) | orphelines
    for nom in sorted(noms if chaine is None else noms & {chaine}):
        scelles = [Bouts(**sceau.chaines[nom]) for sceau in sincere if nom in sceau.chaines]
        for anomalie in promesses_non_tenues(nom, bouts.get(nom), scelles):
            yield anomalie
        marche = Marche(nom, bouts.get(nom) or Bouts(0, 0, ""), {s.numero: s for s in scelles})
        async for anomalie in _marcher(session, marche):
            yield anomalie
        constat.lignes, constat.chaines = constat.lignes + marche.vues, constat.chaines + 1


async def _marcher(session: AsyncSession, marche: Marche) -> AsyncIterator[Anomalie]:
    lignes = await session.stream(
        select(Ligne.numero, Ligne.precedente, Ligne.empreinte, INTACTE)
        .where(Ligne.chaine == marche.chaine)
        .order_by(Ligne.numero)
        .execution_options(yield_per=LOT)
    )
    async for lot in lignes.partitions():
        for ligne in lot:
            for anomalie in marche.avancer(Maillon(*ligne)):
                yield anomalie
    for anomalie in marche.finir():
        yield anomalie


def _des_sceaux(poses: Sequence[Sceau], ancre: Sceau | None) -> Iterator[Anomalie]:
    """Each seal is authentic and follows the one before; one kept outside is among them, unless forgotten by age."""
    externes: Iterable[Sceau] = [ancre] if ancre else []
    for sceau in (*poses, *externes):
        if not authentique(sceau):
            yield Anomalie(Nature.SCEAU_FAUX, SCEAUX, sceau.rang)
    for avant, apres in pairwise(poses):
        if apres.rang != avant.rang + 1 or apres.precedent != avant.sceau:
            yield Anomalie(Nature.SCEAU_MANQUANT, SCEAUX, apres.rang)
    if ancre is not None and (not poses or poses[-1].rang < ancre.rang):
        yield Anomalie(Nature.SCEAU_MANQUANT, SCEAUX, ancre.rang)
    elif ancre is not None and any(s.rang == ancre.rang and s.sceau != ancre.sceau for s in poses):
        yield Anomalie(Nature.SCEAU_CONTREDIT, SCEAUX, ancre.rang)


def _chaines_des_lignes() -> Select[str]:
    """Select the chains that have lines by hopping over the index: a chain of nobody's is an inserted one."""
    premiere = select(func.min(Ligne.chaine).label("chaine")).cte("c", recursive=True)
    suivante = select(
        select(func.min(Ligne.chaine)).where(Ligne.chaine > premiere.c.chaine).scalar_subquery()
    ).where(premiere.c.chaine.is_not(None))
    toutes = premiere.union_all(suivante)
    return select(cast(toutes.c.chaine, Text)).where(toutes.c.chaine.is_not(None))
