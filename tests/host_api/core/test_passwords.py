"""Passwords: what may be chosen, what is kept, and that many logins at once stay within their bound."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.password_policy import (
    MOST_CHARACTERS,
    PasswordFault,
    PasswordFaultReason,
    check_password,
    normalised_password,
)
from host_api.core.passwords import DEFAULT_HASHER, Passwords, PasswordsBusy, Verification
from tests.host_api.eventually import eventually

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class HeldHasher(PasswordHasher):
    """Computes when the test lets it, and counts how many it computes at once."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go = threading.Event()
        self.go.set()
        self.lock = threading.Lock()
        self.begun = 0
        self.at_once = 0
        self.most_at_once = 0

    def verify(self, stored: str | bytes, password: str | bytes) -> Literal[True]:
        with self.lock:
            self.begun += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go.wait(30)
        try:
            return super().verify(stored, password)
        finally:
            with self.lock:
                self.at_once -= 1


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    passwords = Passwords(CHEAP)
    yield passwords
    passwords.close()


@pytest.mark.anyio
class TestHashing:
    async def test_the_right_password_matches_and_another_does_not(self, passwords: Passwords) -> None:
        stored = await passwords.hash("رمز درست و بلند")
        assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        assert await passwords.verify("رمز درست و بلند", stored) == Verification(matches=True)
        assert await passwords.verify("رمز درست و بلند ", stored) == Verification(matches=False)

    async def test_the_reference_vector(self, passwords: Passwords) -> None:
        # Argon2 reference implementation, test.c, Argon2id version 0x13, m=2^16, t=2, p=1.
        stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        verification = await passwords.verify("password", stored)
        assert verification.matches
        assert verification.replacement is not None
        assert await passwords.verify("password", verification.replacement) == Verification(matches=True)
        assert await passwords.verify("passwore", stored) == Verification(matches=False)

    async def test_another_keyboard_gives_the_same_password(self, passwords: Passwords) -> None:
        stored = await passwords.hash("كليد ۱۲۳٤ خانه ی ما")
        assert (await passwords.verify("کلید 1234 خانه ي ما", stored)).matches

    @pytest.mark.parametrize("stored", ["", "plain", "$argon2id$v=19$m=8,t=1,p=1$broken", "$2b$12$x"])
    async def test_a_stored_hash_that_cannot_be_read_matches_nothing(
        self, passwords: Passwords, stored: str
    ) -> None:
        assert await passwords.verify("", stored) == Verification(matches=False)

    async def test_the_empty_password_of_nobody_does_not_match(self, passwords: Passwords) -> None:
        assert await passwords.verify("", None) == Verification(matches=False)

    async def test_any_text_can_be_tried(self, passwords: Passwords) -> None:
        stored = await passwords.hash("a long good password")
        for tried in ("\ud800", "\x00", "x" * 1_000_000):
            assert not (await passwords.verify(tried, stored)).matches

    async def test_an_unknown_user_costs_as_much_as_a_known_one(self) -> None:
        hasher = HeldHasher()
        passwords = Passwords(hasher)
        stored = await passwords.hash("a long good password")
        for kept in (stored, None):
            before = hasher.begun
            await passwords.verify("wrong", kept)
            assert hasher.begun == before + 1
        passwords.close()

    async def test_the_default_takes_the_memory_it_says(self) -> None:
        stored = await asyncio.to_thread(DEFAULT_HASHER.hash, "x")
        assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


