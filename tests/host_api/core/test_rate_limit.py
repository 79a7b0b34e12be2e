"""Rate limits, request ids and client addresses."""

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from fastapi import Request
from sqlalchemy import select

from host_api.core.application import create_runtime
from host_api.core.audit import AuditEntry
from host_api.core.client_address import client_address
from host_api.core.logs import log_to_stderr
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.rate_limit import CountsInMemory, RateLimited, RateLimits
from host_api.core.request_id import accepted_request_id, present_request_id
from host_api.core.settings import Settings
from tests.host_api.people import problem
from tests.host_api.running_api import RunningApi, running_api

pytestmark = pytest.mark.anyio

LIMIT, UNKNOWN_LIMIT = 5, 3


class _Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
async def api(settings: Settings, clock: _Clock) -> AsyncIterator[RunningApi]:
    """The API with narrow limits."""
    runtime = create_runtime(settings.model_copy(update={"proxies_in_front": 1}))
    async with running_api(
        replace(runtime, rate_limits=RateLimits(LIMIT, UNKNOWN_LIMIT, now_s=clock))
    ) as running:
        yield running


def _standing(answer: httpx2.Response) -> tuple[str, str, str]:
    return tuple(answer.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset"))  # type: ignore[return-value]


async def test_a_caller_is_told_how_it_stands_and_stopped(api: RunningApi, clock: _Clock) -> None:
    for number in range(LIMIT):
        answer = await api.client.get("/v1/members")
        assert answer.status_code == 200
        assert _standing(answer) == (str(LIMIT), str(LIMIT - number - 1), "60")
    clock.now_s += 20.5
    stopped = await api.client.get("/v1/members", headers={"Accept-Language": "fa"})
    assert problem(stopped) == (429, "rate-limited")
    assert _standing(stopped) == (str(LIMIT), "0", "40")
    assert stopped.headers["retry-after"] == "40"
    clock.now_s += 40
    assert (await api.client.get("/v1/members")).status_code == 200


async def test_nobody_known_is_counted_by_address_and_apart(api: RunningApi) -> None:
    async with httpx2.AsyncClient(base_url=api.base_url, trust_env=False) as nobody:

        async def ask(address: str, **headers: str) -> int:
            forwarded = {"X-Forwarded-For": f"1.2.3.4, {address}"}
            return (await nobody.get("/v1/members", headers=forwarded | headers)).status_code

        asked = [await ask("192.0.2.1") for _ in range(UNKNOWN_LIMIT + 2)]
        assert asked == [401] * UNKNOWN_LIMIT + [429] * 2
        assert await ask("192.0.2.2", **{"X-API-Key": "vafa_"}) == 401
        assert await ask("192.0.2.1", **{"X-API-Key": api.client.headers["X-API-Key"]}) == 200
        form = {"grant_type": "refresh_token", "refresh_token": "x"}
        headers = {"X-Forwarded-For": "192.0.2.1"}
        stopped = await nobody.post("/v1/auth/token", data=form, headers=headers)
        assert problem(stopped) == (429, "rate-limited")
        assert (await nobody.get("/health/live")).headers.get("ratelimit-limit") is None


async def test_requests_at_once_are_all_counted(api: RunningApi) -> None:
    answers = await asyncio.gather(*(api.client.get("/v1/members") for _ in range(3 * LIMIT)))
    assert [answer.status_code for answer in answers].count(200) == LIMIT


def test_what_is_counted_is_bounded() -> None:
    clock = _Clock()
    counts = CountsInMemory(3, clock)
    for key in ("a", "b", "c", "a", "d"):
        counts.incr(key, 60)
    assert len(counts) == 3
    assert [counts.get(key) for key in "abcd"] == [2, 0, 1, 1]
    clock.now_s += 60
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1
    counts.clear("a")
    assert counts.reset() == 2


def _request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", entry.encode()) for entry in forwarded]
    return Request(
        {"type": "http", "headers": headers, "client": None if peer is None else (peer, 1), "state": {}}
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", ["10.0.0.1"], 0, "192.0.2.1"),
        ("127.0.0.1", ["10.0.0.1, 192.0.2.7"], 1, "192.0.2.7"),
        ("127.0.0.1", ["10.0.0.1", "192.0.2.7, 192.0.2.8"], 2, "192.0.2.7"),
        ("127.0.0.1", [], 1, "127.0.0.1"),
        ("127.0.0.1", ["not an address"], 1, "unknown"),
        ("127.0.0.1", ["1" * 5000], 1, "unknown"),
        ("2001:db8:1:2:3::4", [], 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        (None, [], 0, "unknown"),
    ],
    ids=["peer", "proxy", "two proxies", "no header", "nonsense", "long", "network", "mapped", "no peer"],
)
def test_addresses(peer: str | None, forwarded: list[str], proxies: int, address: str) -> None:
    assert client_address(_request(peer, *forwarded), proxies) == address


def test_one_limit_of_one_request() -> None:
    limits = RateLimits(1, 1)
    request = _request("192.0.2.1")
    limits.count_caller(request, "user", "1")
    limits.count_caller(request, "user", "2")
    limits.count_address(request, "user/1")
    with pytest.raises(RateLimited):
        limits.count_caller(request, "user", "1")


@pytest.mark.parametrize(
    "text",
    [None, "", "x", "6f1c1d0e9a524d6e8f0e2b7c0c7f5a11", "6f1c1d0e-9a52-4d6e-8f0e-2b7c0c7f5a1۱", "a" * 9000],
)
def test_odd_request_ids_are_replaced(text: str | None) -> None:
    made = accepted_request_id(text)
    assert made != text
    assert uuid.UUID(made).version == 4


async def test_every_answer_carries_its_request_id(api: RunningApi) -> None:
    wanted = str(uuid.uuid4())
    for path in ("/v1/members", "/v1/members/x", "/nowhere", "/health/live", "/docs"):
        answer = await api.client.get(path, headers={"X-Request-Id": wanted})
        assert answer.headers.get_list("x-request-id") == [wanted], path
        assert uuid.UUID((await api.client.get(path)).headers["x-request-id"])
    too_large = await api.client.post("/v1/members", content=b"x" * 70_000, headers={"X-Request-Id": wanted})
    assert (too_large.status_code, too_large.headers["x-request-id"]) == (413, wanted)


async def test_an_unexpected_error_is_found_by_its_id(
    api: RunningApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from host_api.services.members import logic

    seen: list[str | None] = []

    async def fail(*_arguments: object) -> None:
        seen.append(present_request_id())
        logging.getLogger("host_api").error("on purpose")
        raise ZeroDivisionError

    monkeypatch.setattr(logic, "read_page", fail)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    try:
        log_to_stderr()
        answer = await api.client.get("/v1/members")
    finally:
        root.handlers, root.level = handlers, level
    request_id = answer.headers["x-request-id"]
    assert (answer.status_code, seen) == (500, [request_id])
    lines = capsys.readouterr().err
    assert re.search(rf"on purpose \[{request_id}\]", lines)
    assert lines.count(request_id) >= 2  # the server's own line too
    assert present_request_id() is None


async def test_the_audit_log_knows_the_request(settings: Settings) -> None:
    runtime = create_runtime(settings)
    async with running_api(runtime) as served:
        answer = await served.client.post("/v1/members", json={"name": "Sara"})
        async with runtime.database.reading(FIRST_PROGRAMME) as session:
            entry = (await session.scalars(select(AuditEntry))).one()
    assert entry.request_id == answer.headers["x-request-id"]
