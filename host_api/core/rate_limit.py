"""How many requests a caller, or an address without a caller, may send in a minute.

Counted in memory, in windows of a minute each, by this process alone. At most `MOST_COUNTED` callers and
addresses are counted: beyond them the one that was quiet longest is forgotten, and so begins anew.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from host_api.core.errors import Problem

MOST_COUNTED: Final = 20_000

Clock = Callable[[], float]


class RateLimited(Problem):
    """The caller or address has sent too much."""

    status = 429
    code = "rate-limited"
    title = "Too many requests"
    title_fa = "درخواست‌ها بیش از اندازه است"
    detail = "You have sent more requests than a minute allows; wait as many seconds as Retry-After says."
    detail_fa = "بیش از سهم یک دقیقه درخواست فرستاده‌اید؛ به اندازهٔ ثانیه‌های Retry-After صبر کنید."


class CountsInMemory(Storage):
    """Counters with an end, at most `most` of them.

    Parameters:
        now_s: a monotonic clock; all instants here are its own.
    """

    def __init__(self, most: int, now_s: Clock) -> None:
        super().__init__()
        self._most = most
        self._now_s = now_s
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many are counted."""
        return len(self._counts)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this can fail with: nothing."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more; a first count ends after `expiry` seconds."""
        count, ends_s = self._live(key) or (0, self._now_s() + expiry)
        self._counts[key] = count + amount, ends_s
        self._counts.move_to_end(key)
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """The count, 0 where there is none."""
        return (self._live(key) or (0, 0.0))[0]

    def get_expiry(self, key: str) -> float:
        """When the count ends."""
        return (self._live(key) or (0, self._now_s()))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one."""
        self._counts.pop(key, None)

    def _live(self, key: str) -> tuple[int, float] | None:
        kept = self._counts.get(key)
        return None if kept is None or kept[1] <= self._now_s() else kept


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request.

    Attributes:
        reset_s: seconds until the whole limit is there again.
    """

    limit: int
    remaining: int
    reset_s: int
    is_allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        """What the answer tells of it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }


class RateLimits:
    """Counts requests.

    Parameters:
        per_caller, per_address: requests a minute.
    """

    def __init__(
        self, per_caller: int, per_address: int, *, most: int = MOST_COUNTED, now_s: Clock = time.monotonic
    ) -> None:
        self._now_s = now_s
        self._limiter = FixedWindowRateLimiter(CountsInMemory(most, now_s))
        self._per_caller = RateLimitItemPerMinute(per_caller)
        self._per_address = RateLimitItemPerMinute(per_address)

    def count_caller(self, request: Request, kind: str, identity: str) -> None:
        """Count a request of a known caller.

        Raises:
            RateLimited
        """
        self._count(request, self._per_caller, kind, identity)

    def count_address(self, request: Request, address: str) -> None:
        """Count a request of nobody known.

        Raises:
            RateLimited
        """
        self._count(request, self._per_address, "address", address)

    def _count(self, request: Request, item: RateLimitItemPerMinute, *whom: str) -> None:
        is_allowed = self._limiter.hit(item, *whom)
        stats = self._limiter.get_window_stats(item, *whom)
        reset_s = max(1, math.ceil(stats.reset_time - self._now_s()))
        request.state.rate_limit = Standing(item.amount, max(0, stats.remaining), reset_s, is_allowed)
        if not is_allowed:
            raise RateLimited(headers={"Retry-After": str(reset_s)})


class RateLimitHeaders:
    """Middleware that tells in every answer how its caller stands, where that was counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def send_with_standing(message: Message) -> None:
            if message["type"] == "http.response.start" and isinstance(
                standing := state.get("rate_limit"), Standing
            ):
                MutableHeaders(scope=message).update(standing.headers)
            await send(message)

        await self._app(scope, receive, send_with_standing)
