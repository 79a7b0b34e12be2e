"""Writing campaigns, starting them as a second person, pausing, resuming and stopping them."""

from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.events.emission import Subject, emit
from host_api.core.events.models import Event
from host_api.core.listing import Page, read_rows
from host_api.core.locking import ChangedMeanwhile, check_version
from host_api.core.second_person import check_second_person
from host_api.core.tehran_time import tehran_date
from host_api.services.budgets import logic as budgets
from host_api.services.budgets.problems import BudgetNotFound, BudgetOfAnotherPurse
from host_api.services.campaigns.events import CAMPAIGN_CHANGED, CampaignChanged
from host_api.services.campaigns.journey import TRIGGER, VARIANTS, OfferStep, Variant, gives_units
from host_api.services.campaigns.listing import CampaignQuery, EntryQuery
from host_api.services.campaigns.models import Campaign, CampaignEntry, CampaignPolicy, CampaignProgress
from host_api.services.campaigns.problems import (
    CampaignIncomplete,
    CampaignInOtherState,
    CampaignNotFound,
    CampaignStarted,
)
from host_api.services.campaigns.schemas import (
    AudienceRead,
    CampaignCreate,
    CampaignEntryRead,
    CampaignPolicyRead,
    CampaignPolicyUpdate,
    CampaignRead,
    CampaignState,
    CampaignUpdate,
    PauseReason,
)
from host_api.services.campaigns.splitting import arm_of
from host_api.services.groups.audience import members_of, stored_audience
from host_api.services.offers import logic as offers
from host_api.services.offers.problems import OfferNotFound

_DEFAULTS: Final[dict[str, int]] = {
    "most_a_day": 1,
    "most_a_week": 3,
    "quiet_from_hour": 22,
    "quiet_until_hour": 8,
}
_PLAIN: Final = (
    *("title", "title_fa", "last_day", "margin_percent", "message_cost", "offer_cost", "code_cost"),
    *("unit_cost", "suspend_after_days", "least_return_percent"),
)
_FIXED: Final = ("control_percent", "budget_id", "measure_days", "least_members")
_ONLY_IN_DRAFTS: Final = {*_FIXED, "goal", "audience", "trigger", "variants"}
_LEADS_TO: Final = {
    CampaignState.RUNNING: (CampaignState.PAUSED, CampaignState.SUSPENDED),
    CampaignState.PAUSED: (CampaignState.RUNNING,),
    CampaignState.STOPPED: (
        *(CampaignState.DRAFT, CampaignState.RUNNING),
        *(CampaignState.PAUSED, CampaignState.SUSPENDED),
    ),
}


async def create(session: WriteSession, wanted: CampaignCreate, caller: Caller) -> Campaign:
    """Keep a draft."""
    campaign = Campaign(
        **{name: getattr(wanted, name) for name in (*_PLAIN, *_FIXED)},
        goal=wanted.goal.value,
        suspend_on=wanted.suspend_on.value,
        state=CampaignState.DRAFT.value,
        audience=stored_audience(wanted.audience),
        trigger=TRIGGER.dump_python(wanted.trigger, mode="json"),
        variants=_stored(wanted.variants),
        created_at=utc_now(),
        changed_by=caller.key,
        changed_by_name=caller.name,
    )
    session.add(campaign)
    await session.flush()
    return campaign


async def find(session: AnySession, campaign_id: int) -> Campaign:
    """One campaign.

    Raises:
        CampaignNotFound
    """
    campaign = await session.get(Campaign, campaign_id)
    if campaign is None:
        raise CampaignNotFound
    return campaign


async def change(
    session: WriteSession, campaign_id: int, if_match: str, wanted: CampaignUpdate, caller: Caller
) -> Campaign:
    """Change what is given; who changes a draft can't start it.

    Raises:
        CampaignNotFound, ChangedMeanwhile, CampaignStarted
    """
    campaign = await find(session, campaign_id)
    check_version(campaign, if_match)
    given = {name for name in wanted.model_fields_set if getattr(wanted, name) is not None}
    is_draft = campaign.state == CampaignState.DRAFT
    if not is_draft and given & _ONLY_IN_DRAFTS:
        raise CampaignStarted
    for name in given & {*_PLAIN, *_FIXED}:
        setattr(campaign, name, getattr(wanted, name))
    if wanted.suspend_on is not None:
        campaign.suspend_on = wanted.suspend_on.value
    if wanted.goal is not None:
        campaign.goal = wanted.goal.value
    if wanted.audience is not None:
        campaign.audience = stored_audience(wanted.audience)
    if wanted.trigger is not None:
        campaign.trigger = TRIGGER.dump_python(wanted.trigger, mode="json")
    if wanted.variants is not None:
        campaign.variants = _stored(wanted.variants)
    if is_draft:
        campaign.changed_by, campaign.changed_by_name = caller.key, caller.name
    await session.flush()
    return campaign


async def start(session: WriteSession, campaign_id: int, caller: Caller, now: datetime) -> Campaign:
    """Start a draft as the second person; members enter from the next minute on.

    Raises:
        CampaignNotFound, CampaignInOtherState, OwnAct, CampaignIncomplete, BudgetNotFound
    """
    campaign = await _lock(session, campaign_id)
    if campaign.state != CampaignState.DRAFT:
        raise CampaignInOtherState
    check_second_person(campaign.changed_by, caller)
    await _check_journey(session, campaign)
    campaign.state = CampaignState.RUNNING.value
    campaign.started_at, campaign.started_by_name = now, caller.name
    session.add(
        CampaignProgress(
            campaign_id=campaign.id,
            sequence=await session.scalar(select(func.max(Event.sequence))) or 0,
            after_member=0,
            on_day=tehran_date(now) - timedelta(days=1),
            is_complete=False,
        )
    )
    _tell(session, campaign)
    await session.flush()
    return campaign


