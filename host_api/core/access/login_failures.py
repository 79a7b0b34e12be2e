"""Locks out whoever guesses passwords: each failure beyond a few makes the next try wait longer.

Failures are counted for the user name as it was typed, whether or not there is such a user, and for the
address: the same statements run for both, so the time taken tells nothing. Names and addresses share a fixed
number of slots by their hash, so the table has a bound whatever is tried.

A try is counted before the password is looked at and taken back when it was right, so that many at once
count as many.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Integer, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.database import WriteSession
from host_api.core.tables import Base, Instant

SLOTS: Final = 65_536
FREE_TRIES_OF_NAME: Final = 4
FREE_TRIES_OF_ADDRESS: Final = 30
FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class LoginFailures(Base):
    """Failures of one slot; it belongs to no programme, as nobody is known yet."""

    __tablename__ = "login_failures"

    slot: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[Instant]
    locked_until: Mapped[Instant]


def slot_of_name(username: str) -> int:
    """The slot of a user name."""
    return _hashed(b"name\0" + username.encode(errors="replace"))


def slot_of_address(address: str) -> int:
    """The slot of an address; never one of a name."""
    return SLOTS + _hashed(b"address\0" + address.encode(errors="replace"))


def wait_after(failures: int, free_tries: int) -> timedelta:
    """How long the next try has to wait after so many failures."""
    beyond = failures - free_tries
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond - 1, 16)) if beyond > 0 else timedelta(0)


async def count_try(session: WriteSession, slots: Iterable[int], now: datetime) -> timedelta:
    """Count a try in all `slots`, or, where one is locked, in none; how long that still lasts, else zero."""
    rows = await _lock(session, slots)
    wait = max((row.locked_until - now for row in rows), default=timedelta(0))
    if wait > timedelta(0):
        return wait
    for row in rows:
        row.failures = 1 if now - row.last_at > FORGOTTEN_AFTER else row.failures + 1
        row.last_at = now
        next_wait = wait_after(row.failures, _free_tries(row.slot))
        row.locked_until = now + next_wait if next_wait else _LONG_AGO
    return timedelta(0)


async def take_back(session: WriteSession, slots: Iterable[int]) -> None:
    """Count one try less in all `slots`: it was no failure, or not a caller's."""
    for row in await _lock(session, slots):
        row.failures = max(0, row.failures - 1)
        if row.failures < _free_tries(row.slot):
            row.locked_until = _LONG_AGO


async def forget(session: WriteSession, slot: int) -> None:
    """Forget the failures of one slot: its user has shown the password, or got a new one."""
    for row in await _lock(session, [slot]):
        row.failures, row.locked_until = 0, _LONG_AGO


async def _lock(session: WriteSession, slots: Iterable[int]) -> list[LoginFailures]:
    """The rows, made where they aren't there; in one order, so that two callers never wait for each other."""
    wanted = sorted(slots)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for slot in wanted:
        row = {"slot": slot, "failures": 0, "last_at": _LONG_AGO, "locked_until": _LONG_AGO}
        await session.execute(insert(LoginFailures).values(row).on_conflict_do_nothing())
    statement = select(LoginFailures).where(LoginFailures.slot.in_(wanted)).order_by(LoginFailures.slot)
    return list(await session.scalars(statement.with_for_update()))


def _free_tries(slot: int) -> int:
    return FREE_TRIES_OF_NAME if slot < SLOTS else FREE_TRIES_OF_ADDRESS


def _hashed(text: bytes) -> int:
    return int.from_bytes(hashlib.sha256(text).digest()[:8]) % SLOTS
