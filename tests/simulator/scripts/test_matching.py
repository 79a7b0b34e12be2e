"""The matcher: exact, echo, present, absent, pattern, one of, range, clock, capture."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scripts.matching import Context, judge
from simulator.scripts.model import Matcher
from simulator.scripts.references import ReferenceFault, resolve

NOW_MS = 1_795_291_200_000  # 2026-11-21T20:00:00Z
TEXTS = st.text(max_size=20)


def context(asked: str | None = None, **variables: str) -> Context:
    def look_up(name: str, path: str) -> str:
        if path or name not in variables:
            raise ReferenceFault(f"nothing has the name {name}")
        return variables[name]

    return Context(lambda text: resolve(text, look_up), lambda text: text, asked, NOW_MS)


def holds(matcher: dict[str, object], got: str | None, given: Context | None = None) -> bool:
    return judge(Matcher.model_validate(matcher), got, given or context()).expected is None


@given(expected=st.text(alphabet="0123456789abc", max_size=12), got=TEXTS)
def test_exact_is_equality(expected: str, got: str) -> None:
    assert (judge(expected, got, context()).expected is None) == (got == expected)
    assert judge(expected, expected, context()).expected is None
    assert judge(expected, None, context()).expected is not None


@given(asked=st.none() | TEXTS, got=TEXTS)
def test_echo_is_what_was_asked(asked: str | None, got: str) -> None:
    assert holds({"echo": True}, got, context(asked)) == (got == asked)


@given(got=st.none() | TEXTS)
def test_present_and_absent_are_opposites(got: str | None) -> None:
    assert holds({"present": True}, got) != holds({"absent": True}, got)


@given(least=st.integers(0, 10**12), span=st.integers(0, 10**6), got=st.integers(0, 10**13))
def test_a_range_is_closed_on_both_sides(least: int, span: int, got: int) -> None:
    matcher: dict[str, object] = {"least": least, "most": least + span}
    assert holds(matcher, f"{got:012d}") == (least <= got <= least + span)
    assert holds(matcher, str(least)) and holds(matcher, str(least + span))
    assert not holds(matcher, "ten")


@given(got=TEXTS)
def test_a_pattern_is_for_the_whole_value(got: str) -> None:
    assert holds({"pattern": "[0-9]{2}"}, got) == (re.fullmatch("[0-9]{2}", got) is not None)


@given(
    matcher=st.fixed_dictionaries(
        {},
        optional={
            "is": TEXTS.filter(lambda text: "{" not in text and "}" not in text),
            "echo": st.just(True),
            "present": st.just(True),
            "pattern": st.sampled_from([".*", "[0-9]+", "a|b"]),
            "least": st.integers(0, 99),
            "one_of": st.lists(st.integers(0, 99), min_size=1, max_size=3),
            "clock_within_s": st.integers(1, 86_400),
            "capture": st.just("kept"),
        },
    ).filter(bool),
    got=st.none() | TEXTS | st.integers(0, 10**14).map(str),
)
def test_any_matcher_judges_any_value(matcher: dict[str, object], got: str | None) -> None:
    verdict = judge(Matcher.model_validate(matcher), got, context("12"))
    assert (verdict.expected is None) or verdict.expected
    assert verdict.capture is None or verdict.expected is None
    if got is None:
        assert verdict.expected is not None


@pytest.mark.parametrize(
    ("got", "fits"),
    [
        ("1121200000", True),
        ("1121195500", True),
        ("1121195459", False),
        ("20261121200459", True),
        ("20251121200000", False),
        ("1121233000", False),
        ("1399000000", False),
    ],
)
def test_a_time_near_our_clock(got: str, fits: bool) -> None:
    assert holds({"clock_within_s": 300}, got) is fits


def test_a_time_on_new_years_eve_is_near() -> None:
    new_year = Context(str, lambda text: text, None, 1_798_761_600_000)  # 2027-01-01T00:00:00Z
    assert holds({"clock_within_s": 5}, "1231235958", new_year)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{n}", "7"),
        ("a{n}b", "a7b"),
        ("{n:3}", "007"),
        ("{n+5}", "12"),
        ("{n-7}", "0"),
        ("{n*10:4}", "0070"),
        (9, "9"),
    ],
    ids=str,
)
def test_references(text: str | int, value: str) -> None:
    assert context(n="7").resolve(text) == value


@pytest.mark.parametrize("text", ["{other}", "{n-8}", "{word+1}"])
def test_references_that_lead_nowhere(text: str) -> None:
    with pytest.raises(ReferenceFault):
        context(n="7", word="x").resolve(text)


@pytest.mark.parametrize(
    "matcher",
    [{}, {"echo": False}, {"absent": True, "is": "1"}, {"pattern": "("}, {"unknown": 1}, {"one_of": []}],
    ids=str,
)
def test_matchers_that_say_nothing_or_too_much(matcher: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Matcher.model_validate(matcher)
