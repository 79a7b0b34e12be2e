"""Logging in: name, password and one-time code, told apart to nobody."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import NamedTuple

from switch.console.access.known_users import KnownUsers
from switch.console.access.one_time_codes import matching_step
from switch.console.access.passwords import PasswordChecks, PasswordsBusy
from switch.console.access.sessions import RandomBytes, Sessions
from switch.console.access.throttle import OF_ADDRESSES, OF_NAMES, OF_PAIRS, Throttle
from switch.console.access.users import CODE_FROM, NAME, Language, User
from switch.logs import ACTIONS_LOGGER, fields

_LOG = logging.getLogger("switch.console")
_ACTIONS = logging.getLogger(ACTIONS_LOGGER)

_KEY_BYTES = 16
_UNKNOWN = "?"


class Attempt(NamedTuple):
    """What came with a login."""

    name: str
    password: str
    code: str
    language: Language
    address: str


class NotIn(Exception):  # noqa: N818  (an answer, not an error of ours)
    """Nobody was let in. `wait_s` is 0 where the name, the password or the code was wrong."""

    def __init__(self, wait_s: int = 0) -> None:
        self.wait_s = wait_s
        super().__init__()


class Logins:
    """In the event loop's thread.

    Parameters:
        monotonic_s, epoch_s: the clocks.
    """

    def __init__(
        self,
        known: KnownUsers,
        sessions: Sessions,
        checks: PasswordChecks,
        random_bytes: RandomBytes,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        epoch_s: Callable[[], float] = time.time,
    ) -> None:
        self._known = known
        self._sessions = sessions
        self._checks = checks
        self._monotonic_s = monotonic_s
        self._epoch_s = epoch_s
        self._throttles = [
            Throttle(pace, random_bytes(_KEY_BYTES)) for pace in (OF_PAIRS, OF_NAMES, OF_ADDRESSES)
        ]

    async def log_in(self, attempt: Attempt) -> str:
        """The token of a new session. Raises NotIn.

        For an unknown user the same is done as for a known one, the hashing too.
        """
        name = attempt.name.strip().casefold()
        now_s = self._monotonic_s()
        tried = list(zip(self._throttles, (f"{name} {attempt.address}", name, attempt.address), strict=True))
        wait_s = max(throttle.wait_s(who, now_s) for throttle, who in tried)
        if wait_s > 0:
            self._tell_failure(name, attempt, "too many tries")
            raise NotIn(math.ceil(wait_s))
        for throttle, who in tried:
            throttle.count(who, now_s)
        users = await self._known.fresh()
        user = users.get(name) if NAME.fullmatch(name) else None
        try:
            fits = await self._checks.is_right(attempt.password, None if user is None else user.password)
        except (PasswordsBusy, asyncio.CancelledError) as busy:
            for throttle, who in tried:
                throttle.take_back(who)
            if isinstance(busy, PasswordsBusy):
                raise NotIn(1) from None
            raise
        if user is None or not fits:
            self._tell_failure(name, attempt, "wrong")
            raise NotIn
        # From here to the mark on the code nothing is awaited: of two with one code one gets in.
        step = self._code_step(user, attempt.code)
        # Whoever changed the user meanwhile meant it.
        if step is None or self._known.users.get(name) != user:
            self._tell_failure(name, attempt, "wrong code")
            raise NotIn
        if step >= 0:
            await self._known.use_up(name, step)
        for throttle, who in tried:
            throttle.take_back(who)
        tried[0][0].forget(tried[0][1])
        token, _ = self._sessions.begin(user, attempt.language, self._monotonic_s())
        _ACTIONS.info("console login", extra=fields(person=name, role=user.role, client=attempt.address))
        return token

    def _code_step(self, user: User, code: str) -> int | None:
        """The step of the right code, -1 where none is asked for, None for a wrong one."""
        if user.code_secret is None:
            return None if user.rank >= CODE_FROM else -1
        secret = self._known.secret(user)
        if secret is None:
            _LOG.error("the secret of a user's codes can't be opened", extra=fields(person=user.name))
            return None
        return matching_step(secret, code, int(self._epoch_s()), self._known.used_step(user.name))

    def _tell_failure(self, name: str, attempt: Attempt, why: str) -> None:
        # A name that nobody has may be a password in the wrong field.
        known = name if name in self._known.users else _UNKNOWN
        _LOG.warning("console login failed", extra=fields(person=known, why=why, client=attempt.address))
