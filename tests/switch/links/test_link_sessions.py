"""Session keys of a link without a socket: who is verified by which key, and that no session comes twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.message import Message
from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.key_exchange import read_response, request_tags
from protocol.security.mac import Mac
from protocol.security.session_keys import SESSION_COUNTER_MAXIMUM, KeyOffer, derive_session_key
from switch.gate.session import ROLL_OVER_MS, KeyChanges, LinkSessions
from switch.ledger.records import Role, Status, TerminalRecord

TERMINAL = TerminalRecord("T0000001", "M1", 1, 1, Role.TERMINAL, Status.ACTIVE)
SECOND_GENERATION = TERMINAL._replace(key_generation=2)
EPOCH_MS = 1_795_291_200_000
SALE = Message("0200", {})


def key_of(terminal: TerminalRecord) -> bytes:
    return bytes([terminal.key_generation]) * 16


OWN = Mac(key_of(TERMINAL))


def of_session(counter: int, generation: int = 1) -> Mac:
    key = bytes([generation]) * 16
    return Mac(derive_session_key(key, TERMINAL.terminal_id, counter) if counter else key)


def sealed(mac: Mac) -> bytes:
    return b"content" + mac.sign(b"content")


def ask(
    changes: KeyChanges,
    sessions: LinkSessions,
    counter: int,
    *,
    epoch_ms: int = EPOCH_MS,
    now_ms: int = 0,
    terminal: TerminalRecord = TERMINAL,
) -> KeyOffer:
    return read_response(changes.answer(sessions, terminal, request_tags(counter), epoch_ms, now_ms))


def verifies(sessions: LinkSessions, mac: Mac, message: Message = SALE, now_ms: int = 0) -> bool:
    found = sessions.verify(TERMINAL, OWN, message, sealed(mac), now_ms)
    if found is not None:
        assert sealed(found) == sealed(mac), "an answer is sealed as its request was"
    return found is not None


def test_two_keys_live_until_the_new_one_is_used() -> None:
    changes, sessions = KeyChanges(key_of), LinkSessions()
    assert TERMINAL.terminal_id not in sessions
    offer = ask(changes, sessions, 0)
    assert TERMINAL.terminal_id in sessions
    new = of_session(offer.counter)
    assert verifies(sessions, OWN)
    assert sealed(sessions.sending_mac(TERMINAL, OWN, 1)) == sealed(OWN)
    assert verifies(sessions, new)
    assert not verifies(sessions, OWN)
    assert sealed(sessions.sending_mac(TERMINAL, OWN, 1)) == sealed(new)


def test_the_old_key_ends_with_its_time() -> None:
    sessions = LinkSessions()
    offer = ask(KeyChanges(key_of), sessions, 0)
    assert verifies(sessions, OWN, now_ms=ROLL_OVER_MS - 1)
    assert not verifies(sessions, OWN, now_ms=ROLL_OVER_MS)
    assert verifies(sessions, of_session(offer.counter), now_ms=ROLL_OVER_MS)


@pytest.mark.parametrize(
    ("mti", "network_code", "opens"),
    [
        ("0800", "001", True),
        ("0801", "101", True),
        ("0800", "101", True),
        ("0800", "002", False),
        ("0800", "301", False),
        ("0200", "001", False),
    ],
)
def test_the_own_key_restores_a_session_and_nothing_else(mti: str, network_code: str, opens: bool) -> None:
    sessions = LinkSessions()
    offer = ask(KeyChanges(key_of), sessions, 0)
    assert verifies(sessions, of_session(offer.counter))
    assert verifies(sessions, OWN, Message(mti, {70: network_code})) is opens


def test_a_lost_answer_is_asked_for_again() -> None:
    changes, sessions = KeyChanges(key_of), LinkSessions()
    first = ask(changes, sessions, 0)
    assert ask(changes, sessions, 0, epoch_ms=EPOCH_MS + 5000, now_ms=5000) == first
    assert verifies(sessions, of_session(first.counter))
    assert ask(changes, sessions, first.counter).counter > first.counter


def test_another_generation_ends_the_session() -> None:
    changes, sessions = KeyChanges(key_of), LinkSessions()
    ask(changes, sessions, 0)
    own = Mac(key_of(SECOND_GENERATION))
    assert sessions.verify(SECOND_GENERATION, own, SALE, sealed(own), 0) is own
    assert TERMINAL.terminal_id not in sessions
    offer = ask(changes, sessions, 0, terminal=SECOND_GENERATION)
    found = sessions.verify(SECOND_GENERATION, own, SALE, sealed(of_session(offer.counter, 2)), 0)
    assert found is not None


def test_exhausted_counters_want_a_new_generation() -> None:
    changes, sessions = KeyChanges(key_of), LinkSessions()
    last = ask(changes, sessions, SESSION_COUNTER_MAXIMUM - 1)
    assert last.counter == SESSION_COUNTER_MAXIMUM
    with pytest.raises(SecurityFault) as refusal:
        ask(changes, LinkSessions(), SESSION_COUNTER_MAXIMUM)
    assert refusal.value.code is SecurityFaultCode.KEYS_EXHAUSTED
    assert ask(changes, sessions, 0, terminal=SECOND_GENERATION).counter < SESSION_COUNTER_MAXIMUM


def test_a_clock_far_ahead_leaves_counters() -> None:
    offer = ask(KeyChanges(key_of), LinkSessions(), 0, epoch_ms=(1 << 40) * 1000)
    assert SESSION_COUNTER_MAXIMUM - offer.counter > 1 << 27


def test_nonsense_is_refused() -> None:
    sessions = LinkSessions()
    with pytest.raises(SecurityFault) as refusal:
        KeyChanges(key_of).answer(sessions, TERMINAL, {}, EPOCH_MS, 0)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY_EXCHANGE
    assert TERMINAL.terminal_id not in sessions


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["ask", "use", "drop", "restart", "replay"])),
        max_size=40,
    )
)
def test_no_session_is_offered_twice(steps: list[tuple[int, str]]) -> None:
    """Links come and go, requests are replayed and the process forgets all: a counter that was offered, and
    isn't just the answer to the same question, never comes again, and a session never verifies another's."""
    changes = KeyChanges(key_of)
    links = [LinkSessions() for _ in range(3)]
    open_offers: list[KeyOffer | None] = [None] * 3
    known, offered = 0, set[int]()
    for step, (number, action) in enumerate(steps):
        now_ms = step * 10_000
        if action in ("ask", "replay"):
            asked_from = known if action == "ask" else 0
            offer = ask(changes, links[number], asked_from, epoch_ms=EPOCH_MS + now_ms, now_ms=now_ms)
            assert offer == open_offers[number] or offer.counter not in offered
            open_offers[number] = offer
            offered.add(offer.counter)
        elif action == "use" and (offer_used := open_offers[number]) is not None:
            assert verifies(links[number], of_session(offer_used.counter), now_ms=now_ms)
            known = max(known, offer_used.counter)
            open_offers[number] = None
        elif action == "drop":
            links[number].end_all()
            open_offers[number] = None
        elif action == "restart":
            changes = KeyChanges(key_of)
            links = [LinkSessions() for _ in range(3)]
            open_offers = [None] * 3
