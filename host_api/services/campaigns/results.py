"""What campaigns brought: counted each night, shown at once, and held against what they cost (CMP-07)."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import case, delete, func, select, tuple_

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import DailyAt
from host_api.core.persian_text import persian_digits
from host_api.core.tehran_time import UtcPeriod
from host_api.services.campaigns import logic
from host_api.services.campaigns.events import CAMPAIGN_SUSPENDED, CampaignSuspended
from host_api.services.campaigns.journey import CONTROL
from host_api.services.campaigns.measuring import Arm, Difference, Verdict, benefit, difference
from host_api.services.campaigns.models import (
    Campaign,
    CampaignAct,
    CampaignEntry,
    CampaignProgress,
    CampaignResult,
)
from host_api.services.campaigns.schemas import (
    CampaignArmRead,
    CampaignDifferenceRead,
    CampaignEntryState,
    CampaignResultsRead,
    CampaignState,
    CampaignStepRead,
    Goal,
    SuspendOn,
)
from host_api.services.transactions.purchase_sums import PurchaseTotals, purchase_totals

MEASURE_CAMPAIGNS: Final = "campaign-results"

_AT_ONCE: Final = 500
_MARGIN: Final = timedelta(days=2)  # of returns that come late, and of a night that was missed
_NOTHING: Final = PurchaseTotals()
_FIGURES: Final = ("members", "buyers", "purchases", "amount", "squares")


async def _measure(running: RunningJob) -> JsonObject:
    """Count each campaign anew that isn't over for long, then see whether it pays."""
    checkpoint = running.checkpoint
    at = datetime.fromisoformat(str(checkpoint.setdefault("at", running.now().isoformat())))
    async with running.reading() as session:
        campaign_ids = await _to_be_measured(session, at)
    first = int(str(checkpoint.get("campaign", 0)))
    for campaign_id in campaign_ids:
        if campaign_id < first:
            continue
        if campaign_id > first:
            checkpoint.update({"campaign": campaign_id, "after": None, "arms": {}})
        while await _count_some(running, campaign_id, at):
            running.done += 1
        checkpoint["campaign"] = campaign_id + 1
    return {"measured": len(campaign_ids), "suspended": checkpoint.get("suspended", 0)}


async def _to_be_measured(session: AnySession, now: datetime) -> list[int]:
    rows = await session.execute(
        select(Campaign.id, Campaign.measure_days, func.max(CampaignEntry.entered_at))
        .join(CampaignEntry, CampaignEntry.campaign_id == Campaign.id)
        .group_by(Campaign.id, Campaign.measure_days)
        .order_by(Campaign.id)
    )
    return [
        campaign_id
        for campaign_id, days, last in rows
        if last is not None and last + timedelta(days=days) + _MARGIN > now
    ]


async def _count_some(running: RunningJob, campaign_id: int, at: datetime) -> bool:
    """Count the next entries; whether there may be more. The last step keeps the sums and judges by them."""
    checkpoint = running.checkpoint
    async with running.step() as session:
        campaign = await logic.find(session, campaign_id)
        rows = await _next_entries(session, campaign_id, checkpoint.get("after"))
        sums = _read_sums(checkpoint.get("arms"))
        if rows:
            for arm, counted in (await _counted(session, campaign, rows, at)).items():
                sums[arm] = sums.get(arm, Arm()) + counted
            checkpoint["arms"] = {
                arm: {name: getattr(one, name) for name in _FIGURES} for arm, one in sums.items()
            }
            checkpoint["after"] = [rows[-1].member_id, rows[-1].occasion]
            return True
        await _keep(session, campaign_id, sums, at)
        if await _suspend_where_it_does_not_pay(session, campaign_id, sums, at):
            checkpoint["suspended"] = int(str(checkpoint.get("suspended", 0))) + 1
        checkpoint.update({"campaign": campaign_id + 1, "after": None, "arms": {}})
    return False


async def _next_entries(session: AnySession, campaign_id: int, after: object) -> list[CampaignEntry]:
    statement = select(CampaignEntry).where(CampaignEntry.campaign_id == campaign_id)
    if isinstance(after, list):
        here = tuple_(CampaignEntry.member_id, CampaignEntry.occasion)
        statement = statement.where(here > tuple_(int(after[0]), int(after[1])))
    rows = await session.scalars(
        statement.order_by(CampaignEntry.member_id, CampaignEntry.occasion).limit(_AT_ONCE)
    )
    return list(rows)


