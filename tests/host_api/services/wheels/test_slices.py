"""The draw: each slice has exactly its weight's share of the numbers, and substitutes end (WHL-01)."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from host_api.services.wheels.slices import Slice, SliceKind, check, slice_at, total_weight


def plain(code: str, weight: int) -> Slice:
    return Slice(code=code, title=code, title_fa="بخش", kind=SliceKind.NOTHING, weight=weight)


def limited(code: str, substitute: str, weight: int = 1) -> Slice:
    return Slice(
        code=code,
        title=code,
        title_fa="بخش",
        kind=SliceKind.AGAIN,
        weight=weight,
        stock=1,
        substitute=substitute,
    )


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8).filter(sum))
def test_each_slice_has_as_many_numbers_as_its_weight(weights: list[int]) -> None:
    slices = [plain(f"s{place}", weight) for place, weight in enumerate(weights)]
    drawn = [slice_at(slices, number).code for number in range(total_weight(slices))]
    assert [drawn.count(each.code) for each in slices] == weights
    assert all(int(before[1:]) <= int(after[1:]) for before, after in pairwise(drawn))
    for outside in (-1, total_weight(slices)):
        with pytest.raises(ValueError, match="number"):
            slice_at(slices, outside)


def test_draws_of_a_fixed_source_keep_to_the_odds() -> None:
    """Pearson's chi-squared with 4 degrees of freedom: 18.47 is passed by chance once in a thousand times."""
    source, draws = random.Random(1405), 50_000
    slices = [plain(code, weight) for code, weight in zip("abcde", (1, 9, 20, 30, 40), strict=True)]
    counts = dict.fromkeys("abcde", 0)
    for _ in range(draws):
        counts[slice_at(slices, source.randrange(total_weight(slices))).code] += 1
    expected = {each.code: draws * each.weight / 100 for each in slices}
    squared = sum((counts[code] - count) ** 2 / count for code, count in expected.items())
    assert squared < 18.47, counts


@pytest.mark.parametrize(
    "slices",
    [
        [plain("a", 0)],
        [plain("a", 1), plain("a", 2)],
        [limited("a", "b"), limited("b", "a")],
        [limited("a", "a")],
        [limited("a", "missing"), plain("b", 1)],
    ],
    ids=["no weight", "twice", "circle", "itself", "nowhere"],
)
def test_a_wheel_that_could_give_nothing_is_refused(slices: list[Slice]) -> None:
    with pytest.raises(ValueError, match=r"weights|code|circle"):
        check(slices)


def test_substitutes_lead_to_a_slice_that_cannot_run_out() -> None:
    check([limited("a", "b"), limited("b", "c"), plain("c", 0)])


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "prize"},
        {"kind": "units"},
        {"kind": "units", "units": 5, "prize_id": 1},
        {"kind": "nothing", "purse": 91},
        {"kind": "prize", "prize_id": 1},
        {"kind": "nothing", "stock": 1},
        {"kind": "nothing", "substitute": "b"},
        {"kind": "nothing", "weight": -1},
        {"kind": "nothing", "weight": 1.5},
    ],
    ids=str,
)
def test_parts_of_a_slice_agree(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Slice.model_validate({"code": "a", "title": "a", "title_fa": "ب", "weight": 1} | changes)
