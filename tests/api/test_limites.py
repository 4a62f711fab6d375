"""The number of calls of one account: told in each answer, refused past the limit, never somebody else's."""

import pytest

from app.config import Settings
from app.kit import limits


@pytest.fixture
def dix_par_minute(monkeypatch):
    reglages = Settings(rate_limit="on", requests_per_minute=10)
    monkeypatch.setattr(limits, "settings", lambda: reglages)
    limits.allowed.cache_clear()
    limits.counter.cache_clear()
    yield
    limits.allowed.cache_clear()
    limits.counter.cache_clear()


def test_les_en_tetes_disent_ce_qui_reste_et_le_onzieme_appel_attend(client_de, dix_par_minute):
    technicien = client_de("t-asso")
    for reste in range(9, -1, -1):
        reponse = technicien.get("/v1/nomenclatures")
        assert reponse.status_code == 200
        assert reponse.headers["ratelimit-policy"] == '"appels";q=10;w=60'
        assert reponse.headers["ratelimit"].startswith(f'"appels";r={reste};t=')
    refus = technicien.get("/v1/nomenclatures")
    assert (refus.status_code, refus.json()["code"]) == (429, "trop-de-requetes")
    assert 1 <= int(refus.headers["retry-after"]) <= 60
    assert client_de("t-cias").get("/v1/nomenclatures").status_code == 200
