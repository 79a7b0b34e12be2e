"""The tables of states: every pair of phase and event is looked at, those that can't happen too."""

from enum import Enum

import pytest

from switch.gate.states import (
    DIAL_TRANSITIONS,
    LINK_TRANSITIONS,
    MESSAGE_TRANSITIONS,
    OWN_TRANSITIONS,
    DialEvent,
    DialPhase,
    LinkEvent,
    LinkPhase,
    MessageEvent,
    MessagePhase,
    OwnEvent,
    OwnPhase,
)
from switch.gate.tally import MessageTally

# One row for a phase: what each event, in the order of its enum, leads to; "-" for what can't happen.
LINKS = """
               SIGN_ON    LAST_SIGN_OFF  DRAIN     CLOSE
    CONNECTED  SIGNED_ON  -              DRAINING  CLOSED
    SIGNED_ON  SIGNED_ON  CONNECTED      DRAINING  CLOSED
    DRAINING   DRAINING   DRAINING       DRAINING  CLOSED
    CLOSED     -          -              CLOSED    CLOSED
"""
DIALS = """
                DIAL        FAIL     ESTABLISH  LOSE     STOP
    RESTING     CONNECTING  -        -          -        STOPPED
    CONNECTING  -           RESTING  UP         -        STOPPED
    UP          -           -        -          RESTING  STOPPED
    STOPPED     -           -        -          -        STOPPED
"""
MESSAGES = """
              ARRIVE   DECIDE   REPLY     REFUSE   IGNORE   GIVE_UP  LOSE_LINK
    ABSENT    WAITING  -        -         -        -        -        -
    WAITING   -        DECIDED  -         REFUSED  IGNORED  -        LOST
    DECIDED   -        -        ANSWERED  -        -        IGNORED  LOST
    ANSWERED  -        -        -         -        -        -        -
    REFUSED   -        -        -         -        -        -        -
    IGNORED   -        -        -         -        -        -        -
    LOST      -        -        -         -        -        -        -
"""
OWN_REQUESTS = """
               SEND  ANSWER    TIME_OUT
    PREPARED   SENT  -         -
    SENT       -     ANSWERED  TIMED_OUT
    ANSWERED   -     -         -
    TIMED_OUT  -     LATE      -
    LATE       -     -         -
"""
CASES = [
    pytest.param(LINKS, LinkPhase, LinkEvent, LINK_TRANSITIONS, id="links"),
    pytest.param(DIALS, DialPhase, DialEvent, DIAL_TRANSITIONS, id="dials"),
    pytest.param(MESSAGES, MessagePhase, MessageEvent, MESSAGE_TRANSITIONS, id="messages"),
    pytest.param(OWN_REQUESTS, OwnPhase, OwnEvent, OWN_TRANSITIONS, id="own requests"),
]


@pytest.mark.parametrize(("told", "phases", "events", "table"), CASES)
def test_every_phase_and_event(
    told: str, phases: type[Enum], events: type[Enum], table: dict[tuple[Enum, Enum], Enum]
) -> None:
    head, *rows = (line.split() for line in told.strip().splitlines())
    assert head == [event.name for event in events]
    assert [row[0] for row in rows] == [phase.name for phase in phases]
    for phase, row in zip(phases, rows, strict=True):
        for event, target in zip(events, row[1:], strict=True):
            found = table.get((phase, event))
            assert ("-" if found is None else found.name) == target, (phase, event)


@pytest.mark.parametrize(("told", "phases", "events", "table"), CASES)
def test_every_phase_is_reached_from_the_first(
    told: str, phases: type[Enum], events: type[Enum], table: dict[tuple[Enum, Enum], Enum]
) -> None:
    reached = {next(iter(phases))}
    while more := {target for (origin, _), target in table.items() if origin in reached} - reached:
        reached |= more
    assert reached == set(phases)


def test_a_message_ends_once() -> None:
    """Whatever happens, in whatever order, a message has one end, and the tally counts it there."""
    ends = {MessagePhase.ANSWERED, MessagePhase.REFUSED, MessagePhase.IGNORED, MessagePhase.LOST}
    assert {origin for origin, _ in MESSAGE_TRANSITIONS}.isdisjoint(ends)
    tally = MessageTally()
    tally.arrive(10)
    tally.serve(decided=5, ignored=1)
    tally.refuse(1)
    tally.reply(3)
    assert (tally.received, tally.decided, tally.counts[MessagePhase.WAITING]) == (10, 2, 3)
    tally.lose_link()
    assert sum(tally.counts[end] for end in ends) == tally.received == 10
    assert tally.counts[MessagePhase.LOST] == 5
    total = MessageTally()
    total.add(tally)
    total.add(tally)
    assert total.received == 20
    assert sum(total.counts) == 0
