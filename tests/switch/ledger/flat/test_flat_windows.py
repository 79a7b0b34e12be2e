"""Windows of remembered requests, plain and flat: every history reads the same on both."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.ledger.requests import REMEMBERED_REQUESTS, request_key
from tests.amounts import many
from tests.switch.ledger.flat.implementations import PLAIN, Stores, Window, each_implementation

FIRST_S = 1_782_907_200
# Requests that stand in a full window before anything else comes, two seconds apart.
FULL = [request_key(FIRST_S + 2 * number, number) for number in range(REMEMBERED_REQUESTS)]
# Before them, between the oldest, between the newest, and after them.
NEAR = [
    *[FULL[0] - 2, FULL[0] - 1],
    *[key + offset for key in (*FULL[:6], *FULL[-3:]) for offset in (0, 1)],
    *[request_key(FIRST_S + 2 * REMEMBERED_REQUESTS + number, number) for number in range(6)],
]

Step = Callable[[Window], None]


def _remember(key: int, position: int, is_counted: bool) -> Step:
    return lambda window: window.remember(key, position, is_counted=is_counted)


def _undo(key: int, position: int) -> Step:
    return lambda window: window.undo(key, position)


keys = st.sampled_from(NEAR)
positions = st.integers(1, (1 << 63) - 1)
steps = st.one_of(st.builds(_remember, keys, positions, st.booleans()), st.builds(_undo, keys, positions))


def assert_same(one: Window, other: Window) -> None:
    assert one.floor == other.floor
    for key in NEAR:
        assert one.find(key) == other.find(key)
        assert one.is_counted(key) == other.is_counted(key)
        assert one.undone_by(key) == other.undone_by(key)
        assert one.is_forgotten(key) == other.is_forgotten(key)
    assert one.digest() == other.digest()


@each_implementation
@given(history=st.lists(steps, max_size=30))
@settings(max_examples=many(150), deadline=None)
def test_any_history_reads_the_same(stores: Stores, history: list[Step]) -> None:
    mine, plain = stores.window(), PLAIN.window()
    assert_same(mine, plain)
    for step in history:
        step(mine)
        step(plain)
        assert_same(mine, plain)


@each_implementation
@pytest.mark.parametrize("undone_every", [0, 1, 5])
@given(history=st.lists(steps, min_size=1, max_size=12))
@settings(max_examples=many(15), deadline=None)
def test_any_history_of_a_full_window_reads_the_same(
    stores: Stores, undone_every: int, history: list[Step]
) -> None:
    mine, plain = stores.window(), PLAIN.window()
    for window in (mine, plain):
        for position, key in enumerate(FULL, start=1):
            window.remember(key, position, is_counted=position % 2 == 0)
            if undone_every and position % undone_every == 0:
                window.undo(key, position)
    for step in history:
        step(mine)
        step(plain)
        assert_same(mine, plain)


@each_implementation
def test_what_is_remembered_longer_than_the_window(stores: Stores) -> None:
    mine, plain = stores.window(), PLAIN.window()
    for position in range(1, 4 * REMEMBERED_REQUESTS):
        # Most come in turn, some late, and some only with their reversal.
        key = request_key(FIRST_S + position - (900 if position % 10 == 0 else 0), 1)
        for window in (mine, plain):
            if position % 7 == 0:
                window.undo(key, position)
            else:
                window.remember(key, position)
            if position % 5 == 0:
                window.undo(key - 400_000_000, position)
        if position % 997 == 0:
            assert (mine.floor, mine.digest()) == (plain.floor, plain.digest())
    assert mine.floor > request_key(FIRST_S + 2 * REMEMBERED_REQUESTS, 1)
    for position in range(1, 4 * REMEMBERED_REQUESTS):
        key = request_key(FIRST_S + position, 1)
        assert (mine.find(key), mine.undone_by(key)) == (plain.find(key), plain.undone_by(key))


@each_implementation
def test_a_request_before_and_after_its_reversal(stores: Stores) -> None:
    window = stores.window()
    assert (window.find(8), window.undone_by(8), window.is_forgotten(8), window.floor) == (
        None,
        None,
        False,
        0,
    )
    window.remember(8, 100, is_counted=True)
    window.undo(8, 101)
    window.undo(8, 102)
    assert (window.find(8), window.undone_by(8), window.is_counted(8)) == (100, 101, True)
    window.undo(9, 103)
    assert (window.find(9), window.undone_by(9), window.is_counted(9)) == (None, 103, False)
    window.remember(9, 104)
    assert (window.find(9), window.undone_by(9), window.is_counted(9)) == (104, 103, False)
