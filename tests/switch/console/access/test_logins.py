"""Logins without a wire, on clocks of their own."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from switch.console.access.known_users import KnownUsers
from switch.console.access.login import Attempt, Logins, NotIn
from switch.console.access.one_time_codes import STEP_S, code_of
from switch.console.access.passwords import PasswordChecks, PasswordsBusy
from switch.console.access.sessions import Sessions
from switch.console.access.users import User, change_users
from tests.switch.console.people import KEY, PASSWORD, SECRET, user_of

NOW_S = 1_790_000_000


class QuickChecks(PasswordChecks):
    """Compares without hashing: what is tested is what is around it."""

    busy = False

    async def is_right(self, password: str, kept: str | None) -> bool:
        await asyncio.sleep(0)
        if self.busy:
            raise PasswordsBusy
        return kept is not None and password == PASSWORD


class Bench:
    """Logins whose clock stands."""

    def __init__(self, path: Path, *users: User) -> None:
        change_users(path, lambda known: known.update({user.name: user for user in users}))
        self.path = path
        self.now_s = 1000.0
        self.checks = QuickChecks()
        self.known = KnownUsers(path, KEY)
        self.sessions = Sessions(os.urandom)
        self.logins = Logins(
            self.known,
            self.sessions,
            self.checks,
            os.urandom,
            monotonic_s=lambda: self.now_s,
            epoch_s=lambda: NOW_S,
        )

    async def try_it(
        self, name: str = "sara", password: str = PASSWORD, code: str = "", address: str = "192.0.2.1"
    ) -> int:
        """0 where somebody was let in, -1 for a wrong try, else the wait in seconds."""
        try:
            await self.logins.log_in(Attempt(name, password, code, "fa", address))
        except NotIn as not_in:
            return not_in.wait_s or -1
        return 0


def code(steps_later: int = 0) -> str:
    return code_of(SECRET, NOW_S // STEP_S + steps_later)


@pytest.fixture
def on_bench(tmp_path: Path) -> Callable[[Callable[[Bench], Awaitable[None]]], None]:
    def run(story: Callable[[Bench], Awaitable[None]]) -> None:
        async def whole() -> None:
            bench = Bench(tmp_path / "users.json", user_of("sara", "viewer"), user_of("reza", "supervisor"))
            try:
                await story(bench)
            finally:
                bench.known.close()
                bench.checks.close()

        asyncio.run(whole())

    return run


OnBench = Callable[[Callable[[Bench], Awaitable[None]]], None]


def test_of_two_with_one_code_one_gets_in(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        found = await asyncio.gather(*[bench.try_it("reza", code=code()) for _ in range(4)])
        assert sorted(found) == [-1, -1, -1, 0]
        assert len(bench.sessions) == 1
        assert await bench.try_it("reza", code=code(-1)) == -1
        assert await bench.try_it("reza", code=code(1)) == 0

    on_bench(story)


def test_a_wrong_password_does_not_use_a_code_up(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        assert await bench.try_it("reza", "wrong", code()) == -1
        assert await bench.try_it("reza", code="") == -1
        assert await bench.try_it("reza", code=code()) == 0

    on_bench(story)


def test_guesses_at_once_count_as_many(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        found = await asyncio.gather(*[bench.try_it(password="guess") for _ in range(50)])
        assert found.count(-1) == 5
        assert await bench.try_it() > 0
        bench.now_s += 700
        assert await bench.try_it() == 0
        assert await bench.try_it(password="guess") == -1

    on_bench(story)


def test_an_address_with_many_names_waits(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        found = [await bench.try_it(f"name-{number}") for number in range(40)]
        assert found[:30] == [-1] * 30 and min(found[30:]) > 0
        assert await bench.try_it(address="192.0.2.2") == 0

    on_bench(story)


def test_who_is_attacked_from_everywhere_still_gets_in(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        for number in range(200):
            await bench.try_it(password="guess", address=f"198.51.100.{number}")
        wait_s = await bench.try_it()
        assert 0 < wait_s <= 8
        bench.now_s += wait_s
        assert await bench.try_it() == 0

    on_bench(story)


def test_a_crowd_is_sent_away_and_not_blamed(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        bench.checks.busy = True
        assert [await bench.try_it() for _ in range(20)] == [1] * 20
        bench.checks.busy = False
        assert await bench.try_it() == 0

    on_bench(story)


def test_a_supervisor_without_codes_does_not_get_in(on_bench: OnBench) -> None:
    async def story(bench: Bench) -> None:
        bare = user_of("reza", "supervisor").model_copy(update={"code_secret": None})
        foreign = user_of("omid", "supervisor").model_copy(update={"code_secret": "AAAA"})
        change_users(bench.path, lambda known: known.update(reza=bare, omid=foreign))
        assert await bench.try_it("reza", code=code()) == -1
        assert await bench.try_it("omid", code=code()) == -1

    on_bench(story)
