"""What the switch knows of a link, without a socket."""

import pytest

from protocol.security.session_keys import SessionKeys
from switch.gate.link import FORMAT_FAULTS_PER_LINK_MAX, TERMINALS_PER_LINK_MAX, LinkState
from switch.gate.states import LinkPhase
from switch.ledger.records import Role, Status, TerminalRecord


def test_life_of_a_link() -> None:
    link = LinkState(0.0)
    assert not link.serves("T1")
    link.sign_on("T1")
    link.sign_on("T2")
    assert (link.phase, link.serves("T1"), link.serves("T3")) == (LinkPhase.SIGNED_ON, True, False)
    link.sign_off("T1", 1.0)
    assert (link.phase, link.serves("T1")) == (LinkPhase.SIGNED_ON, False)
    link.sign_off("T2", 2.0)
    link.sign_off("T2", 3.0)
    assert (link.phase, link.unsigned_since_s) == (LinkPhase.CONNECTED, 2.0)
    link.drain()
    link.sign_on("T1")
    phases = [link.phase]
    link.close()
    phases.append(link.phase)
    assert phases == [LinkPhase.DRAINING, LinkPhase.CLOSED]


def test_the_end_of_a_link_signs_everybody_off() -> None:
    link = LinkState(0.0)
    for number in range(3):
        link.sign_on(f"T{number}")
        record = TerminalRecord(f"T{number}", "M1", 1, 1, Role.TERMINAL, Status.ACTIVE)
        link.sessions.begin(record, SessionKeys(bytes(16), record.terminal_id))
    link.sign_off("T1", 1.0)
    assert [f"T{number}" in link.sessions for number in range(3)] == [True, False, True]
    link.close()
    assert not any(link.serves(f"T{number}") or f"T{number}" in link.sessions for number in range(3))


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


def test_a_link_speaks_only_for_whom_it_may() -> None:
    link = LinkState(0.0, frozenset({"T1", "T2"}), terminals_max=1)
    assert (link.permits("T3"), link.sign_on("T3")) == (False, False)
    assert link.sign_on("T1")
    assert (link.permits("T2"), link.sign_on("T2")) == (True, False)
