"""Payouts are exact: multipliers rounded down once, pools shared without a unit lost or made (CON-03)."""

from fractions import Fraction
from itertools import combinations
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.services.contests.payout import most_possible, multiplied, pool_of, right_multipliers, shares

MULTIPLIERS = st.lists(st.integers(1, 100_000), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("stake", "multipliers", "expected"),
    [
        (200, [1850], 370),
        (3, [1333], 3),
        (1, [999], 0),
        (10**9, [1_000_000], 10**12),
        # Rounded once, not after each: 7 * 1.1 * 1.3 = 10.01.
        (7, [1100, 1300], 10),
        (100, [], 100),
    ],
)
def test_a_stake_times_multipliers_is_rounded_down_once(
    stake: int, multipliers: list[int], expected: int
) -> None:
    assert multiplied(stake, multipliers) == expected


@given(st.integers(0, 10**9), MULTIPLIERS)
def test_it_is_the_exact_product_rounded_down(stake: int, multipliers: list[int]) -> None:
    exact = stake * prod(Fraction(each, 1000) for each in multipliers)
    assert 0 <= exact - multiplied(stake, multipliers) < 1


@given(st.integers(0, 10_000), MULTIPLIERS, st.data())
def test_no_set_of_right_answers_wins_more_than_was_counted(
    stake: int, multipliers: list[int], data: st.DataObject
) -> None:
    needed = data.draw(st.integers(1, len(multipliers)))
    wins = [
        multiplied(stake, right)
        for count in range(needed, len(multipliers) + 1)
        for right in combinations(multipliers, count)
    ]
    assert max(wins) == most_possible(stake, multipliers, needed)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=50).filter(sum))
def test_shares_are_the_pool_and_each_within_one_of_the_exact_part(pool: int, weights: list[int]) -> None:
    parted = shares(pool, weights)
    assert sum(parted) == pool
    for share, weight in zip(parted, weights, strict=True):
        assert abs(share - Fraction(pool * weight, sum(weights))) < 1
        assert share >= 0


def test_the_largest_remainders_get_what_is_left() -> None:
    assert shares(10, [1, 1, 1]) == [4, 3, 3]
    assert shares(100, [1, 2, 4]) == [14, 29, 57]
    assert shares(2, [1, 1, 1, 0]) == [1, 1, 0, 0]
    with pytest.raises(ValueError, match="positive"):
        shares(5, [0, 0])


def test_the_clubs_part_of_a_pool_is_rounded_down_in_favour_of_the_members() -> None:
    assert pool_of(999, 100) == 900
    assert pool_of(9, 100) == 9
    assert pool_of(1000, 0) == 1000


def test_of_a_dead_heat_each_right_option_counts() -> None:
    multipliers = {("a", "x"): 2000, ("a", "y"): 3000, ("b", "x"): 1500, ("b", "y"): 1500}
    right = {"a": {"x", "y"}, "b": set[str]()}
    assert right_multipliers({"a": "y", "b": "x"}, right, multipliers) == [3000]
    assert right_multipliers({"a": "x", "b": "y"}, right, multipliers) == [2000]