async def pause(
    session: WriteSession, campaign_id: int, reason: PauseReason = PauseReason.BY_HAND
) -> Campaign:
    """Nobody enters and nothing is done until it is resumed; waits go on.

    Raises:
        CampaignNotFound, CampaignInOtherState
    """
    return await _move(session, campaign_id, CampaignState.PAUSED, reason)


async def resume(session: WriteSession, campaign_id: int) -> Campaign:
    """Go on with one that was paused, or suspended for not paying.

    Raises:
        CampaignNotFound, CampaignInOtherState
    """
    return await _move(session, campaign_id, CampaignState.RUNNING, None)


async def stop(session: WriteSession, campaign_id: int) -> Campaign:
    """End it for good; members on the way leave it.

    Raises:
        CampaignNotFound, CampaignInOtherState
    """
    return await _move(session, campaign_id, CampaignState.STOPPED, None)


async def count_audience(session: ReadSession, campaign_id: int) -> AudienceRead:
    """How many members the audience has now, and how the campaign splits them.

    Raises:
        CampaignNotFound
    """
    campaign = await find(session, campaign_id)
    variants = [(variant.code, variant.weight) for variant in VARIANTS.validate_python(campaign.variants)]
    arms: dict[str, int] = {}
    async for member_ids in members_of(session, campaign.audience, utc_now()):
        for member_id in member_ids:
            arm = arm_of(campaign.id, member_id, control_percent=campaign.control_percent, variants=variants)
            arms[arm] = arms.get(arm, 0) + 1
    return AudienceRead(members=sum(arms.values()), arms=dict(sorted(arms.items())))


async def read_page(session: ReadSession, query: CampaignQuery) -> Page[CampaignRead]:
    """A page of campaigns."""
    campaigns, next_cursor = await read_rows(session, select(Campaign), query)
    return Page(items=[shown(campaign) for campaign in campaigns], next_cursor=next_cursor)


async def read_entries(session: ReadSession, campaign_id: int, query: EntryQuery) -> Page[CampaignEntryRead]:
    """A page of the members of one occasion.

    Raises:
        CampaignNotFound
    """
    await find(session, campaign_id)
    rows, next_cursor = await read_rows(
        session, select(CampaignEntry).where(CampaignEntry.campaign_id == campaign_id), query
    )
    return Page(
        items=[
            CampaignEntryRead.model_validate(
                {name: getattr(row, name) for name in CampaignEntryRead.model_fields}
            )
            for row in rows
        ],
        next_cursor=next_cursor,
    )


async def read_policy(session: AnySession) -> CampaignPolicyRead:
    """The policy in force."""
    row = await session.scalar(select(CampaignPolicy))
    values = _DEFAULTS if row is None else {name: getattr(row, name) for name in _DEFAULTS}
    return CampaignPolicyRead(**values, version=0 if row is None else row.version)


async def change_policy(
    session: WriteSession, if_match: str, wanted: CampaignPolicyUpdate
) -> CampaignPolicyRead:
    """Change what is given.

    Raises:
        ChangedMeanwhile
    """
    row = await session.scalar(select(CampaignPolicy).with_for_update())
    if (0 if row is None else row.version) != int(if_match):
        raise ChangedMeanwhile
    if row is None:
        row = CampaignPolicy(**_DEFAULTS)
        session.add(row)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    return await read_policy(session)


def shown(campaign: Campaign) -> CampaignRead:
    """The campaign as it is shown."""
    values = {
        name: getattr(campaign, name)
        for name in CampaignRead.model_fields
        if name not in {"changed_by", "started_by"}
    }
    return CampaignRead.model_validate(
        {**values, "changed_by": campaign.changed_by_name, "started_by": campaign.started_by_name}
    )


async def _move(
    session: WriteSession, campaign_id: int, state: CampaignState, reason: PauseReason | None
) -> Campaign:
    campaign = await _lock(session, campaign_id)
    if campaign.state not in _LEADS_TO[state]:
        raise CampaignInOtherState
    campaign.state, campaign.paused_because = state.value, None if reason is None else reason.value
    _tell(session, campaign)
    await session.flush()
    return campaign


async def _lock(session: WriteSession, campaign_id: int) -> Campaign:
    campaign = await session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None:
        raise CampaignNotFound
    return campaign


async def _check_journey(session: WriteSession, campaign: Campaign) -> None:
    variants = VARIANTS.validate_python(campaign.variants)
    try:
        for variant in variants:
            for step in variant.steps:
                if isinstance(step, OfferStep):
                    await offers.find(session, step.offer_id)
        if campaign.budget_id is not None:
            for purse in sorted(gives_units(variants)):
                await budgets.check_purse(session, campaign.budget_id, purse)
    except (OfferNotFound, BudgetNotFound, BudgetOfAnotherPurse):
        raise CampaignIncomplete from None


def _stored(variants: list[Variant]) -> list[JsonValue]:
    kept: list[JsonValue] = VARIANTS.dump_python(variants, mode="json", by_alias=True, exclude_none=True)
    return kept


def _tell(session: WriteSession, campaign: Campaign) -> None:
    emit(
        session,
        CAMPAIGN_CHANGED,
        Subject("campaign", campaign.id),
        CampaignChanged(
            campaign_id=campaign.id,
            state=CampaignState(campaign.state),
            paused_because=(
                None if campaign.paused_because is None else PauseReason(campaign.paused_because)
            ),
        ),
    )
