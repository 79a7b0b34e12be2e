"""The engine: raised while the condition holds, cleared after, and never faster than the hysteresis."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.console.alarms.engine import OTHERS, SUBJECTS_MAX, Engine
from switch.console.alarms.rules import Rule
from switch.console.alarms.signals import Signal
from tests.amounts import many
from tests.switch.console.alarms.rule_texts import rule

MS_PER_S = 1000
Numbers = dict[str, int]
Story = list[tuple[int, str, bool]]


def story(under: Rule, seconds: Iterable[tuple[int, dict[Signal, Numbers]]]) -> Story:
    """What an engine says: second, subject, raised or cleared."""
    engine = Engine([under])
    return [
        (second, change.subject, change.is_raised)
        for second, sample in seconds
        for change in engine.look(sample, second * MS_PER_S)
    ]


def counted(signal: Signal, numbers: Iterable[Numbers]) -> list[tuple[int, dict[Signal, Numbers]]]:
    return [(second, {signal: each}) for second, each in enumerate(numbers)]


def test_a_level_is_raised_after_its_time_and_cleared_after_its_time() -> None:
    under = rule(signal="dialled_down", raise_after_s=3, clear_after_s=2)
    values = [0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0]
    found = story(under, counted(Signal.DIALLED_DOWN, [{"north": value} for value in values]))
    assert found == [(7, "north", True), (13, "north", False)]


def test_subjects_are_alone_or_together() -> None:
    seconds = counted(Signal.DECLINES, [{"51": 2, "14": 2}] * 3)
    apart = rule(signal="declines", take="sum", window_s=60, above=5)
    assert story(apart, seconds) == [(2, "51", True), (2, "14", True)]
    together = rule(signal="declines", take="sum", window_s=60, above=5, apart=False)
    assert story(together, seconds) == [(1, "", True)]
    only = rule(signal="declines", take="sum", window_s=60, above=5, only=["14"])
    assert story(only, seconds) == [(2, "14", True)]
    never = rule(signal="declines", take="sum", window_s=60, above=5, never=["14"])
    assert story(never, seconds) == [(2, "51", True)]


def test_a_share_wants_enough_and_counts_everything() -> None:
    under = rule(
        signal="declines", take="per_mille", of="answers", window_s=60, above=300, least=100, clear_after_s=1
    )

    def second(at: int, declined: int, answered: int) -> tuple[int, dict[Signal, Numbers]]:
        return at, {
            Signal.DECLINES: {"51": declined},
            Signal.ANSWERS: {"00": answered - declined, "51": declined},
        }

    # 9 of 10 is too little to go by; 50 of 110 is enough; it fades as approvals come, before it is forgotten.
    scene = [second(0, 9, 10), second(1, 41, 100), second(2, 0, 40), second(3, 0, 20), second(4, 0, 0)]
    assert story(under, scene) == [(1, "51", True), (4, "51", False)]
    late = [second(at, 0, 100) for at in range(50)] + [second(50, 90, 100)]
    assert story(under, late) == []


def test_what_nothing_is_known_of_holds_no_condition() -> None:
    under = rule(signal="link_silence_s", above=10, clear_after_s=2)
    found = story(under, counted(Signal.LINK_SILENCE_S, [{"a": 50}, {}, {}, {}]))
    assert found == [(0, "a", True), (3, "a", False)]


def test_too_many_subjects_share_one() -> None:
    under = rule(signal="terminal_silence_s", above=100, clear_after_s=1)
    silent = {f"T{number:07d}": 500 for number in range(SUBJECTS_MAX + 40)}
    engine = Engine([under])
    raised = [change.subject for change in engine.look({Signal.TERMINAL_SILENCE_S: silent}, 0)]
    assert len(raised) == SUBJECTS_MAX + 1 and OTHERS in raised
    assert engine.value("tested", OTHERS) == 500
    cleared = [
        change.subject
        for at_s in (1, 2)
        for change in engine.look({Signal.TERMINAL_SILENCE_S: {}}, at_s * MS_PER_S)
    ]
    assert sorted(cleared) == sorted(raised)


def test_one_that_was_raised_before_a_restart_clears_or_stays() -> None:
    under = rule(signal="dialled_down", raise_after_s=60, clear_after_s=3)
    engine = Engine([under])
    assert engine.restore("tested", "north", 0) and engine.restore("tested", "south", 0)
    assert not engine.restore("gone", "north", 0)
    changes = [
        (second, change.subject, change.is_raised)
        for second in range(10)
        for change in engine.look({Signal.DIALLED_DOWN: {"north": 1, "south": 0}}, second * MS_PER_S)
    ]
    assert changes == [(3, "south", False)]


@pytest.mark.parametrize("part", ["raise_after_s", "clear_after_s"])
def test_a_pause_of_the_clock_is_time_that_passed(part: str) -> None:
    under = rule(signal="not_ready", **{"raise_after_s": 0, "clear_after_s": 1, part: 100})
    seconds = [(0, 1), (500, 1), (501, 0), (502, 0), (1000, 0)]
    found = story(under, [(at, {Signal.NOT_READY: {"": value}}) for at, value in seconds])
    assert [is_raised for _, _, is_raised in found] == [True, False]
    assert found[0][0] == (500 if part == "raise_after_s" else 0)
    assert found[1][0] == (502 if part == "raise_after_s" else 1000)


@settings(deadline=None, max_examples=many(400))
@given(
    raise_after_s=st.integers(0, 6),
    clear_after_s=st.integers(1, 6),
    holds=st.lists(st.booleans(), max_size=60),
)
def test_the_hysteresis_is_what_a_plain_reading_of_it_says(
    raise_after_s: int, clear_after_s: int, holds: list[bool]
) -> None:
    under = rule(signal="dialled_down", raise_after_s=raise_after_s, clear_after_s=clear_after_s)
    found = story(under, counted(Signal.DIALLED_DOWN, [{"north": int(each)} for each in holds]))
    changes = {second: is_raised for second, _, is_raised in found}
    is_raised, last = False, None
    for second in range(len(holds)):
        before = is_raised
        is_raised = changes.get(second, is_raised)
        assert second not in changes or is_raised is not before
        # Everything is raised while the condition holds, and cleared after it.
        if second >= raise_after_s and all(holds[second - raise_after_s : second + 1]):
            assert is_raised
        if second >= clear_after_s and not any(holds[second - clear_after_s : second + 1]):
            assert not is_raised
        # Nothing changes without the condition, nor faster than the hysteresis.
        if second in changes:
            assert holds[second] is is_raised
            wanted = raise_after_s if is_raised else clear_after_s
            assert last is None or second - last >= wanted
            last = second


@settings(deadline=None, max_examples=many(100))
@given(
    st.lists(
        st.dictionaries(
            st.integers(0, 2 * SUBJECTS_MAX).map(str), st.integers(0, 30), max_size=2 * SUBJECTS_MAX
        ),
        max_size=12,
    ),
    st.sampled_from([0, 3]),
)
def test_whatever_holds_is_raised_under_its_own_name_or_with_the_others(
    seconds: list[Numbers], window_s: int
) -> None:
    take = "max" if window_s else "last"
    engine = Engine([rule(signal="stored_requests", above=20, clear_after_s=2, take=take, window_s=window_s)])
    raised: set[str] = set()
    for second, numbers in enumerate(seconds):
        for change in engine.look({Signal.STORED_REQUESTS: numbers}, second * MS_PER_S):
            assert (change.subject in raised) is not change.is_raised
            (raised.add if change.is_raised else raised.discard)(change.subject)
        for subject, number in numbers.items():
            assert number <= 20 or subject in raised or OTHERS in raised
        assert len(raised) <= SUBJECTS_MAX + 1
