"""Windows of numbers: to within one of their parts they are what a list of everything would say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from switch.console.alarms.rules import Take
from switch.console.alarms.window import PARTS_MAX, Window
from tests.amounts import many

SPANS = st.sampled_from([1, 7, 60, 61, 300, 600, 21_600])
STEPS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 10_000)), min_size=1, max_size=60)


@settings(deadline=None, max_examples=many(300))
@given(SPANS, STEPS)
def test_a_window_holds_its_seconds_and_nothing_older(span_s: int, steps: list[tuple[int, int]]) -> None:
    window, everything, at_s = Window(span_s), [], 1_000_000
    part_s = -(-span_s // PARTS_MAX)
    for step_s, value in steps:
        at_s += step_s
        window.put(at_s, value)
        everything.append((at_s, value))
    inside = [value for second, value in everything if second > at_s - span_s + part_s - 1]
    perhaps = [value for second, value in everything if second > at_s - span_s - part_s]
    total, most = window.take(Take.SUM, 0), window.take(Take.MAX, 1)
    assert total is not None and most is not None
    assert sum(inside) <= total <= sum(perhaps)
    assert max(inside, default=0) <= most <= max(perhaps)
    mean = window.take(Take.MEAN, 1)
    assert mean is not None and min(perhaps) <= mean <= max(perhaps)
    window.forget(at_s + span_s + part_s)
    assert window.is_empty and window.take(Take.MEAN, 0) is None and window.take(Take.SUM, 0) == 0


def test_too_few_numbers_say_nothing() -> None:
    window = Window(60)
    for second in range(9):
        window.put(second, 5)
    assert window.take(Take.MEAN, 10) is None
    window.put(9, 5)
    assert window.take(Take.MEAN, 10) == 5
    assert window.take(Take.SUM, 51) is None and window.take(Take.SUM, 50) == 50


def test_what_falls_runs_out_and_what_rises_does_not() -> None:
    falling, rising = Window(3600), Window(3600)
    for second in range(0, 3600, 10):
        falling.put(second, 1_000_000 - 100 * second)
        rising.put(second, 1_000_000 + second)
    left_s = falling.take(Take.RUNS_OUT_S, 100)
    assert left_s == (1_000_000 - 100 * 3590) // 100
    assert rising.take(Take.RUNS_OUT_S, 100) is None
