"""What entries win, in whole units; all arithmetic is exact.

A multiplier of 2500 thousandths pays two and a half times the stake, rounded down once at the end. A pool is
shared by the largest remainder (Hamilton's method), so that the shares' sum is the pool's.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

THOUSAND: Final = 1000


def multiplied(stake: int, multipliers: Sequence[int]) -> int:
    """The stake times all multipliers, in thousandths, rounded down."""
    return int(stake * math.prod(multipliers) // THOUSAND ** len(multipliers))


def most_possible(stake: int, multipliers: Sequence[int], right_needed: int) -> int:
    """The most that answers with these multipliers can win, of which at least so many are right."""
    ordered = sorted(multipliers, reverse=True)
    chosen = [each for place, each in enumerate(ordered) if each > THOUSAND or place < right_needed]
    return multiplied(stake, chosen)


def right_multipliers(
    answers: Mapping[str, str],
    right: Mapping[str, Collection[str]],
    multipliers: Mapping[tuple[str, str], int],
) -> list[int]:
    """The multipliers of an entry's right answers.

    Parameters:
        right: the right options of each question; several in a dead heat.
        multipliers: by question and option.
    """
    return [
        multipliers[question, option]
        for question, option in answers.items()
        if option in right.get(question, ())
    ]


def pool_of(staked: int, club_part: int) -> int:
    """What winners share of all that was staked, less the club's part, in thousandths and rounded down."""
    return staked - staked * club_part // THOUSAND


def shares(pool: int, weights: Sequence[int]) -> list[int]:
    """A pool parted by weights; the sum is the pool, and of equal remainders the earlier comes first.

    Raises:
        ValueError: there is nobody to share it.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("a pool is shared by positive weights")
    parted = [divmod(pool * weight, total) for weight in weights]
    left = pool - sum(whole for whole, _ in parted)
    found = [whole for whole, _ in parted]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-parted[place][1], place))
    for place in by_remainder[:left]:
        found[place] += 1
    return found
