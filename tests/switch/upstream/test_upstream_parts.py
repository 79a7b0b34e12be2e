"""The tables of states, whose card it is, and what an operator's file may say."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path

import pytest

from switch.upstream.router import Route, Router
from switch.upstream.settings import UpstreamFault, load_upstream
from switch.upstream.states import (
    CONNECTED,
    REQUEST_TRANSITIONS,
    UPSTREAM_TRANSITIONS,
    RequestEvent,
    RequestPhase,
    UpstreamEvent,
    UpstreamPhase,
)

LINK = """
                DIAL        ESTABLISH   SIGN_ON  LOSE     DRAIN     FINISH
    DOWN        CONNECTING  -           -        -        STOPPED   -
    CONNECTING  -           SIGNING_ON  -        DOWN     STOPPED   -
    SIGNING_ON  -           -           UP       DOWN     STOPPED   -
    UP          -           -           -        DOWN     DRAINING  -
    DRAINING    -           -           -        STOPPED  DRAINING  STOPPED
    STOPPED     -           -           -        -        STOPPED   -
"""
REQUESTS = """
               REPLY     TIME_OUT   LOSE_LINK
    SENT       ANSWERED  TIMED_OUT  LOST
    ANSWERED   -         -          -
    TIMED_OUT  LATE      -          -
    LATE       -         -          -
    LOST       -         -          -
"""


@pytest.mark.parametrize(
    ("told", "phases", "events", "table"),
    [
        pytest.param(LINK, UpstreamPhase, UpstreamEvent, UPSTREAM_TRANSITIONS, id="link"),
        pytest.param(REQUESTS, RequestPhase, RequestEvent, REQUEST_TRANSITIONS, id="requests"),
    ],
)
def test_every_phase_and_event(
    told: str, phases: type[Enum], events: type[Enum], table: Mapping[tuple[Enum, Enum], Enum]
) -> None:
    head, *rows = (line.split() for line in told.strip().splitlines())
    assert head == [event.name for event in events]
    assert [row[0] for row in rows] == [phase.name for phase in phases]
    for phase, row in zip(phases, rows, strict=True):
        for event, target in zip(events, row[1:], strict=True):
            found = table.get((phase, event))
            assert ("-" if found is None else found.name) == target, (phase, event)


def test_every_connected_phase_can_be_lost() -> None:
    assert all((phase, UpstreamEvent.LOSE) in UPSTREAM_TRANSITIONS for phase in CONNECTED)


@pytest.mark.parametrize(
    ("number", "card_type", "route"),
    [
        ("6280990000000017", "", Route.UPSTREAM),
        ("6280980000000017", "", Route.LOCAL),
        ("6280980000000017", "PARTNER", Route.UPSTREAM),
        ("6280990000000017", "LOYAL", Route.UPSTREAM),
        ("98912", "", Route.LOCAL),
        ("989121234567", "", Route.UPSTREAM),
        ("62", "", Route.LOCAL),
    ],
)
def test_whose_card_it_is(number: str, card_type: str, route: Route) -> None:
    assert Router(["628099", "98912123"], ["PARTNER"]).route(number, card_type) is route


WHOLE = """
addresses = ["127.0.0.1:7583", "[::1]:7583"]
card_prefixes = ["628099"]
[[terminals]]
terminal_id = "CLUB0001"
merchant_id = "CLUB"
key_file = "partner.key"
"""


def test_the_least_file(tmp_path: Path) -> None:
    path = tmp_path / "upstream.toml"
    path.write_text(WHOLE)
    found = load_upstream(path)
    assert found.in_flight_max == 64
    assert found.queue.retry_codes == {"58", "63", "68", "91", "96"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (WHOLE.replace("127.0.0.1", "partner.example"), "partner.example:7583 is no loopback address"),
        (WHOLE.replace('card_prefixes = ["628099"]', ""), "card_prefixes or card_types"),
        (WHOLE + WHOLE[WHOLE.index("[[") :], "a terminal is there twice"),
        (WHOLE + '[queue]\nretry_codes = ["00"]', "code 00 can't be done and be tried again"),
        (WHOLE + "[queue]\nremembered_max = 1024\n", ""),
        (
            "in_flight_max = 600\n" + WHOLE + "[queue]\nremembered_max = 1024\n",
            "at least twice in_flight_max",
        ),
        (WHOLE + '[correlation]\n"0200" = [11, 41]', ""),
        (WHOLE + '[correlation]\n"0210" = [11]', "correlation.0210"),
        (WHOLE + '[correlation]\n"0201" = [11]', "correlation.0201"),
        (WHOLE + "surprise = 1", "terminals.0.surprise: Extra inputs are not permitted"),
    ],
)
def test_what_a_file_may_say(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "upstream.toml"
    path.write_text(wrong)
    if not told:
        load_upstream(path)
        return
    with pytest.raises(UpstreamFault, match="upstream file") as caught:
        load_upstream(path)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(UpstreamFault, match="No such file"):
        load_upstream(tmp_path / "none.toml")