async def _counted(
    session: AnySession, campaign: Campaign, rows: list[CampaignEntry], at: datetime
) -> dict[str, Arm]:
    """What these entries bought, each from its own beginning on."""
    begun: dict[datetime, list[CampaignEntry]] = {}
    for row in rows:
        begun.setdefault(row.entered_at, []).append(row)
    sums: dict[str, Arm] = {}
    for entered_at, together in begun.items():
        end = min(entered_at + timedelta(days=campaign.measure_days), max(at, entered_at))
        totals = await purchase_totals(
            session, [row.member_id for row in together], UtcPeriod(entered_at, end)
        )
        for row in together:
            bought = totals.get(row.member_id, _NOTHING)
            amount, count = max(bought.amount, 0), max(bought.count, 0)
            one = Arm(1, int(count > 0), count, amount, amount * amount)
            sums[row.arm] = sums.get(row.arm, Arm()) + one
    return sums


async def _keep(session: WriteSession, campaign_id: int, sums: Mapping[str, Arm], at: datetime) -> None:
    await session.execute(
        delete(CampaignResult)
        .where(CampaignResult.campaign_id == campaign_id)
        .execution_options(synchronize_session=False)
    )
    for arm, one in sorted(sums.items()):
        session.add(
            CampaignResult(
                campaign_id=campaign_id,
                arm=arm,
                members=one.members,
                buyers=one.buyers,
                purchases=one.purchases,
                amount=one.amount,
                squares=str(one.squares),
            )
        )
    progress = await session.scalar(
        select(CampaignProgress).where(CampaignProgress.campaign_id == campaign_id)
    )
    if progress is not None:
        progress.measured_at = at
    await session.flush()


async def _suspend_where_it_does_not_pay(
    session: WriteSession, campaign_id: int, sums: Mapping[str, Arm], now: datetime
) -> bool:
    campaign = await session.get_one(Campaign, campaign_id, with_for_update=True)
    if campaign.state != CampaignState.RUNNING or campaign.suspend_after_days is None:
        return False
    if campaign.started_at is None or now < campaign.started_at + timedelta(days=campaign.suspend_after_days):
        return False
    apart = difference(_treated(sums), sums.get(CONTROL, Arm()), least_members=campaign.least_members)
    if apart is None or apart.verdict is Verdict.TOO_FEW:
        return False
    extra = apart.total if campaign.suspend_on == SuspendOn.ESTIMATE else apart.total_high
    has, costs = benefit(extra, campaign.margin_percent), sum((await _costs(session, campaign)).values())
    if has * 100 >= costs * campaign.least_return_percent:
        return False
    campaign.state = CampaignState.SUSPENDED.value
    emit(
        session,
        CAMPAIGN_SUSPENDED,
        Subject("campaign", campaign_id),
        CampaignSuspended(campaign_id=campaign_id, benefit=has, cost=costs),
    )
    await session.flush()
    return True


async def read(session: AnySession, campaign_id: int) -> CampaignResultsRead:
    """What a campaign did by now, and what it brought by the last count.

    Raises:
        CampaignNotFound
    """
    campaign = await logic.find(session, campaign_id)
    kept = await session.scalars(select(CampaignResult).where(CampaignResult.campaign_id == campaign_id))
    sums = {
        row.arm: Arm(row.members, row.buyers, row.purchases, row.amount, int(row.squares)) for row in kept
    }
    progress = await session.scalar(
        select(CampaignProgress).where(CampaignProgress.campaign_id == campaign_id)
    )
    costs = await _costs(session, campaign)
    given = await _given(session, campaign_id)
    states = await session.execute(
        select(CampaignEntry.state, func.count())
        .where(CampaignEntry.campaign_id == campaign_id)
        .group_by(CampaignEntry.state)
    )
    return CampaignResultsRead(
        campaign_id=campaign_id,
        goal=Goal(campaign.goal),
        measured_at=None if progress is None else progress.measured_at,
        entries={CampaignEntryState(state): count for state, count in states},
        steps=await _steps(session, campaign_id),
        arms=[
            CampaignArmRead(
                arm=arm,
                members=one.members,
                buyers=one.buyers,
                purchases=one.purchases,
                amount=one.amount,
                **given.get(arm, _NONE_GIVEN),
                cost=costs.get(arm, 0),
            )
            for arm, one in sorted(sums.items())
        ],
        differences=_differences(campaign, sums, costs),
    )


_NONE_GIVEN: Final[dict[str, int]] = {"messages": 0, "offers": 0, "codes": 0, "units": 0}


async def _given(session: AnySession, campaign_id: int) -> dict[str, dict[str, int]]:
    """What each arm got; units that the switch refused were not given."""
    kinds = {"messages": "message", "offers": "offer", "codes": "code"}
    rows = await session.execute(
        select(
            CampaignAct.arm,
            *(func.sum(case((CampaignAct.kind == kind, 1), else_=0)) for kind in kinds.values()),
            func.sum(case((CampaignAct.state != "failed", CampaignAct.units), else_=0)),
        )
        .where(CampaignAct.campaign_id == campaign_id)
        .group_by(CampaignAct.arm)
    )
    return {
        arm: dict(zip((*kinds, "units"), (int(figure) for figure in figures), strict=True))
        for arm, *figures in rows
    }


