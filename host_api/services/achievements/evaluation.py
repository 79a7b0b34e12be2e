"""Which levels members have reached, and giving what they are worth.

`reached` only looks; `settle` looks again with the members locked, and writes. Whoever does either at the
same time waits for the other and finds nothing left to do. What was awarded once is never awarded again, also
where the journal is read anew: awards stand in a table of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.achievements.events import ACHIEVEMENT_REACHED, AchievementReached
from host_api.services.achievements.facts import facts_of
from host_api.services.achievements.measuring import Measured, Rule, measure, reach
from host_api.services.achievements.models import Achievement, AchievementAward
from host_api.services.achievements.schemas import AchievementLevel, Measure, PrizeOutcome, Window
from host_api.services.groups.audience import is_in
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_members
from host_api.services.messages.member_text import MemberText, Telling
from host_api.services.prizes import logic as prizes

SERVICE: Final = "achievements"

# So long after its end what was told late still counts.
_LOOKED_AT_AFTER: Final = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Reached:
    """A level that a member has reached and has not been given yet; `award` has it without its prize."""

    achievement: Achievement
    member_id: int
    level: int
    measured: Measured
    award: AchievementAward | None


async def running(session: AnySession, now: datetime) -> list[Achievement]:
    """The achievements by which something is reached now, or was a short while ago."""
    rows = await session.scalars(
        select(Achievement)
        .where(
            Achievement.is_active.is_(True),
            Achievement.starts_at <= now,
            or_(Achievement.ends_at.is_(None), Achievement.ends_at > now - _LOOKED_AT_AFTER),
        )
        .order_by(Achievement.id)
    )
    return list(rows)


def rule_of(achievement: Achievement) -> Rule:
    """How an achievement is measured."""
    return Rule(
        Measure(achievement.measure),
        Window(achievement.window),
        achievement.window_days,
        achievement.grace,
        achievement.is_repeated,
        achievement.starts_at,
        achievement.ends_at,
    )


def levels_of(achievement: Achievement) -> list[AchievementLevel]:
    """What there is to reach."""
    return [AchievementLevel.model_validate(entry) for entry in achievement.levels]


async def measured(
    session: AnySession, achievement: Achievement, member_ids: Sequence[int], now: datetime
) -> dict[int, list[Measured]]:
    """What some hundreds of members have done, in each period that is looked at."""
    rule = rule_of(achievement)
    facts = await facts_of(session, achievement, member_ids, reach(rule, now))
    return {member_id: measure(rule, found, now) for member_id, found in facts.items()}


async def reached(
    session: AnySession, achievements: Sequence[Achievement], member_ids: Sequence[int], now: datetime
) -> list[Reached]:
    """What some hundreds of members have reached and have not been given."""
    found: list[Reached] = []
    for achievement in achievements:
        levels = levels_of(achievement)
        values = await measured(session, achievement, member_ids, now)
        candidates = {
            member_id: [entry for entry in entries if entry.value >= levels[0].at_least]
            for member_id, entries in values.items()
        }
        candidates = {member_id: entries for member_id, entries in candidates.items() if entries}
        if not candidates:
            continue
        awards = await _awards(session, achievement, list(candidates))
        for member_id, entries in candidates.items():
            new = _new_ones(achievement, levels, entries, awards.get(member_id, []), member_id)
            if new and await is_in(session, achievement.audience, member_id, now):
                found += new
    return found


async def settle(
    session: WriteSession, member_ids: Iterable[int], now: datetime, caller: Caller
) -> list[AchievementAward]:
    """Give some hundreds of members what they have reached; the awards that are new."""
    members = await selection.lock(session, member_ids)
    active = [member.id for member in members if member.status == MemberStatus.ACTIVE]
    if not active:
        return []
    made: list[AchievementAward] = []
    entries = await reached(session, await running(session, now), active, now)
    wanted = (levels_of(entry.achievement)[entry.level - 1].prize_id for entry in entries)
    await prizes.lock_stocks(session, [prize_id for prize_id in wanted if prize_id is not None])
    for entry in entries:
        award = entry.award
        if award is None:
            award = await _note(session, entry)
            made.append(award)
        text = _text(entry)
        await _give(session, entry, award, text, caller)
        if award.prize != PrizeOutcome.GIVEN:  # a prize is told with what it is for
            await tell_members(session, [Telling(entry.member_id, SERVICE, str(award.id), text)])
    await session.flush()
    return made


def _new_ones(
    achievement: Achievement,
    levels: Sequence[AchievementLevel],
    entries: Sequence[Measured],
    awards: Sequence[AchievementAward],
    member_id: int,
) -> list[Reached]:
    found = []
    for entry in entries:
        for number, level in enumerate(levels, start=1):
            if entry.value < level.at_least:
                break
            given = [award for award in awards if award.level == number]
            same = next((award for award in given if award.period == entry.period), None)
            if same is None and not _is_same_streak(achievement, entry, given):
                found.append(Reached(achievement, member_id, number, entry, None))
            elif same is not None and same.prize == PrizeOutcome.GONE:
                found.append(Reached(achievement, member_id, number, entry, same))
    return found


def _is_same_streak(achievement: Achievement, entry: Measured, given: Sequence[AchievementAward]) -> bool:
    """Whether it was given for this streak, which begins elsewhere now: a purchase came late or went."""
    is_streak = achievement.measure == Measure.STREAK
    return is_streak and any(award.reached_at >= entry.begins_at for award in given)


async def _note(session: WriteSession, entry: Reached) -> AchievementAward:
    achievement, level = entry.achievement, levels_of(entry.achievement)[entry.level - 1]
    award = AchievementAward(
        achievement_id=achievement.id,
        member_id=entry.member_id,
        level=entry.level,
        period=entry.measured.period,
        value=entry.measured.value,
        reached_at=entry.measured.reached_at(level.at_least),
        awarded_at=utc_now(),
        prize=PrizeOutcome.NONE.value,
        prize_award_id=None,
    )
    session.add(award)
    await session.flush()
    emit(
        session,
        ACHIEVEMENT_REACHED,
        Subject("achievement", achievement.id),
        AchievementReached(
            award_id=award.id, member_id=entry.member_id, achievement=achievement.code, level=entry.level
        ),
    )
    return award


def _text(entry: Reached) -> MemberText:
    achievement, level = entry.achievement, levels_of(entry.achievement)[entry.level - 1]
    return MemberText(
        f"تبریک! {achievement.title_fa}: {level.title_fa}",
        f"Congratulations! {achievement.title}: {level.title}",
    )


async def _give(
    session: WriteSession, entry: Reached, award: AchievementAward, text: MemberText, caller: Caller
) -> None:
    level = levels_of(entry.achievement)[entry.level - 1]
    if level.prize_id is None:
        return
    try:
        given = await prizes.award(
            session,
            level.prize_id,
            entry.member_id,
            service=SERVICE,
            reference=str(award.id),
            caller=caller,
            quantity=level.quantity,
            occasion=text,
        )
    except (prizes.PrizeGone, prizes.PrizeNotFound):
        award.prize = PrizeOutcome.GONE.value
    else:
        award.prize, award.prize_award_id = PrizeOutcome.GIVEN.value, given.id


async def _awards(
    session: AnySession, achievement: Achievement, member_ids: Sequence[int]
) -> dict[int, list[AchievementAward]]:
    rows = await session.scalars(
        select(AchievementAward).where(
            AchievementAward.achievement_id == achievement.id, AchievementAward.member_id.in_(member_ids)
        )
    )
    found: dict[int, list[AchievementAward]] = {}
    for row in rows:
        found.setdefault(row.member_id, []).append(row)
    return found
