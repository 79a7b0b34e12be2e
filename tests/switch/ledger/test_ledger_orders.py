"""Operators' orders over what hosts send, on both engines, in replay and from images."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import (
    ENTRY_VERSION,
    Effect,
    Entry,
    FileActionEntry,
    OrderEntry,
    Outcome,
    RuleTableEntry,
    pack,
)
from switch.journal.format import RawEntry
from switch.ledger.records import Status
from switch.ledger.state import State
from switch.ledger.stores import Engine
from tests.amounts import many
from tests.switch.ledger.book import HOST, START_S, Book, packed_table
from tests.switch.snapshot.images import ENGINES, each_engine, passed_on

TOKENS = [bytes([number]) * 16 for number in range(1, 4)]
TERMINALS = ["T1", "T2", "T3"]
BLANK = OrderEntry(START_S * 1000, "sara", "supervisor", "some-order", (), Outcome.DONE)


def order(effect: Effect, subject: str | bytes, number: int = 0) -> OrderEntry:
    kept = subject if isinstance(subject, bytes) else subject.encode()
    return BLANK._replace(effect=effect, subject=kept, number=number)


def file_action(name: str, record: dict[str, str], token: bytes = bytes(16), action: str = "1") -> Entry:
    return FileActionEntry(
        START_S * 1000, "HOST0001", 1, START_S, bytes(16), action, name, "00", token, tuple(record.items())
    )


def card(place: int, status: Status = Status.ACTIVE, action: str = "1") -> Entry:
    tags = {"DF29": f"{place + 30:012d}", "DF20": "000000000011", "DF24": "LOYAL", "DF21": status.value}
    return file_action("CARD", tags, TOKENS[place], action)


def terminal(place: int, status: Status = Status.ACTIVE, generation: int = 1, action: str = "1") -> Entry:
    tags = {"DF28": TERMINALS[place], "DF22": "SHOP1", "DF25": f"{generation:04d}", "DF21": status.value}
    return file_action("TERMINAL", tags, action=action)


def book_of(engine: Engine) -> Book:
    book = Book()
    book.state, book.journal = State(HOST, engine), []
    book.take(RuleTableEntry(START_S * 1000, 1, packed_table()))
    return book


def status_of(book: Book, terminal_id: str) -> Status:
    return book.state.terminals[terminal_id].status


def replayed(journal: list[RawEntry], engine: Engine) -> State:
    state = State(HOST, engine)
    for raw in journal:
        state.replay(raw)
    return state


@each_engine
def test_a_closed_terminal_stays_closed_whatever_the_host_sends(engine: Engine) -> None:
    book = book_of(engine)
    book.take(terminal(0))
    changes = book.state.terminal_changes
    book.take(order(Effect.CLOSE_TERMINAL, "T1"))
    assert status_of(book, "T1") == Status.BLOCKED
    assert book.state.terminal_changes > changes
    book.take(terminal(0, Status.ACTIVE, generation=4))
    assert book.state.terminals["T1"][3:6:2] == (4, Status.BLOCKED)
    book.take(order(Effect.OPEN_TERMINAL, "T1"))
    assert status_of(book, "T1") == Status.ACTIVE


@each_engine
def test_opening_is_no_way_round_the_host(engine: Engine) -> None:
    book = book_of(engine)
    book.take(terminal(0, Status.BLOCKED))
    book.take(order(Effect.CLOSE_TERMINAL, "T1"))
    book.take(order(Effect.OPEN_TERMINAL, "T1"))
    assert book.state.terminals["T1"].status == Status.BLOCKED
    book.take(card(0))
    book.take(order(Effect.BLOCK_CARD, TOKENS[0]))
    book.take(card(0, Status.BLOCKED))
    book.take(order(Effect.UNBLOCK_CARD, TOKENS[0]))
    assert book.state.cards[TOKENS[0]].status == Status.BLOCKED


@each_engine
def test_a_key_never_goes_back(engine: Engine) -> None:
    book = book_of(engine)
    book.take(terminal(0))
    book.take(order(Effect.RAISE_KEY_GENERATION, "T1", 3))
    for wanted, held in ((2, 3), (3, 3), (7, 7), (1, 3)):
        book.take(terminal(0, generation=wanted))
        assert book.state.terminals["T1"].key_generation == held


@each_engine
def test_a_card_may_be_blocked_before_its_record_comes(engine: Engine) -> None:
    book = book_of(engine)
    book.take(order(Effect.BLOCK_CARD, TOKENS[1]))
    book.take(card(1))
    assert book.state.cards[TOKENS[1]].status == Status.BLOCKED
    assert book.state.cards_of_member[11] == 1
    book.take(order(Effect.UNBLOCK_CARD, TOKENS[1]))
    assert book.state.cards[TOKENS[1]].status == Status.ACTIVE
    assert book.state.cards_of_member[11] == 1


@each_engine
def test_a_table_that_was_gone_back_to_stays(engine: Engine) -> None:
    book = book_of(engine)
    assert not book.state.tables.newest.is_published
    book.take(order(Effect.KEEP_TABLE, b""))
    assert book.state.tables.newest.is_published


def test_an_order_without_effect_changes_the_position_alone() -> None:
    book = book_of(Engine.PYTHON)
    before = book.state.digest()
    book.take(BLANK)
    book.state.position -= 1
    assert book.state.digest() == before


def test_an_order_about_nothing_stops_the_replay() -> None:
    for effect in (Effect.CLOSE_TERMINAL, Effect.OPEN_TERMINAL, Effect.UNBLOCK_CARD):
        kind, body = pack(order(effect, "T9"))
        with pytest.raises(KeyError):
            State(HOST, Engine.PYTHON).replay(RawEntry(1, kind, ENTRY_VERSION, body))


_places = st.integers(0, 2)
_statuses = st.sampled_from([Status.ACTIVE, Status.BLOCKED])
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("card"), _places, _statuses),
        st.tuples(st.just("terminal"), _places, _statuses),
        st.tuples(st.sampled_from(["delete", "remove", "close", "open", "block", "unblock"]), _places),
    ),
    max_size=40,
)


@settings(max_examples=many(60), deadline=None)
@given(_steps, st.sampled_from(ENGINES))
def test_what_holds_is_what_the_host_wants_under_the_orders(
    steps: list[tuple[str, int] | tuple[str, int, Status]], engine: Engine
) -> None:
    book = book_of(engine)
    cards: dict[int, Status] = {}
    terminals: dict[int, Status] = {}
    blocked: set[int] = set()
    closed: set[int] = set()
    for step in steps:
        what, place = step[0], step[1]
        if len(step) == 3:
            status = step[2]
            (cards if what == "card" else terminals)[place] = status
            book.take(card(place, status) if what == "card" else terminal(place, status))
        elif what == "delete" and place in cards:
            del cards[place]
            book.take(card(place, action="3"))
        elif what == "remove" and place in terminals:
            del terminals[place]
            book.take(terminal(place, action="3"))
        elif what == "close" and place in terminals:
            closed.add(place)
            book.take(order(Effect.CLOSE_TERMINAL, TERMINALS[place]))
        elif what == "open" and place in closed:
            closed.remove(place)
            book.take(order(Effect.OPEN_TERMINAL, TERMINALS[place]))
        elif what == "block":
            blocked.add(place)
            book.take(order(Effect.BLOCK_CARD, TOKENS[place]))
        elif what == "unblock" and place in blocked:
            blocked.remove(place)
            book.take(order(Effect.UNBLOCK_CARD, TOKENS[place]))
        state = book.state
        assert {token: held.status for token, held in state.cards.items()} == {
            TOKENS[each]: Status.BLOCKED if each in blocked else status for each, status in cards.items()
        }
        assert {name: held.status for name, held in state.terminals.items()} == {
            TERMINALS[each]: Status.BLOCKED if each in closed else status
            for each, status in terminals.items()
        }
    for other in ENGINES:
        assert replayed(book.journal, other).digest() == book.state.digest()
    passed_on(book.state)
