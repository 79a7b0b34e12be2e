"""Lock-out after wrong passwords, and that unknown users are treated like known ones."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event
from sqlalchemy.engine import Connection

from host_api.core.access import login
from host_api.core.access.login_failures import (
    FIRST_WAIT,
    FORGOTTEN_AFTER,
    FREE_TRIES_OF_ADDRESS,
    FREE_TRIES_OF_NAME,
    LONGEST_WAIT,
    SLOTS,
    slot_of_address,
    slot_of_name,
    wait_after,
)
from host_api.core.access.login_problems import LoginFailed, LoginLocked
from host_api.core.application import create_runtime
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.passwords import Passwords
from host_api.core.runtime import Runtime
from host_api.core.settings import Settings
from tests.host_api.people import add_user, attempt_of

pytestmark = pytest.mark.anyio

NOW = utc_now()


async def test_guessing_locks_out_for_longer_and_longer(runtime: Runtime) -> None:
    now = NOW
    for _ in range(FREE_TRIES_OF_NAME + 1):
        with pytest.raises(LoginFailed):
            await login.log_in(runtime, attempt_of("sara", "wrong"), now)
    waits: list[timedelta] = []
    for _ in range(4):
        with pytest.raises(LoginLocked) as locked:  # the right password is not looked at either
            await login.log_in(runtime, attempt_of("sara"), now)
        waits.append(timedelta(seconds=int(locked.value.headers["Retry-After"])))
        now += waits[-1]
        with pytest.raises(LoginFailed):
            await login.log_in(runtime, attempt_of("sara", "wrong"), now)
    assert waits == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    now += LONGEST_WAIT
    await login.log_in(runtime, attempt_of("sara"), now)
    with pytest.raises(LoginFailed):  # a success has wiped the slate
        await login.log_in(runtime, attempt_of("sara", "wrong"), now)
    await login.log_in(runtime, attempt_of("sara"), now)


async def test_an_unknown_name_is_locked_out_like_a_known_one(runtime: Runtime) -> None:
    for username in ("sara", "nobody"):
        attempt = attempt_of(username, "wrong", "192.0.2.7")
        for _ in range(FREE_TRIES_OF_NAME + 1):
            with pytest.raises(LoginFailed):
                await login.log_in(runtime, attempt, NOW)
        with pytest.raises(LoginLocked):
            await login.log_in(runtime, attempt, NOW)


async def test_guesses_at_once_count_as_many(runtime: Runtime) -> None:
    attempts = [login.log_in(runtime, attempt_of("sara", "wrong"), NOW) for _ in range(12)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, LoginFailed)]
    locked = [outcome for outcome in outcomes if isinstance(outcome, LoginLocked)]
    assert (len(failed), len(locked)) == (FREE_TRIES_OF_NAME + 1, 12 - FREE_TRIES_OF_NAME - 1)


async def test_an_address_that_tries_many_names_is_locked_out_alone(runtime: Runtime) -> None:
    for number in range(FREE_TRIES_OF_ADDRESS + 1):
        with pytest.raises(LoginFailed):
            await login.log_in(runtime, attempt_of(f"user{number}"), NOW)
    with pytest.raises(LoginLocked):
        await login.log_in(runtime, attempt_of("sara"), NOW)
    await login.log_in(runtime, attempt_of("sara", address="192.0.2.2"), NOW)


async def test_failures_are_forgotten(runtime: Runtime) -> None:
    for day in range(FREE_TRIES_OF_NAME + 3):
        now = NOW + day * (FORGOTTEN_AFTER + timedelta(seconds=1))
        with pytest.raises(LoginFailed):
            await login.log_in(runtime, attempt_of("sara", "wrong"), now)


def test_slots_are_bounded_and_apart() -> None:
    names = {slot_of_name(f"user{number}") for number in range(2000)}
    addresses = {slot_of_address(f"192.0.2.{number}") for number in range(200)}
    assert max(names) < SLOTS <= min(addresses)
    assert max(addresses) < 2 * SLOTS
    assert wait_after(0, 4) == wait_after(4, 4) == timedelta(0)
    assert wait_after(5, 4) == FIRST_WAIT
    assert wait_after(10**6, 4) == LONGEST_WAIT


class _CountingHasher(PasswordHasher):
    """Counts what it compares."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = 0

    def verify(self, stored: str | bytes, password: str | bytes) -> Literal[True]:
        self.compared += 1
        return super().verify(stored, password)


def _statements(database: Database) -> list[str]:
    seen: list[str] = []

    def note(_connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    return seen


async def test_an_unknown_user_costs_what_a_known_one_does(settings: Settings) -> None:
    """The same statements and one comparison of a password, whether the name is known or not."""
    hasher = _CountingHasher()
    runtime = create_runtime(settings)
    runtime.passwords.close()
    passwords = Passwords(hasher)
    runtime = replace(runtime, passwords=passwords)
    await add_user(runtime, "sara")
    seen = _statements(runtime.database)
    traces: list[list[tuple[list[str], int]]] = []
    for number, username in enumerate(("sara", "nobody", "someone")):
        tries: list[tuple[list[str], int]] = []
        for _ in range(3):
            seen.clear()
            before = hasher.compared
            with pytest.raises(LoginFailed):
                await login.log_in(runtime, attempt_of(username, "wrong", f"192.0.2.{number}"), NOW)
            tries.append((list(seen), hasher.compared - before))
        traces.append(tries)
    assert traces[0] == traces[1] == traces[2]
    assert [compared for _, compared in traces[0]] == [1, 1, 1]
    passwords.close()
    await runtime.database.dispose()
