"""What a campaign's steps do for a member: act and step forward are one transaction, so each is once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import WriteSession
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import credit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.tehran_time import TEHRAN, tehran_date, today
from host_api.services.budgets import logic as budgets
from host_api.services.budgets.problems import BudgetExhausted, BudgetNotFound
from host_api.services.campaigns.journey import (
    CodeStep,
    ConditionStep,
    MessageStep,
    OfferStep,
    PointsStep,
    Variant,
    WaitStep,
)
from host_api.services.campaigns.models import Campaign, CampaignAct, CampaignEntry
from host_api.services.campaigns.schemas import CampaignEntryState, CampaignPolicyRead, PauseReason
from host_api.services.discount_codes.logic import take_code
from host_api.services.discount_codes.problems import PoolEmpty, PoolNotFound
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.messages.logic import tell_member
from host_api.services.offers.claims import offer_to
from host_api.services.offers.passages import is_quiet
from host_api.services.offers.problems import OfferNotFound, OfferNotOpen

SERVICE: Final = "campaigns"

_DONE, _ASKED, _FAILED, _DOUBTFUL = "done", "asked", "failed", "doubtful"
_STATES: Final = {
    RequestState.APPROVED: _DONE,
    RequestState.DECLINED: _FAILED,
    RequestState.REVERSED: _FAILED,
    RequestState.DOUBTFUL: _DOUBTFUL,
}
_ONE_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


class CannotGoOn(Exception):  # noqa: N818
    """A step can't be done now, for anybody; the campaign pauses."""

    def __init__(self, reason: PauseReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Journey:
    """What a step needs to know.

    Attributes:
        caller: in whose name points are asked for.
    """

    campaign: Campaign
    variants: dict[str, Variant]
    policy: CampaignPolicyRead
    caller: Caller


async def advance(session: WriteSession, journey: Journey, entry: CampaignEntry, now: datetime) -> None:
    """Take a member, whose row is locked, as far as the journey leads now.

    Raises:
        CannotGoOn: the member waits where the journey stopped.
    """
    variant = journey.variants[entry.arm]
    while entry.step < len(variant.steps):
        step = variant.steps[entry.step]
        is_met = True
        match step:
            case WaitStep():
                # Arriving at a wait sets the time; whoever comes back has waited.
                if entry.state != CampaignEntryState.WAITING:
                    entry.due_at, entry.state = (
                        now + timedelta(hours=step.hours),
                        CampaignEntryState.WAITING.value,
                    )
                    return
                entry.state = CampaignEntryState.ACTIVE.value
            case ConditionStep():
                is_met = await is_in(session, stored_audience(step.query), entry.member_id, now)
            case MessageStep() | CodeStep():
                later = await _later(session, journey.policy, entry.member_id, now)
                if later is not None:
                    entry.due_at = later
                    return
                await _act(session, journey, entry, step, now)
            case _:
                await _act(session, journey, entry, step, now)
        entry.step, entry.due_at = variant.next_place(entry.step, is_met=is_met), now
    entry.state, entry.due_at = CampaignEntryState.DONE.value, None


async def _act(
    session: WriteSession,
    journey: Journey,
    entry: CampaignEntry,
    step: MessageStep | OfferStep | CodeStep | PointsStep,
    now: datetime,
) -> None:
    is_points = isinstance(step, PointsStep)
    act = CampaignAct(
        campaign_id=entry.campaign_id,
        member_id=entry.member_id,
        occasion=entry.occasion,
        step=entry.step,
        arm=entry.arm,
        kind=step.kind,
        is_message=step.kind in {"message", "code"},
        state=_ASKED if is_points else _DONE,
        units=step.units if isinstance(step, PointsStep) else 0,
        has_budget=is_points and journey.campaign.budget_id is not None,
        at=now,
    )
    try:
        async with session.begin_nested():
            session.add(act)
            await session.flush()
            await _give(session, journey, act, step, now)
    except (BudgetExhausted, BudgetNotFound):
        raise CannotGoOn(PauseReason.BUDGET_EXHAUSTED) from None
    except (PoolEmpty, PoolNotFound):
        raise CannotGoOn(PauseReason.POOL_EMPTY) from None
    except (OfferNotOpen, OfferNotFound):
        raise CannotGoOn(PauseReason.OFFER_NOT_OPEN) from None


async def _give(
    session: WriteSession,
    journey: Journey,
    act: CampaignAct,
    step: MessageStep | OfferStep | CodeStep | PointsStep,
    now: datetime,
) -> None:
    reference = f"{act.campaign_id}-{act.member_id}-{act.occasion}-{act.step}"
    match step:
        case MessageStep():
            await tell_member(
                session,
                act.member_id,
                topic="campaign",
                reference=reference,
                text_fa=step.text_fa,
                text_en=step.text,
            )
        case OfferStep():
            source = f"campaign {act.campaign_id}"
            await offer_to(session, step.offer_id, act.member_id, source=source, now=now)
        case CodeStep():
            await take_code(session, step.pool_id, act.member_id, service=SERVICE, reference=reference)
        case PointsStep():
            if journey.campaign.budget_id is not None:
                await budgets.reserve(
                    session,
                    journey.campaign.budget_id,
                    step.units,
                    service=SERVICE,
                    reference=str(act.id),
                )
            reason = f"campaign {act.campaign_id}"
            await request_points(
                session,
                credit(act.member_id, step.purse, step.units, reason, valid_days=step.valid_days),
                service=SERVICE,
                reference=str(act.id),
                asked_by=journey.caller,
                reason=reason,
            )


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of points that were asked for, and settle their parts of the budgets."""
    outcome_of = {int(outcome.reference): outcome for outcome in outcomes}
    rows = await session.scalars(
        select(CampaignAct).where(CampaignAct.id.in_(outcome_of)).order_by(CampaignAct.id).with_for_update()
    )
    acts = rows.all()
    if len(acts) != len(outcome_of):
        raise LookupError("a campaign's act has gone")
    budgeted = [str(act.id) for act in acts if act.has_budget]
    await budgets.lock_reserved(session, service=SERVICE, references=budgeted)
    for act in acts:
        outcome = outcome_of[act.id]
        act.state, act.rrn = _STATES[outcome.state], outcome.rrn
        if act.has_budget and act.state == _DONE:
            await budgets.consume(session, service=SERVICE, reference=str(act.id))
        elif act.has_budget and act.state == _FAILED:
            await budgets.release(session, service=SERVICE, reference=str(act.id))
    await session.flush()


async def _later(
    session: WriteSession, policy: CampaignPolicyRead, member_id: int, now: datetime
) -> datetime | None:
    """When a member may be written to, where that isn't now."""
    if is_quiet(now, policy.quiet_from_hour, policy.quiet_until_hour):
        return _morning(now, policy)
    day = today(now)
    told = list(
        await session.scalars(
            select(CampaignAct.at)
            .where(CampaignAct.member_id == member_id, CampaignAct.at > now - _WEEK, CampaignAct.is_message)
            .order_by(CampaignAct.at)
        )
    )
    if len(told) >= policy.most_a_week:
        # Then one of them is a week ago.
        return told[-policy.most_a_week] + _WEEK
    if sum(at in day for at in told) >= policy.most_a_day:
        return _morning(day.end, policy) if _is_quiet_at(day.end, policy) else day.end
    return None


def _is_quiet_at(instant: datetime, policy: CampaignPolicyRead) -> bool:
    return is_quiet(instant, policy.quiet_from_hour, policy.quiet_until_hour)


def _morning(instant: datetime, policy: CampaignPolicyRead) -> datetime:
    """The end of the quiet hours that `instant` lies in."""
    day = tehran_date(instant)
    end = datetime.combine(day, time(policy.quiet_until_hour), TEHRAN)
    return end if end > instant else datetime.combine(day + _ONE_DAY, time(policy.quiet_until_hour), TEHRAN)
