"""Art. D-2: the figures of the partnership, live, for whoever may read them."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.demandes.regles import Issue, Type
from app.droits import Acteur, Role
from app.kit.session import SYSTEM, see, sight
from app.statistiques import queries
from app.statistiques.queries import ANNULEE, AXES, MESURES, OUVERTE
from app.statistiques.regles import SEUIL, Axe, Cle, Effectif, taire
from app.statistiques.schemas import DelaiLu, LigneStatistique, Statistiques


@dataclass(frozen=True, slots=True)
class Vue:
    """What is asked: the axes to give figures by, and the values to keep on some of them."""

    par: tuple[Axe, ...] = (Axe.TYPE,)
    caisse: str | None = None
    partenaire_id: UUID | None = None
    type: Type | None = None
    annee: str | None = None
    mois: str | None = None

    @property
    def valeurs(self) -> Mapping[str, str | None]:
        """The values that are asked for, by axis; a month goes with its year."""
        return {
            "partenaire": str(self.partenaire_id) if self.partenaire_id else None,
            "type": self.type.value if self.type else None,
            "annee": self.mois[:4] if self.mois else self.annee,
            "mois": self.mois,
        }

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of the lines: those asked for, and those on which a value is."""
        valeurs = self.valeurs
        voulus = {axe.value for axe in self.par} | {axe for axe, valeur in valeurs.items() if valeur}
        if Axe.MOIS in voulus:
            voulus.add(Axe.ANNEE)
        return tuple(axe for axe in AXES if axe in voulus)


async def statistiques(session: AsyncSession, acteur: Acteur, *vues: Vue) -> list[Statistiques]:
    """Return the lines of each view. What is left unsaid never depends on the view, only on who reads.

    A structure reads its own figures at the caisses open to it, a caisse its own by structure, the
    administrateur those of each caisse, whole.
    """
    zones = await queries.fuseaux(session)
    if not zones:
        return [Statistiques(seuil=SEUIL, lignes=[]) for _ in vues]
    if acteur.role is Role.ADMINISTRATEUR:
        await see(session, SYSTEM)  # sums only: no request is read
    par_structure = acteur.role is Role.AGENT_CAISSE
    axes = [[axe for axe in vue.axes if axe != Axe.PARTENAIRE or par_structure] for vue in vues]
    croises = AXES if par_structure else AXES[1:]
    cube = [row async for row in await session.stream(queries.cube(acteur, zones, croises))]
    delais = [(await session.execute(queries.delais(acteur, zones, voulus))).all() for voulus in axes]
    await see(session, sight(acteur))
    lues = await asyncio.to_thread(_lire, cube)  # arithmetic on a whole caisse: other calls go on meanwhile
    return [
        Statistiques(
            seuil=SEUIL,
            lignes=[
                _ligne(caisse, acteur, cle, lues[caisse], mesures)
                for caisse, cle, mesures in _groupes(voulus, rows)
                if vue.caisse in {None, caisse} and _voulue(vue, cle)
            ],
        )
        for vue, voulus, rows in zip(vues, axes, delais, strict=True)
    ]


Chiffres = Callable[[Cle], int | None]


def _lire(rows: Iterable[Any]) -> dict[str, Chiffres]:
    """Return how to read the cube of each caisse."""
    cubes: dict[str, dict[Cle, Effectif]] = {}
    for caisse, *reste in rows:
        cubes.setdefault(caisse, {})[Cle(*reste[:-2])] = Effectif(*reste[-2:])
    return {caisse: _chiffres(cube) for caisse, cube in cubes.items()}


def _chiffres(cube: Mapping[Cle, Effectif]) -> Chiffres:
    """Return how to read a cube: a group that nobody is in counts 0, one that is left unsaid None."""
    tus = taire(cube)
    return lambda cle: None if cle in tus else cube.get(cle, Effectif(0, 0)).demandes


def _groupes(axes: Sequence[str], rows: Iterable[Any]) -> Iterator[tuple[str, Cle, Sequence[Any]]]:
    for caisse, *reste in rows:
        yield caisse, Cle(**dict(zip(axes, reste, strict=False))), reste[len(axes) :]


def _voulue(vue: Vue, cle: Cle) -> bool:
    return all(valeur in {None, getattr(cle, axe)} for axe, valeur in vue.valeurs.items())


def _ligne(caisse: str, acteur: Acteur, cle: Cle, lire: Chiffres, mesures: Sequence[Any]) -> LigneStatistique:
    deposees = lire(cle)
    par_mesure = {nom: mesures[3 * rang : 3 * rang + 3] for rang, nom in enumerate(MESURES)}
    lus = {nom: _delai(*valeurs, tu=deposees is None) for nom, valeurs in par_mesure.items()}
    return LigneStatistique(
        caisse=caisse,
        partenaire_id=acteur.partenaire_id or (UUID(cle.partenaire) if cle.partenaire else None),
        type=Type(cle.type) if cle.type else None,
        annee=cle.annee,
        mois=cle.mois,
        masquee=deposees is None,
        deposees=deposees,
        ouvertes=_part(cle, OUVERTE, lire),
        annulees=_part(cle, ANNULEE, lire),
        issues={issue: _part(cle, issue.value, lire) for issue in Issue},
        delai_prise_en_charge=lus["delai_prise_en_charge"],
        delai_cloture=lus["delai_cloture"],
        attente_partenaire=lus["attente"],
    )


def _part(cle: Cle, sort: str, lire: Chiffres) -> int | None:
    """Return how many of a group ended so; nothing is said of the parts of what is left unsaid."""
    return None if lire(cle) is None else lire(cle._replace(sort=sort))


def _delai(personnes: int, mediane: int | None, decile: int | None, *, tu: bool) -> DelaiLu:
    if tu or personnes < SEUIL:
        return DelaiLu(mediane=None, neuvieme_decile=None)
    return DelaiLu(mediane=mediane, neuvieme_decile=decile)
