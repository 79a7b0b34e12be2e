"""The job that runs campaigns: each minute members enter whose time has come, and do what is due."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update

from host_api.core.database import AnySession, WriteSession
from host_api.core.jobs.declaration import Job
from host_api.core.jobs.run_table import JsonObject
from host_api.core.jobs.running import RunningJob
from host_api.core.jobs.schedules import Every
from host_api.services.campaigns import logic
from host_api.services.campaigns.entering import enter_all
from host_api.services.campaigns.journey import VARIANTS
from host_api.services.campaigns.models import Campaign, CampaignEntry
from host_api.services.campaigns.schemas import CampaignEntryState, CampaignState, PauseReason
from host_api.services.campaigns.steps import CannotGoOn, Journey, advance
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus

RUN_CAMPAIGNS: Final = "campaigns"

_AT_ONCE: Final = 100
_ON_THE_WAY: Final = (CampaignEntryState.ACTIVE.value, CampaignEntryState.WAITING.value)


async def _run(running: RunningJob) -> JsonObject:
    entered = advanced = 0
    async with running.reading() as session:
        campaign_ids = await _in_state(session, CampaignState.RUNNING)
    for campaign_id in campaign_ids:
        entered += await enter_all(running, campaign_id)
        while count := await _advance_some(running, campaign_id):
            advanced += count
    left = await _leave_stopped(running)
    return {"entered": entered, "advanced": advanced, "left": left}


async def _advance_some(running: RunningJob, campaign_id: int) -> int:
    """Take the next members on who are due; how many."""
    reason: PauseReason | None = None
    async with running.step() as session:
        # Shared with nobody who pauses or stops it: what is due then waits.
        campaign = await session.get(Campaign, campaign_id, with_for_update={"read": True})
        if campaign is None or campaign.state != CampaignState.RUNNING:
            return 0
        now = running.now()
        entries = await _due(session, campaign_id, now)
        briefs = await selection.briefs(session, [entry.member_id for entry in entries])
        active = {member.id for member in briefs if member.status == MemberStatus.ACTIVE}
        journey = Journey(
            campaign,
            {variant.code: variant for variant in VARIANTS.validate_python(campaign.variants)},
            await logic.read_policy(session),
            running.caller,
        )
        for entry in entries:
            if entry.member_id not in active:
                entry.state, entry.due_at = CampaignEntryState.LEFT.value, None
                continue
            try:
                await advance(session, journey, entry, now)
            except CannotGoOn as stop:
                reason = stop.reason
                break
            running.done += 1
        await session.flush()
    if reason is not None:
        await _pause(running, campaign_id, reason)
        return 0
    return len(entries)


async def _due(session: WriteSession, campaign_id: int, now: datetime) -> list[CampaignEntry]:
    rows = await session.scalars(
        select(CampaignEntry)
        .where(
            CampaignEntry.campaign_id == campaign_id,
            CampaignEntry.due_at <= now,
            CampaignEntry.state.in_(_ON_THE_WAY),
        )
        .order_by(CampaignEntry.due_at, CampaignEntry.member_id)
        .limit(_AT_ONCE)
        .with_for_update()
    )
    return list(rows)


async def _pause(running: RunningJob, campaign_id: int, reason: PauseReason) -> None:
    async with running.step() as session:
        campaign = await session.get(Campaign, campaign_id)
        if campaign is not None and campaign.state == CampaignState.RUNNING:
            await logic.pause(session, campaign_id, reason)


async def _leave_stopped(running: RunningJob) -> int:
    async with running.reading() as session:
        rows = await session.scalars(
            select(Campaign.id).where(
                Campaign.state == CampaignState.STOPPED.value,
                exists().where(CampaignEntry.campaign_id == Campaign.id, CampaignEntry.due_at.is_not(None)),
            )
        )
        stopped = list(rows)
    left = 0
    for campaign_id in stopped:
        async with running.step() as session:
            members = await session.scalars(
                update(CampaignEntry)
                .where(CampaignEntry.campaign_id == campaign_id, CampaignEntry.due_at.is_not(None))
                .values(state=CampaignEntryState.LEFT.value, due_at=None)
                .returning(CampaignEntry.member_id)
                .execution_options(synchronize_session=False)
            )
            left += len(members.all())
    return left


async def _in_state(session: AnySession, state: CampaignState) -> list[int]:
    rows = await session.scalars(
        select(Campaign.id).where(Campaign.state == state.value).order_by(Campaign.id)
    )
    return list(rows)


RUN: Final = Job(
    RUN_CAMPAIGNS,
    "Steps of campaigns",
    "گام‌های کمپین‌ها",
    _run,
    schedule=Every(timedelta(minutes=1)),
    is_on_demand=True,
    timeout=timedelta(hours=2),
)
