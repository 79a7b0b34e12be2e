"""Load plans: what is wrong with one is told, all of it; what they draw and when is what they say."""

import itertools
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.load import LoadPlan, PlanFault, checked_plan, load_plan
from simulator.load.arrivals import arrivals
from simulator.load.choices import Choices
from simulator.load.plan import Cards, counted
from simulator.load.requests import Kind

ROOT = Path(__file__).parents[3]
STAGE = {"name": "a", "seconds": 1, "rate": 10}
PLAIN: dict[str, object] = {"format": 1, "stages": [STAGE]}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"format": 2}, "format: Input should be 1"),
        ({"stages": []}, "stages: List should have at least 1 item"),
        ({"stages": [{**STAGE, "users": 3}]}, "stages.0: give rate (an open loop) or users"),
        ({"stages": [{"name": "a", "seconds": 1}]}, "stages.0: give rate"),
        ({"stages": [{**STAGE, "think_ms": 3}]}, "think_ms goes with users"),
        ({"stages": [{"name": "a", "seconds": 1, "users": 1, "to_rate": 3}]}, "to_rate goes with rate"),
        ({"stages": [{**STAGE, "seconds": 0}]}, "stages.0.seconds"),
        ({"stages": [STAGE, STAGE]}, "stages: two have the name a"),
        (
            {"stages": [{**STAGE, "seconds": 80_000}, {**STAGE, "name": "b", "seconds": 80_000}]},
            "longer than",
        ),
        ({"links": 3}, "links: 3 are more than the 1 terminals"),
        ({"terminals": {"first": "T9999999", "count": 2}}, "more than 8 characters"),
        ({"terminals": {"first": "چهار"}}, "terminals.first"),
        ({"mix": {"sale": 1}}, "mix.sale"),
        ({"mix": {"purchase": 0}}, "no kind has a weight"),
        ({"mix": {"reversal": 1}}, "need purchases"),
        ({"mix": {"purchase": -1}}, "mix.purchase"),
        ({"cards": [{"first": "12"}]}, "cards.0.first"),
        ({"cards": [{"first": "999999999999", "count": 2}]}, "more digits"),
        ({"cards": [{"first": "6" * 16, "count": 2_000_000, "distribution": "zipf"}]}, "zipf wants at most"),
        ({"cards": [{"first": "6" * 16, "weight": 0}]}, "cards: none has a weight"),
        ({"amounts": {"least": 5, "most": 4}}, "least is more than most"),
        ({"amounts": {"least": 1001, "most": 1999}}, "no multiple of step"),
        ({"amounts": {}, "baskets": [{"amount": 1}]}, "amounts or baskets"),
        ({"baskets": [{"amount": 1, "lines": "ی" * 241}]}, "480 bytes"),
        ({"stop_at_error_share": 0}, "stop_at_error_share"),
        ({"speed": 9}, "speed: Extra inputs"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told(changed: dict[str, object], told: str) -> None:
    with pytest.raises(PlanFault) as caught:
        checked_plan({**PLAIN, **changed}, "plan.toml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("plan.toml: 1 fault in the load plan\n")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(PlanFault, match="2 faults") as caught:
        checked_plan({**PLAIN, "links": 3, "mix": {"purchase": 0}}, "plan.toml")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"format = ", "at end of document"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"#" * ((1 << 20) + 1), "at most"),
        (b"a = " + b"[" * 5000, "load plan"),
    ],
    ids=["cut", "not text", "long", "deep"],
)
def test_files_that_are_none(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    with pytest.raises(PlanFault, match=told):
        load_plan(path)
    with pytest.raises(PlanFault, match="No such file"):
        load_plan(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/examples/load").glob("*.toml")), ids=lambda path: path.stem
)
def test_examples_are_plans(path: Path) -> None:
    load_plan(path)


def test_the_schema_is_the_models() -> None:
    published = json.loads((ROOT / "simulator/load/load-plan.schema.json").read_text("utf-8"))
    assert set(published["properties"]) == {"$schema", *LoadPlan.model_fields}


@pytest.mark.parametrize(
    ("first", "number", "found"),
    [
        ("T0000001", 0, "T0000001"),
        ("T0000001", 999, "T0001000"),
        ("M9", 1, "M10"),
        ("SHOP", 0, "SHOP"),
        ("SHOP", 2, "SHOP2"),
    ],
)
def test_ids_count_up(first: str, number: int, found: str) -> None:
    assert counted(first, number) == found


RATES = st.floats(0, 500)


@given(st.floats(0.1, 5), RATES, RATES)
def test_a_ramp_has_as_many_requests_as_its_area_and_none_before_its_time(
    seconds: float, rate: float, end_rate: float
) -> None:
    """The number of requests due up to a time is the integral of the rate up to it, rounded down."""
    times = list(arrivals(seconds, rate, end_rate))
    assert abs(len(times) - (rate + end_rate) / 2 * seconds) <= 1
    assert times == sorted(times)
    slope = (end_rate - rate) / seconds
    for number, time_ns in enumerate(times, 1):
        at = time_ns / 1e9
        assert 0 <= at <= seconds
        assert abs(rate * at + slope * at * at / 2 - number) < 1e-3


def test_a_steady_rate_is_a_clock() -> None:
    assert list(arrivals(0.01, 1000, 1000)) == [n * 1_000_000 for n in range(1, 11)]
    assert list(arrivals(5, 0, 0)) == []


def test_poisson_arrivals_have_the_rate_and_are_no_clock() -> None:
    times = list(arrivals(20, 1000, 1000, random.Random(3)))
    gaps = [after - before for before, after in itertools.pairwise(times)]
    mean = sum(gaps) / len(gaps)
    assert abs(len(times) - 20_000) < 600
    # Of exponential gaps 1/e are longer than the mean.
    assert abs(sum(gap > mean for gap in gaps) / len(gaps) - 0.368) < 0.02


def drawn(changed: dict[str, object], count: int = 4000) -> Choices:
    plan = checked_plan({**PLAIN, **changed}, "plan")
    return Choices(plan, plan.cards or [Cards(first="6280000000000017")])


def test_kinds_come_by_their_weights() -> None:
    choices = drawn({"mix": {"purchase": 3, "balance": 1, "redemption": 0}})
    found = Counter(choices.kind() for _ in range(4000))
    assert set(found) == {Kind.PURCHASE, Kind.BALANCE} == choices.kinds
    assert abs(found[Kind.BALANCE] - 1000) < 120


def test_cards_are_in_their_range_and_zipf_has_favourites() -> None:
    first, count = 6280000000000000, 1000
    for distribution, most in (("uniform", 30), ("zipf", 700)):
        choices = drawn({"cards": [{"first": str(first), "count": count, "distribution": distribution}]})
        found = Counter(int(choices.track()[2:18]) - first for _ in range(4000))
        assert set(found) <= set(range(count))
        # Of zipf the first of 1000 cards has 1/7.49, the second half of that.
        assert (found[0] > 400) is (distribution == "zipf")
        assert max(found.values()) < most


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 10**6))
def test_amounts_keep_to_their_range(least: int, more: int, step: int) -> None:
    most = least + more
    if most // step * step < least:
        return
    choices = drawn({"amounts": {"least": least, "most": most, "step": step}})
    for _ in range(20):
        amount = int(choices.bill()[0])
        assert least <= amount <= most and amount % step == 0


def test_baskets_come_by_their_weights_with_their_lines() -> None:
    choices = drawn({"baskets": [{"amount": 7, "lines": "A,B,1,7"}, {"amount": 9, "weight": 3}]})
    found = Counter(choices.bill() for _ in range(2000))
    (small, small_count), (large, large_count) = sorted(found.items())
    assert (int(small[0]), b"A,B,1,7" in small[1], int(large[0]), large[1]) == (7, True, 9, b"")
    assert abs(large_count - 1500) < 120 and small_count + large_count == 2000


def test_the_same_seed_draws_the_same() -> None:
    first, second, other = (drawn({"seed": seed}) for seed in (5, 5, 6))
    rows = [[(each.track(), each.bill()) for _ in range(50)] for each in (first, second, other)]
    assert rows[0] == rows[1] != rows[2]
