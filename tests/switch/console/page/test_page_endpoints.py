"""What the page asks of a real switch: the stream, the history over restarts, the terminals."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import TypedDict

import pytest

from switch.console.access.door import COOKIE
from switch.console.live import VIEWERS_MAX
from tests.switch.conftest import FEED_TOKEN, Connect, Link, SwitchAt, SwitchProcess
from tests.switch.console.people import Browser, put_users, remove_user, user_of

AUTHORISED = {"Authorization": f"Bearer {FEED_TOKEN}"}


@contextmanager
def stream(switch: SwitchProcess, headers: Mapping[str, str] = AUTHORISED) -> Iterator[HTTPResponse]:
    connection = HTTPConnection(switch.operations.removeprefix("http://"), timeout=60)
    connection.request("GET", "/console/stream", headers=dict(headers))
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def events(answer: HTTPResponse) -> Iterator[tuple[str, dict[str, list[list[object]]]]]:
    name = ""
    while line := answer.readline().decode():
        if line.startswith("event: "):
            name = line[7:].strip()
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


class Answer(TypedDict):
    """Of the history, or of the terminals."""

    frames: list[list[int]]
    count: int
    terminals: list[dict[str, object]]


def asked(switch: SwitchProcess, path: str) -> Answer:
    code, body = switch.get(f"/console/{path}", FEED_TOKEN)
    assert code == 200, body
    found: Answer = json.loads(body)
    return found


@pytest.mark.parametrize("path", ["stream", "history", "terminals"])
def test_nobody_looks_without_a_role(standing_switch: SwitchProcess, path: str) -> None:
    assert standing_switch.get(f"/console/{path}")[0] == 401
    assert standing_switch.get(f"/console/{path}", "wrong")[0] == 401


def test_the_stream_tells_what_happens(standing_switch: SwitchProcess, standing_terminal: Link) -> None:
    with stream(standing_switch) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = events(answer)
        names = [next(found)[0] for _ in range(2)]
        assert names == ["frame", "sight"]
        assert standing_terminal.call(standing_terminal.inquiry()).fields[39] == "00"
        deadline = time.monotonic() + 1
        while ["balances", "00", 1] not in (event := next(found))[1].get("totals", []):
            assert time.monotonic() < deadline, event


@pytest.mark.parametrize("end", ["logout", "role", "removal"])
def test_the_stream_ends_with_the_login(standing_switch: SwitchProcess, end: str) -> None:
    name = f"sara-{end}"
    put_users(standing_switch, user_of(name, "operator"))
    person = Browser(standing_switch).log_in(name)
    cookie = {"Cookie": f"{COOKIE}={person.cookies[COOKIE]}"}
    with stream(standing_switch, cookie) as answer, stream(standing_switch) as of_a_machine:
        found, of_machine = events(answer), events(of_a_machine)
        assert next(found)[0] == next(of_machine)[0] == "frame"
        if end == "logout":
            assert person.post("/console/logout", {}).status == 200
        elif end == "role":
            put_users(standing_switch, user_of(name, "viewer"))
        else:
            remove_user(standing_switch, name)
        ended_s = time.monotonic() + 5
        for _ in found:
            assert time.monotonic() < ended_s
        assert next(of_machine)
    with stream(standing_switch, cookie) as answer:
        assert answer.status == 401


def test_as_many_watch_as_may_and_those_who_go_make_room(standing_switch: SwitchProcess) -> None:
    with ExitStack() as stack:
        watching = [stack.enter_context(stream(standing_switch)) for _ in range(VIEWERS_MAX)]
        assert {answer.status for answer in watching} == {200}
        with stream(standing_switch) as refused:
            assert refused.status == 503
            assert list(json.loads(refused.read())) == ["error"]
    deadline = time.monotonic() + 10
    while True:
        with stream(standing_switch) as answer:
            if answer.status == 200:
                break
        assert time.monotonic() < deadline


def test_the_history_outlives_a_restart_and_a_kill(switch_at: SwitchAt) -> None:
    switch = switch_at().start()

    def kept() -> list[list[int]]:
        return asked(switch, f"history?points=1500&from_s={int(time.time()) - 600}")["frames"]

    def wait_for(count: int) -> list[list[int]]:
        deadline = time.monotonic() + 10
        while len(found := kept()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return found

    first = wait_for(1)
    switch.kill()
    switch.start()
    assert kept()[: len(first)] == first
    second = wait_for(len(first) + 1)
    # It ends at once while somebody watches.
    with stream(switch) as answer:
        assert next(events(answer))[0] == "frame"
        began = time.monotonic()
        assert switch.stop() == 0
        assert time.monotonic() - began < 5
    assert "Traceback" not in switch.log.read_text()
    switch.start()
    assert kept()[: len(second)] == second
    assert (switch.journal / "console/history").stat().st_mode & 0o077 == 0


def test_a_switch_serves_without_its_history(switch_at: SwitchAt) -> None:
    switch = switch_at()
    (switch.journal / "console/history").mkdir(parents=True)
    switch.start()
    assert asked(switch, "history")["frames"] == []
    assert "no history of the console" in switch.log.read_text()


@pytest.mark.parametrize(
    "path",
    [
        "history?points=1501",
        "history?from_s=-1",
        "terminals?limit=201",
        "terminals?skip=x",
        "terminals?find=" + "x" * 33,
    ],
)
def test_what_cannot_be_is_refused_in_a_line(standing_switch: SwitchProcess, path: str) -> None:
    code, body = standing_switch.get(f"/console/{path}", FEED_TOKEN)
    assert code == 422 and list(json.loads(body)) == ["error"]


def test_terminals_by_merchant_with_what_is_known_of_them(
    standing_switch: SwitchProcess, standing_host: Link, connect: Connect
) -> None:
    switch, host = standing_switch, standing_host
    for number in range(30):
        reply = host.make_terminal(f"P{number:07d}", f"PLACE{number % 3}")
        assert reply.fields[39] == "00"
    terminal = connect(switch)
    terminal.sign_on("P0000001")
    found = asked(switch, "terminals?find=place&limit=200")
    rows = found["terminals"]
    assert found["count"] == len(rows) == 30 < asked(switch, "terminals")["count"]
    places = [(row["merchant"], row["branch"], row["terminal"]) for row in rows]
    assert places == sorted(places)
    (here,) = [row for row in rows if row["link"]]
    assert here["terminal"] == "P0000001" and here["link"] == "terminals"
    seen_ms = here["seen_ms"]
    assert isinstance(seen_ms, int) and abs(seen_ms - time.time() * 1000) < 5000
    assert {row["seen_ms"] for row in rows if row is not here} == {None}
    assert asked(switch, "terminals?find=place1&limit=4&skip=8")["count"] == 10
    last = asked(switch, "terminals?find=PLACE1&limit=4&skip=8")["terminals"]
    assert [row["terminal"] for row in last] == ["P0000025", "P0000028"]
    terminal.close()
    assert host.make_terminal("P0000030", "PLACE1").fields[39] == "00"
    assert asked(switch, "terminals?find=place1")["count"] == 11
