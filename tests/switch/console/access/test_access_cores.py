"""Codes, passwords, waits, sessions and the users' file, without a switch."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from switch.console.access.door import COOKIE, Door
from switch.console.access.one_time_codes import STEP_S, code_of, code_uri, matching_step, plain_code
from switch.console.access.passwords import PasswordFault, check_password, is_right, password_hash
from switch.console.access.roles import Role
from switch.console.access.sessions import (
    IDLE_S,
    LONGEST_S,
    SESSIONS_MAX,
    SESSIONS_OF_USER_MAX,
    Sessions,
)
from switch.console.access.throttle import OF_PAIRS, Pace, Throttle
from switch.console.access.users import (
    User,
    UsersFault,
    change_users,
    opened_secret,
    read_users,
    sealed_secret,
)
from switch.operations.access import Access
from tests.switch.console.people import HASH, KEY, PASSWORD, user_of

# RFC 6238, appendix B: eight digits, of which an app with six shows the last.
RFC_SECRET = b"12345678901234567890"
RFC_VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1234567890, "89005924"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("at_s", "code"), RFC_VECTORS)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    assert HOTP(RFC_SECRET, 8, SHA1()).generate(at_s // STEP_S).decode() == code
    assert code_of(RFC_SECRET, at_s // STEP_S) == code[2:]
    assert matching_step(RFC_SECRET, code[2:], at_s, -1) == at_s // STEP_S


def test_a_code_opens_once_and_only_about_its_time() -> None:
    now_s = 1_790_000_000
    step = now_s // STEP_S
    for near in (step - 1, step, step + 1):
        assert matching_step(RFC_SECRET, code_of(RFC_SECRET, near), now_s, -1) == near
        assert matching_step(RFC_SECRET, code_of(RFC_SECRET, near), now_s, near) is None
    assert matching_step(RFC_SECRET, code_of(RFC_SECRET, step), now_s, step + 1) is None
    for far in (step - 2, step + 2):
        assert matching_step(RFC_SECRET, code_of(RFC_SECRET, far), now_s, -1) is None


def test_codes_are_read_as_people_type_them() -> None:
    assert plain_code(" ۱۲۳ ٤٥٦ ") == "123456"
    assert [plain_code(typed) for typed in ("12345a", "1234-6", "²", "")] == ["", "", "2", ""]
    assert code_uri(RFC_SECRET, "sara").startswith("otpauth://totp/Vafa:sara?")


@given(st.text(max_size=60))
def test_no_code_brings_it_down(typed: str) -> None:
    assert matching_step(RFC_SECRET, typed, 59, 3) is None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "x" * 129, "sararezaei12", "SaraRezaei99"])
def test_weak_passwords_are_not_chosen(password: str) -> None:
    with pytest.raises(PasswordFault) as refused:
        check_password(password, "sararezaei")
    assert password not in str(refused.value)


def test_a_password_is_the_same_on_every_keyboard() -> None:
    check_password("گذرواژه‌ای بلند ۱۲", "sara")
    kept = password_hash("كليد بلند ۱۲۳۴")
    assert is_right("کلید بلند 1234", kept)
    assert not is_right("کلید بلند 1235", kept)
    assert not is_right(PASSWORD, None)
    assert not is_right(PASSWORD, "no hash")
    assert not is_right("\ud800" * 300, HASH)


def test_waits_grow_and_are_forgotten() -> None:
    throttle = Throttle(Pace(3, 1.0, 8.0, 100.0), bytes(16))
    waits, now_s = [], 1000.0
    for _ in range(8):
        throttle.count("sara", now_s)
        waits.append(throttle.wait_s("sara", now_s))
        now_s += waits[-1]
    assert waits == [0, 0, 1, 2, 4, 8, 8, 8]
    assert throttle.wait_s("reza", now_s) == 0
    throttle.count("sara", now_s + 101)
    assert throttle.wait_s("sara", now_s + 101) == 0
    for _ in range(5):
        throttle.count("sara", now_s + 102)
    assert throttle.wait_s("sara", now_s + 102) > 0
    throttle.forget("sara")
    assert throttle.wait_s("sara", now_s + 102) == 0


def test_many_names_take_no_more_room() -> None:
    throttle = Throttle(OF_PAIRS, os.urandom(16))
    for number in range(20_000):
        throttle.count(f"name {number}\ud800", 1.0)
    assert len(throttle._places) <= 4096


def test_sessions_end_by_themselves() -> None:
    sessions = Sessions(os.urandom)
    for role in Role:
        user = user_of("sara", role.label)
        token, session = sessions.begin(user, "fa", 0.0)
        assert sessions.find(token, IDLE_S[role] - 1) is session
        assert sessions.find(token, IDLE_S[role]) is None
        assert sessions.find(token, 1.0) is None
    token, session = sessions.begin(user_of("sara", "operator"), "fa", 0.0)
    for now_s in range(0, int(LONGEST_S), 600):
        session.seen_s = now_s
        assert sessions.find(token, now_s) is session
    assert sessions.find(token, LONGEST_S) is None


def test_what_the_page_asks_by_itself_keeps_no_session_alive(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    change_users(path, lambda known: known.update({"sara": user_of("sara", "operator")}))
    now_s = 1000.0
    door = Door(Access("t" * 20), path, KEY, lambda: now_s)
    try:
        token, _ = door._sessions.begin(door._known.users["sara"], "fa", now_s)
        cookie = (b"cookie", f"{COOKIE}={token}".encode())
        by_itself = request_with(cookie, (b"x-unattended", b"1"))
        for role in Role:
            assert door.may_stay(by_itself, role) == (role <= Role.OPERATOR)
        for _ in range(3):
            now_s += IDLE_S[Role.OPERATOR] - 1
            assert door.may_stay(by_itself, Role.VIEWER) and door.may(by_itself, Role.VIEWER)
            assert door.may(request_with(cookie), Role.VIEWER)
        now_s += IDLE_S[Role.OPERATOR] - 1
        assert door.may(by_itself, Role.VIEWER) and door.may_stay(request_with(cookie), Role.VIEWER)
        now_s += 1
        assert not door.may_stay(by_itself, Role.VIEWER)
        assert not door.may(request_with(cookie), Role.VIEWER)
    finally:
        door.close()


def request_with(*headers: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": list(headers)})


def test_there_are_only_so_many_sessions() -> None:
    sessions = Sessions(os.urandom)
    mine = [sessions.begin(user_of("sara", "viewer"), "fa", 1.0)[0] for _ in range(SESSIONS_OF_USER_MAX + 2)]
    assert [sessions.find(token, 1.0) is None for token in mine] == [True] * 2 + [
        False
    ] * SESSIONS_OF_USER_MAX
    for number in range(SESSIONS_MAX + 10):
        sessions.begin(user_of(f"user-{number}", "viewer"), "fa", 1.0)
    assert len(sessions) == SESSIONS_MAX
    assert len(set(mine)) == len(mine)


def test_what_is_in_memory_opens_nothing() -> None:
    sessions = Sessions(os.urandom)
    token, session = sessions.begin(user_of("sara", "viewer"), "fa", 1.0)
    assert token not in repr(vars(sessions))
    assert session.is_csrf(session.csrf)
    assert not session.is_csrf(session.csrf[:-1])
    assert not session.is_csrf("\ud800")


def test_users_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "users.json"
    assert read_users(path) == {}
    users = {name: user_of(name, role) for name, role in (("reza", "viewer"), ("sara", "supervisor"))}
    change_users(path, lambda known: known.update(users))
    assert read_users(path) == users
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    change_users(path, lambda known: known.pop("reza"))
    assert list(read_users(path)) == ["sara"]
    assert PASSWORD not in path.read_text()


def test_a_file_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    change_users(path, lambda known: known.update(sara=user_of("sara", "viewer")))
    good = json.loads(path.read_text())
    wrong: object
    for wrong in (
        {**good, "version": 2},
        {**good, "more": 1},
        {**good, "users": good["users"] * 2},
        {**good, "users": [{**good["users"][0], "role": "owner"}]},
        {**good, "users": [{**good["users"][0], "name": "../sara"}]},
        [],
    ):
        path.write_text(json.dumps(wrong))
        with pytest.raises(UsersFault) as refused:
            read_users(path)
        assert "\n" not in str(refused.value) and "argon2" not in str(refused.value)
    path.write_text(json.dumps(good))
    path.chmod(0o640)
    with pytest.raises(UsersFault, match="0600"):
        read_users(path)


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    change_users(path, lambda known: known.update(sara=user_of("sara", "viewer")))
    before = path.read_bytes()

    def change(known: dict[str, User]) -> None:
        known.clear()
        raise UsersFault("no")

    with pytest.raises(UsersFault, match="no"):
        change_users(path, change)
    assert path.read_bytes() == before


def test_two_who_change_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "users.json"

    def add(first: int) -> None:
        for number in range(first, first + 10):
            user = user_of(f"user-{number}", "viewer")
            change_users(path, lambda known, user=user: known.update({user.name: user}))  # type: ignore[misc]

    threads = [threading.Thread(target=add, args=(first,)) for first in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_users(path)) == 20


def test_a_secret_is_of_one_user_and_one_master_key() -> None:
    user = user_of("sara", "supervisor")
    assert opened_secret(KEY, user) == bytes(range(20))
    assert opened_secret(KEY, user.model_copy(update={"name": "reza"})) is None
    assert opened_secret(bytes(32), user) is None
    assert opened_secret(KEY, user.model_copy(update={"code_secret": "?"})) is None
    assert opened_secret(KEY, user.model_copy(update={"code_secret": None})) is None
    assert sealed_secret(KEY, "sara", b"x") != sealed_secret(KEY, "sara", b"x")
