"""Logging in at a real switch."""

import http.client
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

from tests.switch.conftest import FEED_TOKEN, SwitchProcess
from tests.switch.console.people import (
    PASSWORD,
    Answer,
    Browser,
    code_now,
    put_users,
    user_of,
)

WAIT_S = 60
NOT_IN = (401, 403)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch with one person of each role, for tests that do each other no harm."""
    found = SwitchProcess(tmp_path_factory.mktemp("console"))
    put_users(found, *[user_of(role, role) for role in ("viewer", "operator", "supervisor")])
    found.start()
    yield found
    if found.running:
        found.kill()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_person_comes_in_and_goes(shared: SwitchProcess) -> None:
    browser = Browser(shared)
    assert browser.ask("GET", "/console/session").status == 401
    answer = browser.try_login("Operator ", code="")
    assert (answer.status, answer.headers["location"]) == (303, "/console")
    session = browser.ask("GET", "/console/session").document
    assert (session["name"], session["role"], session["language"]) == ("operator", "operator", "en")
    assert browser.ask("GET", "/console/login").status == 303
    browser.csrf = str(session["csrf"])
    for wrong in ("", "x" * 43):
        assert browser.post("/console/logout", {}, csrf=wrong).status == 403
    kept = dict(browser.cookies)
    assert browser.post("/console/logout", {}).status == 200
    assert "vafa_console" not in browser.cookies
    browser.cookies = kept
    assert browser.ask("GET", "/console/session").status == 401


def test_the_cookie_is_for_no_script_and_no_other_site(shared: SwitchProcess) -> None:
    answer = Browser(shared).try_login("viewer")
    flags = {part.strip().lower() for part in cookie_of(answer).split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/console"} <= flags
    assert "secure" not in flags
    behind_tls = Browser(shared).try_login("viewer", headers={"X-Forwarded-Proto": "https"})
    assert "secure" in cookie_of(behind_tls).lower()


def cookie_of(answer: Answer) -> str:
    assert answer.status == 303
    return next(text for text in answer.set_cookies if text.startswith("vafa_console="))


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("en", "ltr")])
def test_the_page_loads_nothing_from_elsewhere(shared: SwitchProcess, language: str, direction: str) -> None:
    answer = Browser(shared).ask("GET", f"/console/login?lang={language}")
    page = answer.body.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script" not in answer.headers["content-security-policy"]
    assert "<script" not in page
    assert not re.search(r'(?:src|href|action)="(?!/console/)', page)
    assert answer.headers["cache-control"] == "no-store"
    assert Browser(shared).ask("GET", "/console/login.css").headers["content-type"].startswith("text/css")
    by_browser = Browser(shared).ask("GET", "/console/login", headers={"Accept-Language": f"de, {language}"})
    assert f'lang="{language}" dir' in by_browser.body.decode()


def test_nobody_learns_what_was_wrong(shared: SwitchProcess) -> None:
    tries = [
        ("operator", "wrong password", ""),
        ("nobody-here", PASSWORD, ""),
        ("supervisor", PASSWORD, ""),
        ("supervisor", PASSWORD, "000000"),
        ("../../etc", PASSWORD, ""),
    ]
    told = set()
    for name, password, code in tries:
        answer = Browser(shared).try_login(name, password, code)
        assert answer.status == 401
        text = answer.body.decode()
        ticket = re.search(r'name="ticket" value="[^"]+"', text)
        assert ticket is not None
        told.add(text.replace(ticket[0], "").replace(name, "NAME"))
    assert len(told) == 1
    log = shared.log.read_text()
    assert PASSWORD not in log and "wrong password" not in log and "nobody-here" not in log


def test_a_name_that_is_no_name_is_only_shown_as_text(shared: SwitchProcess) -> None:
    answer = Browser(shared).try_login('"><script>alert(1)</script>')
    assert answer.status == 401
    assert "<script" not in answer.body.decode()


def test_an_unknown_name_takes_as_long(shared: SwitchProcess) -> None:
    def fastest(name: str) -> float:
        took = []
        for _ in range(3):
            browser = Browser(shared)
            browser.ask("GET", "/console/login")
            started = time.perf_counter()
            assert browser.try_login(name, "wrong password").status == 401
            took.append(time.perf_counter() - started)
        return min(took)

    known, unknown = fastest("viewer"), fastest("stranger-1")
    assert unknown > known / 2


@pytest.mark.parametrize(
    "form",
    [b"", b"ticket=&name=viewer", b"\xff\xfe", b"=&=" * 20, b"ticket=x&lang=xx", b"a=b&" * 500],
    ids=["empty", "no-ticket", "bytes", "many", "other-ticket", "more"],
)
def test_a_form_from_elsewhere_is_not_taken(shared: SwitchProcess, form: bytes) -> None:
    browser = Browser(shared)
    browser.ask("GET", "/console/login")
    assert browser.ask("POST", "/console/login", form).status == 403
    assert browser.ask("POST", "/console/login", form + b"x" * 5000).status == 413


def test_everything_of_the_console_goes_through_the_door(shared: SwitchProcess) -> None:
    viewer = Browser(shared).log_in("viewer")
    paths = ["/console/alarms", "/console/alarms/rules", "/console/transactions?rrn=1", "/console/actions"]
    for path in paths:
        assert Browser(shared).ask("GET", path).status in NOT_IN
        assert viewer.ask("GET", path).status == 200
    token = {"Authorization": f"Bearer {FEED_TOKEN}"}
    for path in paths[:3]:
        assert Browser(shared).ask("GET", path, headers=token).status == 200
    # A machine is nobody, and orders nothing.
    assert Browser(shared).ask("GET", "/console/actions", headers=token).status == 401
    by_card = {"card_number": "6280000000000017"}
    assert viewer.post("/console/transactions/by-card", by_card).status == 200
    assert viewer.post("/console/transactions/by-card", by_card, csrf="").status in NOT_IN
    mute = {"rule": "deserted-link", "subject": None, "for_s": 60}
    assert viewer.post("/console/alarms/mute", mute).status in NOT_IN
    operator = Browser(shared).log_in("operator")
    assert operator.post("/console/alarms/mute", mute, csrf="").status in NOT_IN
    done = operator.post("/console/alarms/mute", {**mute, "person": "somebody else"})
    assert (done.status, done.document["person"]) == (200, "operator")


def test_whoever_guesses_must_wait(shared: SwitchProcess) -> None:
    switch = shared
    put_users(switch, user_of("sara", "viewer"), user_of("reza", "viewer"))
    from_here = {"X-Forwarded-For": "192.0.2.200"}

    def try_login(name: str, password: str = PASSWORD) -> Answer:
        return Browser(switch).try_login(name, password, headers=from_here)

    statuses = [try_login("sara", f"guess {number}").status for number in range(8)]
    assert statuses == [401] * 5 + [429] * 3
    blocked = try_login("sara")
    assert blocked.status == 429 and int(blocked.headers["retry-after"]) >= 1
    # Unknown names wait alike, other people don't.
    unknown = [try_login("stranger", "guess").status for _ in range(8)]
    assert unknown == statuses
    assert try_login("reza").status == 303
    from_elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    assert Browser(switch).try_login("sara", headers=from_elsewhere).status == 303
    wait_for(lambda: try_login("sara").status == 303)
    log = switch.log.read_text()
    assert "console login failed" in log and "guess" not in log and PASSWORD not in log


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwitchProcess]:
    """A switch that nobody may come in at."""
    found = SwitchProcess(tmp_path_factory.mktemp("empty"))
    yield found.start()
    if found.running:
        found.kill()


def test_the_first_user_comes_while_the_switch_runs(empty: SwitchProcess) -> None:
    switch = empty
    page = Browser(switch).ask("GET", "/console/login").body.decode()
    assert "vafa switch user add" in page and "<form" not in page
    put_users(switch, user_of("sara", "viewer"))
    browser = Browser(switch).log_in("sara")
    put_users(switch, user_of("sara", "operator"))
    wait_for(lambda: browser.ask("GET", "/console/session").status == 401)
    browser = Browser(switch).log_in("sara")
    # What can't be read leaves everybody as they were, and is told once.
    path = switch.directory / "keys/console-users.json"
    content = path.read_bytes()
    path.write_bytes(b"{")
    wait_for(lambda: browser.ask("GET", "/console/session").status == 200 and "users file" in log_of(switch))
    Browser(switch).log_in("sara")
    path.write_bytes(content)
    path.unlink()
    wait_for(lambda: browser.ask("GET", "/console/session").status == 401)


def test_a_code_opens_once_even_after_a_restart(empty: SwitchProcess) -> None:
    switch = empty
    put_users(switch, user_of("sara", "supervisor"))
    code = code_now(-1)
    sent = Browser(switch)
    assert sent.try_login("sara", code=code).status == 303
    assert Browser(switch).try_login("sara", code=code).status == 401
    switch.kill()
    switch.start()
    assert Browser(switch).try_login("sara", code=code).status == 401
    again = Browser(switch)
    again.cookies = sent.cookies
    assert again.ask("GET", "/console/session").status == 401
    Browser(switch).log_in("sara", code_now(1))


def log_of(switch: SwitchProcess) -> str:
    return switch.log.read_text()


def test_many_logins_at_once_hold_up_nobody(shared: SwitchProcess) -> None:
    """More than may wait are sent away at once; the switch answers meanwhile."""
    browser = Browser(shared)
    browser.ask("GET", "/console/login")
    ticket = browser.cookies["vafa_console_login"]
    form = {"ticket": ticket, "lang": "en", "password": "guess"}
    connections = []
    for number in range(16):
        body = urllib.parse.urlencode({**form, "name": f"crowd-{number}"}).encode()
        connection = http.client.HTTPConnection(browser.host, timeout=WAIT_S)
        address = f"192.0.2.{number + 1}"
        cookie = f"vafa_console_login={ticket}"
        connection.request("POST", "/console/login", body, {"Cookie": cookie, "X-Forwarded-For": address})
        connections.append(connection)
    assert shared.get("/health/live")[0] == 200
    statuses = []
    for connection in connections:
        statuses.append(connection.getresponse().status)
        connection.close()
    assert set(statuses) == {401, 429}
