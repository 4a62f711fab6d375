"""Measure whether the time of a refusal tells an account from a name that is nobody's: `python -m bench.connexion`.

Each state is tried in turn, shuffled, through the application in process (no network, which only adds noise).
Prints the two distributions and the probability that a refusal of the state takes longer than one of an unknown
name (Mann-Whitney; 0.5: nothing can be told).
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

STATES = ("inconnu", "actif", "en_attente", "inactif", "exclu", "inactif_bon_mot_de_passe")
REFERENCE = "inconnu"


def above(one: list[float], other: list[float]) -> float:
    """Return the probability that a value of `one` is above a value of `other` (Mann-Whitney's U, normalised)."""
    ordered = sorted(other)
    below = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in one)
    return below / (2 * len(one) * len(other))


def names(base: Any) -> dict[str, Callable[[], str]]:
    """Return for each state the name of an account in it; a new one each time for nobody's."""
    from tests.outils import Fabrique

    def account(**columns: Any) -> str:
        return Fabrique(base, lambda _: None).compte("agent_caisse", caisse="611", **columns)  # type: ignore[arg-type]

    active, excluded, waiting = account(), account(exclu=True), account()
    ended = account()
    off = "UPDATE comptes SET statut = 'inactif', inactive_le = now() WHERE identifiant = :i"
    base.ecrire(off, i=ended)
    base.ecrire(off, i=excluded)
    base.ecrire(
        "UPDATE comptes SET statut = 'en_attente', mot_de_passe = NULL WHERE identifiant = :i", i=waiting
    )
    known = {
        "actif": active,
        "en_attente": waiting,
        "inactif": ended,
        "exclu": excluded,
        "inactif_bon_mot_de_passe": ended,
    }
    return {"inconnu": lambda: f"a-{uuid.uuid4().hex[:12]}"} | {
        state: (lambda name=name: name) for state, name in known.items()
    }


def measure(rounds: int) -> dict[str, list[float]]:
    from starlette.testclient import TestClient

    from app import serving
    from app.demo.chargement import charger
    from app.kit.session import database
    from app.main import create_app
    from tests.outils import MOT_DE_PASSE, Base

    async def fill() -> None:
        await charger(lambda *_: None)
        await database().engine.dispose()

    serving.prepare()
    asyncio.run(fill())
    times: dict[str, list[float]] = {state: [] for state in STATES}
    with Base() as base, TestClient(create_app()) as api:
        named = names(base)
        for turn in range(rounds + 5):
            for state in random.sample(STATES, len(STATES)):
                right = state.endswith("bon_mot_de_passe")
                form = {"grant_type": "password", "username": named[state]()}
                form["password"] = MOT_DE_PASSE if right else "un mot de passe faux"
                begun = time.perf_counter()
                answer = api.post("/v1/oauth/token", data=form)
                spent = time.perf_counter() - begun
                assert answer.status_code == 400, answer.text
                if turn >= 5:  # the first ones warm up
                    times[state].append(spent * 1000)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tours", type=int, default=200)
    rounds = parser.parse_args().tours
    with tempfile.TemporaryDirectory(prefix="ep-bench-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"EP_DATA_DIR": folder, "EP_RATE_LIMIT": "off", "EP_LOG_LEVEL": "error"}
        times = measure(rounds)
    print(f"{'état':<26}{'médiane':>9}{'p10':>8}{'p90':>8}{'AUC':>7}   ({rounds} essais, ms)")
    for state, values in times.items():
        deciles = statistics.quantiles(values, n=10)
        auc = above(values, times[REFERENCE])
        print(f"{state:<26}{statistics.median(values):>9.2f}{deciles[0]:>8.2f}{deciles[-1]:>8.2f}{auc:>7.3f}")


if __name__ == "__main__":
    main()