async def _costs(session: AnySession, campaign: Campaign) -> dict[str, int]:
    """What each arm cost, in rial."""
    return {
        arm: given["messages"] * campaign.message_cost
        + given["offers"] * campaign.offer_cost
        + given["codes"] * campaign.code_cost
        + given["units"] * campaign.unit_cost
        for arm, given in (await _given(session, campaign.id)).items()
    }


async def _steps(session: AnySession, campaign_id: int) -> list[CampaignStepRead]:
    rows = await session.execute(
        select(CampaignAct.arm, CampaignAct.step, CampaignAct.kind, func.count())
        .where(CampaignAct.campaign_id == campaign_id)
        .group_by(CampaignAct.arm, CampaignAct.step, CampaignAct.kind)
        .order_by(CampaignAct.arm, CampaignAct.step)
    )
    return [CampaignStepRead(arm=arm, step=step, kind=kind, members=count) for arm, step, kind, count in rows]


def _treated(sums: Mapping[str, Arm]) -> Arm:
    whole = Arm()
    for arm, one in sums.items():
        if arm != CONTROL:
            whole += one
    return whole


def _differences(
    campaign: Campaign, sums: Mapping[str, Arm], costs: Mapping[str, int]
) -> list[CampaignDifferenceRead]:
    control = sums.get(CONTROL, Arm())
    arms: dict[str | None, Arm] = {None: _treated(sums)}
    variants = sorted(arm for arm in sums if arm != CONTROL)
    if len(variants) > 1:
        arms |= {arm: sums[arm] for arm in variants}
    found = []
    for arm, one in arms.items():
        apart = difference(one, control, least_members=campaign.least_members)
        if apart is not None:
            cost = sum(costs.values()) if arm is None else costs.get(arm, 0)
            found.append(_shown(campaign, arm, apart, cost))
    return found


def _shown(campaign: Campaign, arm: str | None, apart: Difference, cost: int) -> CampaignDifferenceRead:
    has = benefit(apart.total, campaign.margin_percent)
    english, persian = _statement(apart, campaign.least_members)
    return CampaignDifferenceRead(
        arm=arm,
        verdict=apart.verdict,
        statement=english,
        statement_fa=persian,
        per_member=apart.per_member,
        per_member_low=apart.low,
        per_member_high=apart.high,
        per_mille=apart.per_mille,
        buyers_per_mille=apart.buyers_per_mille,
        extra_amount=apart.total,
        benefit=has,
        benefit_low=benefit(apart.total_low, campaign.margin_percent),
        benefit_high=benefit(apart.total_high, campaign.margin_percent),
        cost=cost,
        net=has - cost,
    )


def _statement(apart: Difference, least_members: int) -> tuple[str, str]:
    span = f"{apart.low:,} … {apart.high:,}"
    match apart.verdict:
        case Verdict.TOO_FEW:
            return (
                f"Fewer than {least_members} members in one of the groups: nothing can be said yet.",
                persian_digits(f"یکی از دو گروه کمتر از {least_members} عضو دارد: هنوز چیزی نمی‌توان گفت."),
            )
        case Verdict.NOT_SHOWN:
            return (
                f"No difference is shown: with 95 % confidence it is between {span} rial per member.",
                persian_digits(f"تفاوتی نشان داده نشد: با اطمینان ۹۵٪ میان {span} ریال برای هر عضو است."),
            )
        case Verdict.HIGHER:
            return (
                f"Members bought more: with 95 % confidence {span} rial each.",
                persian_digits(f"عضوها بیشتر خریدند: با اطمینان ۹۵٪ هر یک {span} ریال."),
            )
        case Verdict.LOWER:
            return (
                f"Members bought less: with 95 % confidence {span} rial each.",
                persian_digits(f"عضوها کمتر خریدند: با اطمینان ۹۵٪ هر یک {span} ریال."),
            )


def _read_sums(kept: object) -> dict[str, Arm]:
    if not isinstance(kept, dict):
        return {}
    return {
        str(arm): Arm(*(int(str(one[name])) for name in _FIGURES))
        for arm, one in kept.items()
        if isinstance(one, dict)
    }


MEASURE: Final = Job(
    MEASURE_CAMPAIGNS,
    "Results of campaigns",
    "نتیجهٔ کمپین‌ها",
    _measure,
    schedule=DailyAt(time(2, 30)),
    is_on_demand=True,
    timeout=timedelta(hours=6),
)
