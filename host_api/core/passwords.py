"""Passwords: hashed with Argon2id (RFC 9106) in a few threads, so that logins can't use up the machine.

The default costs are one of OWASP's choices for Argon2id (Password Storage Cheat Sheet): 46 MiB, one pass,
one lane. A hash carries its costs, so they can be raised at any time.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from host_api.core.password_policy import normalised_password

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

DEFAULT_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


class PasswordsBusy(Exception):  # noqa: N818
    """So many logins are waiting that this one should come again."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a password.

    Attributes:
        matches: whether it is the right one.
        replacement: a new hash to be stored in place of the old one, where that was made at other costs.
    """

    matches: bool
    replacement: str | None = None


class Passwords:
    """Hashes and verifies passwords outside the event loop. `close` ends its threads.

    Parameters:
        hasher: the costs; hashes made at others are verified too, and replaced.
        threads: how many are computed at once: memory is bounded by this times the cost of one.
        waiting: how many may wait beyond them.
    """

    def __init__(
        self, hasher: PasswordHasher = DEFAULT_HASHER, *, threads: int = 2, waiting: int = 64
    ) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._first = threading.Lock()
        self._nobody = ""

    def close(self) -> None:
        """Let what is being computed end, and cancel what waits."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """What to store of a password, in the PHC string format.

        Raises:
            PasswordsBusy
        """
        text = normalised_password(password)
        return await self._computed(lambda: self._hasher.hash(text))

    async def verify(self, password: str, stored: str | None) -> Verification:
        """Compare a password with what was stored.

        Parameters:
            stored: what `hash` gave; None where there is no such user or the user has no password.

        Raises:
            PasswordsBusy
        """
        text = normalised_password(password)
        return await self._computed(lambda: self._verified(text, stored))

    async def _computed(self, work: Callable[[], _Result]) -> _Result:
        if not self._places.acquire(blocking=False):
            raise PasswordsBusy
        try:
            future = self._pool.submit(work)
        except BaseException:
            self._places.release()
            raise
        # Also when the caller has gone: what waits is cancelled then, what runs keeps its place to the end.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def _verified(self, password: str, stored: str | None) -> Verification:
        with self._first:  # made at the first login of all, whoever that is
            self._nobody = self._nobody or self._hasher.hash("")
        try:
            # Where there is no hash, nobody's is verified: an unknown user takes as long as a known one.
            self._hasher.verify(stored or self._nobody, password)
        except VerificationError:
            return Verification(matches=False)
        except InvalidHashError:
            _log.error("a stored password hash can't be read; its user can't log in")
            return Verification(matches=False)
        if not stored:
            return Verification(matches=False)
        if self._hasher.check_needs_rehash(stored):
            return Verification(matches=True, replacement=self._hasher.hash(password))
        return Verification(matches=True)