@pytest.mark.anyio
class TestBound:
    async def test_no_more_than_the_threads_compute_and_the_queue_ends(self) -> None:
        hasher = HeldHasher()
        passwords = Passwords(hasher, threads=2, waiting=3)
        stored = await passwords.hash("right")
        hasher.go.clear()
        waiting = [asyncio.create_task(passwords.verify("right", stored)) for _ in range(5)]
        await eventually(lambda: hasher.begun == 2)
        with pytest.raises(PasswordsBusy):
            await passwords.verify("right", stored)
        hasher.go.set()
        assert all(verification.matches for verification in await asyncio.gather(*waiting))
        assert hasher.most_at_once == 2
        assert (await passwords.verify("right", stored)).matches
        passwords.close()

    async def test_a_caller_that_goes_away_gives_its_place_back(self) -> None:
        hasher = HeldHasher()
        passwords = Passwords(hasher, threads=1, waiting=1)
        stored = await passwords.hash("right")
        hasher.go.clear()
        first = asyncio.create_task(passwords.verify("right", stored))
        await eventually(lambda: hasher.begun == 1)
        for _ in range(5):
            second = asyncio.create_task(passwords.verify("right", stored))
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
        hasher.go.set()
        assert (await first).matches
        assert hasher.begun == 1
        passwords.close()

    async def test_after_its_close_nothing_is_taken(self) -> None:
        passwords = Passwords(CHEAP)
        passwords.close()
        with pytest.raises(RuntimeError):
            await passwords.verify("x", None)


class TestPolicy:
    @pytest.mark.parametrize(
        "password",
        [
            "correct horse battery",
            "باران بهاری شمال",
            "tk7#Lq92vXzz",
            "صبحانه-با-نان-و-پنیر",
            "x" * 3 + "yzabcdefqw1",
        ],
    )
    def test_long_and_own_is_enough(self, password: str) -> None:
        check_password(password, personal=["sara", "+989123456789"])

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("", PasswordFaultReason.TOO_SHORT),
            ("k7#Lq92vX", PasswordFaultReason.TOO_SHORT),
            ("k7#Lq92vXz" * 13, PasswordFaultReason.TOO_LONG),
            ("Password123!", PasswordFaultReason.COMMON),
            ("P@ssw0rd2026", PasswordFaultReason.COMMON),
            ("1234567890", PasswordFaultReason.COMMON),
            ("۱۲۳۴۵۶۷۸۹۰۱۲", PasswordFaultReason.COMMON),
            ("9876543210", PasswordFaultReason.COMMON),
            ("qwertyuiop", PasswordFaultReason.COMMON),
            ("asdfghjklzxcvbnm", PasswordFaultReason.COMMON),
            ("aaaaaaaaaaaa", PasswordFaultReason.COMMON),
            ("1212121212121", PasswordFaultReason.COMMON),
            ("83726" * 2, PasswordFaultReason.COMMON),
            ("tehrantehran", PasswordFaultReason.COMMON),
            ("پرسپوليس۱۴۰۵", PasswordFaultReason.COMMON),
            ("09123456789", PasswordFaultReason.PERSONAL),
            ("۰۹۱۲۳۴۵۶۷۸۹", PasswordFaultReason.PERSONAL),
            ("Shahrzad.1405", PasswordFaultReason.PERSONAL),
        ],
    )
    def test_what_is_wrong_is_told(self, password: str, reason: PasswordFaultReason) -> None:
        with pytest.raises(PasswordFault) as caught:
            check_password(password, personal=["shahrzad", "09123456789", "ab"])
        assert caught.value.reason is reason
        assert caught.value.message and caught.value.message_fa
        assert repr(caught.value) == f"PasswordFault({reason.value!r})"

    def test_the_least_length_can_be_chosen(self) -> None:
        check_password("k7#Lq92v", fewest_characters=8)
        with pytest.raises(PasswordFault):
            check_password("k7#Lq92vXzmp", fewest_characters=15)

    @given(st.text(max_size=300))
    def test_no_text_raises_anything_else(self, text: str) -> None:
        try:
            check_password(text, personal=[text[:6]])
        except PasswordFault:
            return
        assert len(normalised_password(text)) >= 10
        assert len(text) <= MOST_CHARACTERS

    @given(st.text(max_size=MOST_CHARACTERS // 4))
    def test_normalising_twice_changes_nothing(self, text: str) -> None:
        assert normalised_password(normalised_password(text)) == normalised_password(text)
