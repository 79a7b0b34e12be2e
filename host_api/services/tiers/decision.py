"""Which tier a member has earned, and when one that is no longer earned is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from host_api.services.tiers.schemas import Criterion, CriterionKind, Downgrade, Match
from host_api.services.tiers.windows import Windows

Facts = Mapping[CriterionKind, int]


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier that can be earned."""

    code: str
    match: Match
    criteria: tuple[Criterion, ...]

    def is_reached(self, facts: Facts) -> bool:
        """Whether `facts` meet its criteria."""
        met = (facts.get(entry.kind, 0) >= entry.at_least for entry in self.criteria)
        return any(met) if self.match is Match.ANY else all(met)


@dataclass(frozen=True, slots=True)
class Held:
    """A rung of the ladder, and until when it is kept whatever is earned; None: as long as it is earned."""

    place: int
    valid_until: datetime | None


def highest_reached(ladder: Sequence[Rung], facts: Facts) -> int:
    """The highest rung whose criteria are met, whatever those between ask for; the first is everybody's."""
    return max((place for place, rung in enumerate(ladder) if place and rung.is_reached(facts)), default=0)


def decide(
    held: Held,
    *,
    reached_now: int,
    reached_before: int,
    windows: Windows,
    downgrade: Downgrade,
    grace_days: int,
    now: datetime,
) -> Held:
    """Where who held `held` stands at `now`.

    What is earned counts at once, and in windows of the calendar until the next one ends. What is no longer
    earned is kept until it runs out, and the days of grace after that.

    Parameters:
        reached_now, reached_before: rungs reached in the current window and the one before.
    """
    earned = max(reached_now, reached_before)
    as_earned = Held(earned, _valid_until(earned, reached_now, windows))
    if earned >= held.place:
        return as_earned
    if downgrade is Downgrade.NEVER:
        return Held(held.place, None)
    runs_out = held.valid_until
    if runs_out is None:
        runs_out = now if windows.previous is None else windows.current.end
    if now < runs_out + timedelta(days=grace_days):
        return Held(held.place, runs_out)
    if downgrade is Downgrade.ONE_STEP and held.place - 1 > earned:
        return Held(held.place - 1, windows.fresh_until)
    return as_earned


def _valid_until(earned: int, reached_now: int, windows: Windows) -> datetime | None:
    if earned == 0 or windows.previous is None:
        return None
    return windows.next_end if reached_now == earned else windows.current.end
