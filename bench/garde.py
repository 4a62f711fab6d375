"""Measure the free-text guard: `python -m bench.garde [corpus.jsonl ...] [--montrer]`.

Prints, for each corpus and for all of them, the recall and the precision by text, the passages found,
the misses and the false alarms by id (their text only with `--montrer`), and the time per comment.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.garde.examen import Nature, examiner

CORPUS = Path(__file__).parent.parent / "tests" / "regles" / "corpus"
LONGUEUR = 500
TOURS = 5


@dataclass(slots=True)
class Compte:
    """Texts rightly found, found wrongly, missed; passages found out of those marked."""

    justes: int = 0
    fausses_alertes: list[dict[str, Any]] = field(default_factory=list)
    manques: list[dict[str, Any]] = field(default_factory=list)
    passages: int = 0
    passages_trouves: int = 0
    partiels: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rappel(self) -> float:
        total = self.justes + len(self.manques)
        return self.justes / total if total else 1.0

    @property
    def precision(self) -> float:
        total = self.justes + len(self.fausses_alertes)
        return self.justes / total if total else 1.0


def lire(chemins: Iterable[Path]) -> list[dict[str, Any]]:
    """Read corpora: one JSON object a line (`id`, `texte`, `label`, `passages`)."""
    return [
        json.loads(ligne) for chemin in chemins for ligne in chemin.read_text("utf-8").splitlines() if ligne
    ]


def compter(textes: Iterable[dict[str, Any]], nature: Nature) -> Compte:
    """Compare what the guard finds with the labels, text by text then passage by passage."""
    compte = Compte()
    for cas in textes:
        constats = [c for c in examiner(cas["texte"]) if c.nature is nature]
        attendu = cas["label"] == nature.value
        if attendu and constats:
            compte.justes += 1
        elif attendu:
            compte.manques.append(cas)
        elif constats:
            compte.fausses_alertes.append(cas)
        if attendu:
            _compter_passages(compte, cas, [(c.debut, c.fin) for c in constats])
    return compte


def _compter_passages(compte: Compte, cas: dict[str, Any], constats: Sequence[tuple[int, int]]) -> None:
    for passage in cas["passages"]:
        debut = cas["texte"].index(passage)
        trouve = any(d < debut + len(passage) and debut < f for d, f in constats)
        compte.passages += 1
        compte.passages_trouves += trouve
        if not trouve and constats:
            compte.partiels.append(cas)


def chronometrer(textes: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Time the guard on comments of 500 characters: median and 99th percentile, in microseconds."""
    suite = " ".join(cas["texte"] for cas in textes)
    commentaires = [suite[i : i + LONGUEUR] for i in range(0, len(suite) - LONGUEUR, LONGUEUR)]
    examiner("chauffe")
    durees = []
    for commentaire in commentaires * TOURS:
        depart = time.perf_counter_ns()
        examiner(commentaire)
        durees.append((time.perf_counter_ns() - depart) / 1000)
    return statistics.median(durees), statistics.quantiles(durees, n=100)[98]


def imprimer(nom: str, textes: Sequence[dict[str, Any]], *, montrer: bool) -> None:
    """Print the figures of one corpus."""
    print(f"\n{nom}: {len(textes)} texts")
    for nature in Nature:
        c = compter(textes, nature)
        print(
            f"  {nature.value:5}  recall {c.rappel:.3f}  precision {c.precision:.3f}  "
            f"passages {c.passages_trouves}/{c.passages}"
        )
        for titre, cas in (
            ("missed", c.manques),
            ("false alarm", c.fausses_alertes),
            ("passage missed", c.partiels),
        ):
            if cas:
                print(f"         {titre}: {' '.join(str(x['id']) for x in cas)}")
            if montrer:
                for x in cas:
                    lieux = [x["texte"][k.debut : k.fin] for k in examiner(x["texte"])]
                    print(f"           {x['id']}: {x['texte'][:160]!r} -> {lieux}")


HOSTILES = ("1 ", "1 84 12 14 876 055 ", "2 2a ", "cle ", "cancer ", "ne ", "mal a la ", "\u200b")


def allongement() -> tuple[str, float]:
    """Return the hostile motif whose time grows most when its text doubles, and by how much: 2 is linear."""

    def duree(texte: str) -> float:
        return min(_une_fois(texte) for _ in range(3))

    rapports = {m: duree((m * 10_000)[:10_000]) / duree((m * 5_000)[:5_000]) for m in HOSTILES}
    pire = max(rapports, key=lambda motif: rapports[motif])
    return pire, rapports[pire]


def _une_fois(texte: str) -> float:
    depart = time.perf_counter()
    examiner(texte)
    return time.perf_counter() - depart


def main() -> None:
    """Read the arguments, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--montrer", action="store_true", help="show the texts, not only their ids")
    options = parser.parse_args()
    chemins = options.corpus or sorted(CORPUS.glob("*.jsonl"))
    tous = lire(chemins)
    for chemin in chemins:
        imprimer(chemin.name, lire([chemin]), montrer=options.montrer)
    mediane, centile = chronometrer(tous)
    print(f"\n{LONGUEUR} characters: median {mediane:.0f} us, 99th percentile {centile:.0f} us")
    pire, rapport = allongement()
    print(f"a hostile text twice as long takes at most {rapport:.1f} times as long ({pire!r})")


if __name__ == "__main__":
    main()
