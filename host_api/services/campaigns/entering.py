"""Members enter a campaign: each once for each occasion, wherever the work was left off."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.database import WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.events.models import Event
from host_api.core.jalali import date_to_jalali, days_in_month
from host_api.core.jobs.running import RunningJob
from host_api.core.tehran_time import tehran_date
from host_api.services.campaigns.journey import (
    CONTROL,
    TRIGGER,
    VARIANTS,
    AtTime,
    OnDayOfYear,
    OnJoining,
    OnSpecialDay,
    WinBack,
)
from host_api.services.campaigns.models import Campaign, CampaignEntry, CampaignProgress
from host_api.services.campaigns.schemas import CampaignEntryState, CampaignState
from host_api.services.campaigns.splitting import arm_of
from host_api.services.groups.audience import StoredAudience, members_of, those_in
from host_api.services.members import selection
from host_api.services.members.events import MEMBER_JOINED, MEMBER_SPECIAL_DAY
from host_api.services.members.schemas import MemberStatus
from host_api.services.transactions.member_history import last_purchases

_AT_ONCE: Final = 500
_ONE_DAY: Final = timedelta(days=1)

# A day of the year that passed while nothing ran is made up for, but not after a week.
_DAYS_MADE_UP: Final = 7


async def enter_all(running: RunningJob, campaign_id: int) -> int:
    """Let all members in whose time has come; how many entered now."""
    entered = 0
    while True:
        async with running.step() as session:
            campaign = await session.get(Campaign, campaign_id)
            progress = await session.scalar(
                select(CampaignProgress).where(CampaignProgress.campaign_id == campaign_id).with_for_update()
            )
            if campaign is None or progress is None or campaign.state != CampaignState.RUNNING:
                return entered
            count, has_more = await _enter_some(session, campaign, progress, running.now())
            entered += count
            running.done += count
        if not has_more:
            return entered


async def _enter_some(
    session: WriteSession, campaign: Campaign, progress: CampaignProgress, now: datetime
) -> tuple[int, bool]:
    """The next members; how many, and whether there may be more."""
    today = tehran_date(now)
    match TRIGGER.validate_python(campaign.trigger):
        case AtTime(at=at):
            if now < at or progress.is_complete or today > campaign.last_day:
                return 0, False
            count, is_complete = await _next_of_audience(session, campaign, progress, now, occasion=0)
            progress.is_complete = is_complete
            return count, not is_complete
        case OnJoining():
            return await _next_of_events(session, campaign, progress, now, day_kind=None)
        case OnSpecialDay(day_kind=kind):
            return await _next_of_events(session, campaign, progress, now, day_kind=kind)
        case OnDayOfYear(day=text):
            return await _next_of_year(session, campaign, progress, now, text)
        case WinBack(days=days):
            return await _next_absent(session, campaign, progress, now, days)


async def _next_of_audience(
    session: WriteSession, campaign: Campaign, progress: CampaignProgress, now: datetime, *, occasion: int
) -> tuple[int, bool]:
    """The next batch of the audience; how many entered, and whether it was the last."""
    found = await _batch(session, campaign.audience, progress.after_member, now)
    if not found:
        return 0, True
    progress.after_member = found[-1]
    active = await _active(session, found)
    return await enter(session, campaign, dict.fromkeys(active, occasion), now), False


async def _next_of_events(
    session: WriteSession,
    campaign: Campaign,
    progress: CampaignProgress,
    now: datetime,
    *,
    day_kind: str | None,
) -> tuple[int, bool]:
    """Of what members' events tell: who joined, or whose day of a kind it is, once in a Jalali year."""
    event_name = (MEMBER_JOINED if day_kind is None else MEMBER_SPECIAL_DAY).name
    events = list(
        await session.scalars(
            select(Event)
            .where(Event.type == event_name, Event.sequence > progress.sequence)
            .order_by(Event.sequence)
            .limit(_AT_ONCE)
        )
    )
    if not events:
        return 0, False
    progress.sequence = events[-1].sequence
    occasions: dict[int, int] = {}
    for event in events:
        day = tehran_date(event.at)
        if day_kind is not None:
            if event.payload.get("kind") != day_kind:
                continue
            day = date.fromisoformat(str(event.payload["day"]))
        if day <= campaign.last_day:
            occasion = 0 if day_kind is None else date_to_jalali(day)[0]
            occasions[int(str(event.payload["member_id"]))] = occasion
    wanted = await those_in(session, campaign.audience, await _active(session, list(occasions)), now)
    count = await enter(session, campaign, {one: occasions[one] for one in wanted}, now)
    return count, len(events) == _AT_ONCE


