"""The desk: what stands, who has seen it, what is silent, and that a restart forgets none of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.console.alarms.desk import HISTORY_MAX, MUTES_MAX, Desk, NotSo
from switch.console.alarms.engine import Change
from switch.console.alarms.records import Record, What, line_of, record_of
from tests.amounts import many
from tests.switch.console.alarms.rule_texts import rule

RULE = rule(signal="dialled_down")
KEY = ("tested", "north")
NOW_MS = 1_790_000_000_000


def change(*, is_raised: bool, subject: str = "north") -> Change:
    return Change(RULE, subject, is_raised, 1)


def told(desk: Desk, *changes: Change, now_ms: int = NOW_MS) -> list[tuple[str, str | None]]:
    return [(record.what.value, record.subject) for record in desk.take(changes, now_ms).told]


def test_people_hear_once_that_it_is_raised_and_once_that_it_has_cleared() -> None:
    desk = Desk()
    assert told(desk, change(is_raised=True)) == [("raised", "north")]
    assert told(desk) == []
    assert desk.counts() == {("notice",): 0, ("warning",): 1, ("critical",): 0}
    seen = desk.acknowledge(KEY, "Sara", "calling them", NOW_MS)
    assert desk.standing[KEY].acknowledged == seen
    assert told(desk, change(is_raised=False)) == [("cleared", "north")]
    assert not desk.standing
    with pytest.raises(NotSo):
        desk.acknowledge(KEY, "Sara", "", NOW_MS)


def test_what_is_muted_is_silent_until_the_mute_ends() -> None:
    desk = Desk()
    desk.mute(("tested", None), "Sara", "new cable", NOW_MS + 1000, NOW_MS)
    assert told(desk, change(is_raised=True)) == []
    assert told(desk, now_ms=NOW_MS + 999) == []
    assert told(desk, now_ms=NOW_MS + 1000) == [("raised", "north")]
    assert not desk.mutes
    desk.mute(KEY, "Sara", "", NOW_MS + 5000, NOW_MS)
    assert told(desk, change(is_raised=False)) == []


def test_a_mute_until_cleared_ends_when_it_has_cleared() -> None:
    desk = Desk()
    with pytest.raises(NotSo):
        desk.mute(KEY, "Sara", "", 0, NOW_MS)
    told(desk, change(is_raised=True), change(is_raised=True, subject="south"))
    desk.mute(("tested", None), "Sara", "", 0, NOW_MS)
    assert told(desk, change(is_raised=False)) == []
    assert desk.mutes
    assert told(desk, change(is_raised=False, subject="south")) == []
    assert not desk.mutes
    assert told(desk, change(is_raised=True)) == [("raised", "north")]


def test_who_lifts_a_mute_hears_of_what_stands() -> None:
    desk = Desk()
    desk.mute(KEY, "", "", NOW_MS + 10_000, NOW_MS)
    assert told(desk, change(is_raised=True)) == []
    desk.unmute(KEY, "", "", NOW_MS)
    assert told(desk) == [("raised", "north")]
    with pytest.raises(NotSo):
        desk.unmute(KEY, "", "", NOW_MS)


def test_mutes_are_bounded() -> None:
    desk = Desk()
    for number in range(MUTES_MAX):
        desk.mute(("tested", str(number)), "", "", NOW_MS + 1, NOW_MS)
    with pytest.raises(NotSo):
        desk.mute(("tested", "more"), "", "", NOW_MS + 1, NOW_MS)
    desk.mute(("tested", "0"), "", "", NOW_MS + 2, NOW_MS)


STEPS = st.lists(
    st.tuples(st.sampled_from(["raise", "clear", "acknowledge", "mute", "unmute"]), st.sampled_from("abc")),
    max_size=40,
)


@settings(deadline=None, max_examples=many(200))
@given(STEPS, st.integers(1, 12))
def test_a_restart_forgets_nothing_that_stands(steps: list[tuple[str, str]], kept_last: int) -> None:
    desk = Desk()
    for step, (what, subject) in enumerate(steps):
        now_ms, key = NOW_MS + step, ("tested", subject)
        is_raised = key in desk.standing
        if what in ("raise", "clear") and is_raised is (what == "clear"):
            desk.take([change(is_raised=what == "raise", subject=subject)], now_ms)
        elif what == "acknowledge" and is_raised:
            desk.acknowledge(key, "Sara", "", now_ms)
        elif what == "mute" and is_raised:
            desk.mute(key, "Sara", "", 0, now_ms)
        elif what == "unmute" and key in desk.mutes:
            desk.unmute(key, "Sara", "", now_ms)
    # A history that is much shorter than what has happened.
    for _ in range(max(0, len(desk.history) - kept_last)):
        desk.history.popleft()
    lines = [line_of(record) for record in desk.kept()]
    records = [record for line in lines if (record := record_of(line.rstrip(b"\n"))) is not None]
    again = Desk()
    again.recall(records)
    assert len(records) == len(lines)
    assert again.mutes == desk.mutes
    assert {key: (each.raised, each.acknowledged) for key, each in again.standing.items()} == {
        key: (each.raised, each.acknowledged) for key, each in desk.standing.items()
    }
    assert again.take([], NOW_MS + 100).told == []


def test_the_history_is_bounded() -> None:
    desk = Desk()
    desk.take([change(is_raised=True, subject="old")], NOW_MS)
    for step in range(2 * HISTORY_MAX):
        desk.take([change(is_raised=step % 2 == 0)], NOW_MS + step)
    assert len(desk.history) == HISTORY_MAX
    assert len(desk.kept()) == HISTORY_MAX + 1 and desk.kept()[0].subject == "old"


@settings(deadline=None, max_examples=many(300))
@given(st.binary(max_size=200), st.integers(0, 250), st.integers(1, 255))
def test_whatever_stands_in_a_line_is_a_record_or_none(noise: bytes, place: int, difference: int) -> None:
    assert record_of(noise) is None
    line = bytearray(line_of(Record(NOW_MS, What.MUTED, "slow", None, note="بی‌صدا", until_ms=5)))[:-1]
    assert record_of(bytes(line)) == Record(NOW_MS, What.MUTED, "slow", None, note="بی‌صدا", until_ms=5)
    line[place % len(line)] ^= difference
    assert record_of(bytes(line)) is None
