"""The number of calls of one account or application: counted by each process, told in `RateLimit` headers."""

import math
import time
from functools import lru_cache
from uuid import UUID

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.config import settings
from app.erreurs import TropDeRequetes

POLICY, WINDOW = "appels", 60


@lru_cache
def counter() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())


@lru_cache
def allowed() -> RateLimitItem:
    return RateLimitItemPerMinute(settings().requests_per_minute)


def count(request: Request, caller: UUID) -> None:
    """Count a call. Raises TropDeRequetes past the limit, with the seconds to wait."""
    if settings().rate_limit == "off":
        return
    most, key = allowed(), str(caller)
    within = counter().hit(most, key)
    window = counter().get_window_stats(most, key)
    wait = max(1, math.ceil(window.reset_time - time.time()))
    headers = {
        "RateLimit-Policy": f'"{POLICY}";q={most.amount};w={WINDOW}',
        "RateLimit": f'"{POLICY}";r={max(0, window.remaining)};t={wait}',
    }
    request.scope["state"]["rate_limit"] = headers
    if not within:
        raise TropDeRequetes(entetes={"Retry-After": str(wait)})