async def _next_of_year(
    session: WriteSession, campaign: Campaign, progress: CampaignProgress, now: datetime, text: str
) -> tuple[int, bool]:
    today = tehran_date(now)
    day = max(progress.on_day + _ONE_DAY, today - _DAYS_MADE_UP * _ONE_DAY)
    while day <= today and not (is_day_of_year(day, text) and day <= campaign.last_day):
        day += _ONE_DAY
    if day > today:
        progress.on_day = today
        return 0, False
    count, is_complete = await _next_of_audience(
        session, campaign, progress, now, occasion=date_to_jalali(day)[0]
    )
    if is_complete:
        progress.on_day, progress.after_member = day, 0
    return count, True


async def _next_absent(
    session: WriteSession, campaign: Campaign, progress: CampaignProgress, now: datetime, days: int
) -> tuple[int, bool]:
    """Once a day, who has bought nothing for so many days; the occasion is the day of the last purchase."""
    today = tehran_date(now)
    if progress.on_day >= today or today > campaign.last_day:
        return 0, False
    absent: StoredAudience = {"f": "last_purchase_days", "op": ">=", "v": days}
    found = await _batch(session, absent, progress.after_member, now)
    if not found:
        progress.on_day, progress.after_member = today, 0
        return 0, False
    progress.after_member = found[-1]
    wanted = sorted(await those_in(session, campaign.audience, await _active(session, found), now))
    last = await last_purchases(session, wanted)
    occasions = {
        member_id: int(f"{tehran_date(last[member_id]):%Y%m%d}") for member_id in wanted if member_id in last
    }
    return await enter(session, campaign, occasions, now), True


async def enter(
    session: WriteSession, campaign: Campaign, occasions: Mapping[int, int], now: datetime
) -> int:
    """Let members in who have not entered on their occasion yet, and split them; how many entered."""
    variants = [(variant.code, variant.weight) for variant in VARIANTS.validate_python(campaign.variants)]
    rows: list[dict[str, object]] = []
    for member_id, occasion in sorted(occasions.items()):
        arm = arm_of(campaign.id, member_id, control_percent=campaign.control_percent, variants=variants)
        is_control = arm == CONTROL
        rows.append(
            {
                "campaign_id": campaign.id,
                "member_id": member_id,
                "occasion": occasion,
                "arm": arm,
                "state": (CampaignEntryState.CONTROL if is_control else CampaignEntryState.ACTIVE).value,
                "step": 0,
                "due_at": None if is_control else now,
                "entered_at": now,
            }
        )
    return await insert_missing(session, CampaignEntry, rows)


def is_day_of_year(day: date, text: str) -> bool:
    """Whether a Jalali month and day comes round on `day`; 30 Esfand on the 29th where there is none."""
    year, month, number = date_to_jalali(day)
    wanted_month, wanted_day = int(text[:2]), int(text[3:])
    return month == wanted_month and number == min(wanted_day, days_in_month(year, month))


async def _batch(session: WriteSession, audience: StoredAudience, after: int, now: datetime) -> list[int]:
    return await anext(members_of(session, audience, now, after=after, at_once=_AT_ONCE), [])


async def _active(session: WriteSession, member_ids: Sequence[int]) -> list[int]:
    briefs = await selection.briefs(session, member_ids)
    return [member.id for member in briefs if member.status == MemberStatus.ACTIVE]
