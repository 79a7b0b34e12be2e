"""The operations port over HTTP: who may look, what is told, and that a scrape is whole."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from protocol.spec import load_spec
from switch.fleet.health import HealthBook
from switch.metrics.catalogue import Metric
from switch.metrics.store import Metrics
from switch.operations.access import Access
from switch.operations.app import Sight, operations_app
from switch.operations.candidate import CandidateEndpoint
from switch.operations.dead_letters import DeadLetterEndpoints
from switch.operations.fleet import FleetEndpoint
from switch.operations.readiness import Obstacle

if TYPE_CHECKING:
    from tests.switch.conftest import Connect, Link, SwitchAt, SwitchProcess

TOKEN = "feed-token-for-tests-0123456789"


async def no_feed(_: Request) -> Response:
    return PlainTextResponse("")


def ask(path: str, peer: str, obstacles: list[Obstacle], token: str | None = None) -> httpx2.Response:
    """GET of a path by a peer."""
    sight = Sight(Metrics(), lambda: {"position": 3}, lambda: obstacles)
    access = Access(TOKEN)
    app = operations_app(
        no_feed,
        sight,
        DeadLetterEndpoints(None, load_spec("vafa"), access),
        CandidateEndpoint(None, access),
        access,
        fleet=FleetEndpoint(HealthBook(), access),
        totals=no_feed,
    )
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def call() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=app, client=(peer, 40_000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://switch") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(call())


@pytest.mark.parametrize("path", ["/metrics", "/status"])
def test_only_this_machine_or_the_token_may_look(path: str) -> None:
    for peer in ("127.0.0.1", "127.8.9.1", "::1"):
        assert ask(path, peer, []).status_code == 200
    for peer in ("192.0.2.7", "2001:db8::1", "testclient", ""):
        assert ask(path, peer, []).status_code == 401
        assert ask(path, peer, [], "wrong").status_code == 401
        assert ask(path, peer, [], TOKEN).status_code == 200


def test_health_is_for_everybody() -> None:
    assert ask("/health/live", "192.0.2.7", []).json() == {"live": True}
    ready = ask("/health/ready", "192.0.2.7", [])
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "reasons": []})


@pytest.mark.parametrize("obstacle", Obstacle)
def test_not_ready_says_why_in_both_languages(obstacle: Obstacle) -> None:
    answer = ask("/health/ready", "127.0.0.1", [obstacle])
    assert answer.status_code == 503
    (reason,) = answer.json()["reasons"]
    assert reason["code"] == obstacle.code
    assert reason["en"].isascii()
    assert any("\u0600" <= char <= "\u06ff" for char in reason["fa"])
    status = ask("/status", "127.0.0.1", [obstacle]).json()
    assert (status["ready"], status["reasons"], status["position"]) == (False, [obstacle.code], 3)


def scrape(switch: SwitchProcess) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Samples by name and labels; histograms by their counts and sums."""
    code, page = switch.get("/metrics")
    assert code == 200
    found: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def test_a_switch_tells_what_it_did(switch: SwitchProcess, host: Link, terminal: Link) -> None:
    original = terminal.purchase(2_500_000)
    terminal.call(original)
    terminal.call(original)
    terminal.call(terminal.purchase(0))
    terminal.call(terminal.inquiry())
    terminal.call(terminal.purchase(900), terminal.mac("T0000002"))
    told = scrape(switch)
    answers = {
        (dict(labels)["type"], dict(labels)["code"]): value
        for labels, value in told["vafa_switch_answers_total"].items()
    }
    assert answers == {
        ("purchase", "00"): 1,
        ("purchase", "13"): 1,
        ("purchase", "63"): 1,
        ("balances", "00"): 1,
        ("file_action", "00"): 3,
        ("network_management", "00"): 2,
    }
    plain = {
        name: told[f"vafa_switch_{name}"][frozenset()]
        for name in ("repeats_total", "mac_failures_total", "entries_total", "ready", "members", "cards")
    }
    assert list(plain.values()) == [1, 1, 6, 1, 1, 1]
    assert told["vafa_switch_journal_durable_position"][frozenset()] == 6
    signed_on = {("link", "terminals"), ("phase", "signed_on")}
    assert told["vafa_switch_connections"][frozenset(signed_on)] == 2
    commits = told["vafa_switch_step_seconds_count"][frozenset({("step", "commit")})]
    assert 0 < commits == told["vafa_switch_commit_entries_count"][frozenset()] <= 5
    assert told["vafa_switch_step_seconds_count"][frozenset({("step", "sync")})] == commits
    assert told["vafa_switch_batch_requests_sum"][frozenset()] == 10
    assert told["vafa_switch_disk_free_bytes"][frozenset()] > 0
    assert told["vafa_switch_cpu_seconds_total"][frozenset()] > 0
    assert told["vafa_switch_resident_bytes"][frozenset()] > 1 << 20


def test_every_metric_of_the_catalogue_is_told(switch: SwitchProcess) -> None:
    page = switch.get("/metrics")[1].decode()
    for metric in Metric:
        assert f"# TYPE {metric.full_name} {metric.value.kind.value}\n" in page


def test_request_times_are_sampled(switch: SwitchProcess, terminal: Link) -> None:
    for _ in range(200):
        terminal.call(terminal.purchase(1000))
    told = scrape(switch)["vafa_switch_step_seconds_count"]
    for step in ("decode", "decide", "request"):
        assert 100 <= told[frozenset({("step", step)})] <= 300, step


def test_json_log_of_a_busy_switch_holds_no_card_number(switch_at: SwitchAt, connect: Connect) -> None:
    process = switch_at().start(log_level="DEBUG", log_format="json")
    link = connect(process)
    card = "6280431975260842"
    link.sign_on("HOST0001")
    assert link.make_terminal().fields[39] == "00"
    link.make_member(card=card)
    link.sign_on()
    link.call(link.purchase(2_500_000, card=card))
    link.call(link.purchase(900, card=card), link.mac("T0000002"))
    broken = bytearray(link.payload(link.purchase(900, card=card)))
    for cut in range(1, len(broken), 40):
        trial = connect(process)
        trial.socket.sendall(cut.to_bytes(2, "big") + broken[:cut])
        trial.send(link.purchase(77, card=card, terminal_id="T9999999"))
        assert trial.is_closed()
    process.stop()
    text = process.log.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["level"] for line in lines} >= {"info", "warning"}
    assert all({"at", "level", "logger", "text"} <= set(line) for line in lines)
    assert "wrong MAC" in text
    for secret in (card, card[6:12], card.encode().hex(), "99125010000"):
        assert secret not in text
