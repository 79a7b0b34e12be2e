"""The link's state table, without a socket."""

import pytest

from switch.gate.link import (
    FORMAT_FAULTS_PER_LINK_MAX,
    TERMINALS_PER_LINK_MAX,
    TRANSITIONS,
    LinkEvent,
    LinkState,
    Phase,
)


def test_every_phase_can_be_drained_and_closed() -> None:
    for phase in Phase:
        closed = Phase.CLOSED if phase is Phase.CLOSED else Phase.DRAINING
        assert TRANSITIONS[phase, LinkEvent.DRAIN] is closed
        assert TRANSITIONS[phase, LinkEvent.CLOSE] is Phase.CLOSED


def test_life_of_a_link() -> None:
    link = LinkState(0.0)
    assert not link.serves("T1")
    link.sign_on("T1")
    link.sign_on("T2")
    assert (link.phase, link.serves("T1"), link.serves("T3")) == (Phase.SIGNED_ON, True, False)
    link.sign_off("T1", 1.0)
    assert (link.phase, link.serves("T1")) == (Phase.SIGNED_ON, False)
    link.sign_off("T2", 2.0)
    link.sign_off("T2", 3.0)
    assert (link.phase, link.unsigned_since_s) == (Phase.CONNECTED, 2.0)
    link.drain()
    link.sign_on("T1")
    phases = [link.phase]
    link.close()
    phases.append(link.phase)
    assert phases == [Phase.DRAINING, Phase.CLOSED]


@pytest.mark.parametrize(
    ("signed_on", "heard_s", "now_s", "expired"),
    [
        (False, 0.0, 9.9, False),
        (False, 9.0, 10.0, True),
        (True, 0.0, 10.0, False),
        (True, 0.0, 99.9, False),
        (True, 0.0, 100.0, True),
        (True, 50.0, 100.0, False),
    ],
)
def test_silent_links_expire(signed_on: bool, heard_s: float, now_s: float, expired: bool) -> None:
    link = LinkState(0.0)
    if signed_on:
        link.sign_on("T1")
    link.heard_s = heard_s
    assert link.has_expired(now_s, idle_timeout_s=100.0, sign_on_timeout_s=10.0) is expired


def test_bounds() -> None:
    link = LinkState(0.0)
    assert all(link.sign_on(f"{number}") for number in range(TERMINALS_PER_LINK_MAX))
    assert not link.sign_on("one more")
    assert link.sign_on("0")
    assert [link.fault() for _ in range(FORMAT_FAULTS_PER_LINK_MAX)] == [False] * 7 + [True]
