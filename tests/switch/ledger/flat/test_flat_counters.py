"""Counters, plain and flat: every history reads the same on both."""

from collections.abc import Callable
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from switch.rules.outcome import NEVER_DROPPED, CounterKey, CounterMove
from tests.amounts import many
from tests.switch.ledger.flat.implementations import PLAIN, Counters, Stores, each_implementation

NAMES = ("", "R-2/0", "R-10/0", "بودجه")
SUBJECTS = (0, 1, (1 << 64) - 1)
WINDOWS = (0, -1, 20_600, (1 << 63) - 1)
DROP_DAYS = (0, 1, 5, 6, NEVER_DROPPED)
KEYS = [CounterKey(*parts) for parts in product(NAMES, SUBJECTS, WINDOWS, DROP_DAYS)]
UNKNOWN = CounterKey("a name that nothing ever counted", 1, 0, 5)

Step = Callable[[Counters], None]


def move(key: CounterKey, delta: int) -> CounterMove:
    return CounterMove(key, delta, True, False)


def _apply(moves: list[CounterMove]) -> Step:
    return lambda counters: counters.apply(moves)


def _advance(day: int) -> Step:
    return lambda counters: counters.advance(day)


moves = st.builds(move, st.sampled_from(KEYS), st.one_of(st.integers(-2, 2), st.integers(-(10**15), 10**15)))
steps = st.one_of(
    st.lists(moves, min_size=1, max_size=12).map(_apply),
    st.integers(-1, 7).map(_advance),
)


def assert_same(one: Counters, other: Counters) -> None:
    assert one.day == other.day
    assert len(one) == len(other)
    assert list(one.items()) == list(other.items())
    for key in (*KEYS, UNKNOWN):
        assert one.value(key) == other.value(key)
    assert one.digest() == other.digest()


@each_implementation
@given(history=st.lists(steps, max_size=20))
@settings(max_examples=many(150), deadline=None)
def test_any_history_reads_the_same(stores: Stores, history: list[Step]) -> None:
    mine, plain = stores.counters(), PLAIN.counters()
    assert_same(mine, plain)
    for step in history:
        step(mine)
        step(plain)
        assert_same(mine, plain)


@each_implementation
def test_zeros_are_not_kept(stores: Stores) -> None:
    counters = stores.counters()
    empty = counters.digest()
    for delta in (5, -5):
        counters.apply([move(key, delta) for key in KEYS if key.drop_day])
    assert (len(counters), list(counters.items()), counters.digest()) == (0, [], empty)
    counters.apply([move(KEYS[-1], 2)])
    assert list(counters.items()) == [(KEYS[-1], 2)]


@each_implementation
def test_a_day_drops_what_cannot_matter_from_then_on(stores: Stores) -> None:
    counters = stores.counters()
    keys = [CounterKey("R-1/0", 7, 20, day) for day in (4, 5, 6, NEVER_DROPPED)]
    counters.apply([move(key, 3) for key in keys])
    counters.advance(5)
    assert [counters.value(key) for key in keys] == [0, 0, 3, 3]
    # Too old to be counted again, and a clock that is set back brings nothing back.
    counters.advance(3)
    counters.apply([move(key, 1) for key in keys])
    assert ([counters.value(key) for key in keys], counters.day) == ([0, 0, 4, 4], 5)


@each_implementation
def test_many_counters_that_come_and_go(stores: Stores) -> None:
    mine, plain = stores.counters(), PLAIN.counters()
    for turn in range(6):
        keys = [
            CounterKey(f"R-{number % 7}", number * (turn + 1), number % 3, 100 + number % 2)
            for number in range(4_000)
        ]
        for counters in (mine, plain):
            counters.apply([move(key, 1 + turn) for key in keys])
            counters.apply([move(key, -1 - turn) for key in keys[: 500 * turn]])
            counters.apply([move(key, -1 - turn) for key in keys if key.subject % 3])
        assert len(mine) == len(plain) > 0
        assert mine.digest() == plain.digest()


@each_implementation
def test_a_counter_is_exact_or_refused(stores: Stores) -> None:
    counters = stores.counters()
    widest = (1 << 63) - 1
    counters.apply([move(KEYS[-1], widest)])
    try:
        counters.apply([move(KEYS[-1], widest)])
    except OverflowError:
        assert counters.value(KEYS[-1]) == widest
    else:
        assert counters.value(KEYS[-1]) == 2 * widest
