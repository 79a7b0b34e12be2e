"""Splitting and measuring: stable shares, and differences as exact arithmetic has them."""

from collections import Counter
from fractions import Fraction
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.services.campaigns.measuring import Arm, Verdict, benefit, difference
from host_api.services.campaigns.splitting import arm_of

MEMBERS = 10_000


def _arm(amounts: list[int]) -> Arm:
    return Arm(
        len(amounts),
        sum(amount > 0 for amount in amounts),
        sum(amount > 0 for amount in amounts),
        sum(amounts),
        sum(amount * amount for amount in amounts),
    )


def test_members_are_split_by_the_shares_and_differently_in_each_campaign() -> None:
    def arms(campaign: int) -> list[str]:
        return [
            arm_of(campaign, member, control_percent=20, variants=[("a", 1), ("b", 3)])
            for member in range(1, MEMBERS + 1)
        ]

    first, second = arms(1), arms(2)
    assert first == arms(1)
    # Five standard errors of the shares 20, 20 and 60 percent.
    counted = Counter(first)
    assert abs(counted["control"] - 2000) < 200
    assert abs(counted["a"] - 2000) < 200
    assert abs(counted["b"] - 6000) < 245
    both = sum(one == other == "control" for one, other in zip(first, second, strict=True))
    assert abs(both - 400) < 98
    assert {arm_of(1, member, control_percent=0, variants=[("a", 1)]) for member in range(1, 200)} == {"a"}


AMOUNTS = st.lists(st.integers(0, 10**13), min_size=2, max_size=30)


@given(AMOUNTS, AMOUNTS)
def test_the_interval_is_that_of_exact_arithmetic_rounded_outwards(
    treated: list[int], control: list[int]
) -> None:
    found = difference(_arm(treated), _arm(control), least_members=2)
    assert found is not None
    exact = mean(map(Fraction, treated)) - mean(map(Fraction, control))
    squared = variance(map(Fraction, treated)) / len(treated) + variance(map(Fraction, control)) / len(
        control
    )
    wanted = squared * Fraction(196, 100) ** 2
    assert found.per_member <= exact < found.per_member + 1
    # The half width is right to less than two rial, outwards.
    for half in (exact - found.low, found.high - exact):
        assert half * half >= wanted
        assert half <= 2 or (half - 2) ** 2 <= wanted
    assert (found.verdict is Verdict.HIGHER) == (found.low > 0)
    assert (found.verdict is Verdict.LOWER) == (found.high < 0)
    assert found.total_low == found.low * len(treated) <= found.total <= found.total_high


def test_nothing_is_said_of_too_few_nor_of_none() -> None:
    many, few = _arm([5] * 100), _arm([0] * 99)
    assert difference(many, Arm(), least_members=2) is None
    found = difference(many, few, least_members=100)
    assert found is not None
    assert (found.verdict, found.per_member, found.per_mille) == (Verdict.TOO_FEW, 5, None)
    found = difference(many, few, least_members=99)
    assert found is not None
    assert (found.verdict, found.buyers_per_mille) == (Verdict.HIGHER, 1000)


@pytest.mark.parametrize(("amount", "percent", "wanted"), [(1000, 10, 100), (-1001, 10, -101), (999, 0, 0)])
def test_the_programmes_benefit_is_rounded_down(amount: int, percent: int, wanted: int) -> None:
    assert benefit(amount, percent) == wanted
