"""Endpoints of the campaigns service."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.second_person import OwnAct
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.campaigns import access, logic, results
from host_api.services.campaigns.listing import CampaignQuery, EntryQuery
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
    CampaignResultsRead,
    CampaignUpdate,
)

router = APIRouter(tags=["campaigns"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]

_FOUND = problem_responses(CampaignNotFound)
_MOVED = problem_responses(CampaignNotFound, CampaignInOtherState)


@router.post("/campaigns", status_code=201, summary="Add a campaign")
async def create_campaign(work: Writing, response: Response, wanted: CampaignCreate) -> CampaignRead:
    """Store a draft; another person starts it."""
    campaign = await logic.create(work.session, wanted, work.caller)
    response.headers["ETag"] = etag(campaign)
    return logic.shown(campaign)


@router.get("/campaigns", summary="List campaigns")
async def list_campaigns(work: Reading, query: Annotated[CampaignQuery, Query()]) -> Page[CampaignRead]:
    """Campaigns in every state, the latest first."""
    return await logic.read_page(work.session, query)


@router.get("/campaign-policy", summary="Read the policy of campaigns")
async def read_campaign_policy(work: Reading) -> CampaignPolicyRead:
    """How often, and in which hours, campaigns write to a member."""
    return await logic.read_policy(work.session)


@router.patch(
    "/campaign-policy",
    summary="Change the policy of campaigns",
    responses=problem_responses(ChangedMeanwhile),
)
async def change_campaign_policy(
    work: Writing, if_match: IfMatch, wanted: CampaignPolicyUpdate
) -> CampaignPolicyRead:
    """Change what is given; `If-Match` is the policy's `version` in quotes."""
    return await logic.change_policy(work.session, if_match, wanted)


@router.get("/campaigns/{campaign_id}", summary="Read a campaign", responses=_FOUND)
async def read_campaign(work: Reading, response: Response, campaign_id: IdInPath) -> CampaignRead:
    """One campaign, with the `ETag` that a change needs."""
    campaign = await logic.find(work.session, campaign_id)
    response.headers["ETag"] = etag(campaign)
    return logic.shown(campaign)


@router.patch(
    "/campaigns/{campaign_id}",
    summary="Change a campaign",
    responses=problem_responses(CampaignNotFound, CampaignStarted, ChangedMeanwhile),
)
async def change_campaign(
    work: Writing, response: Response, campaign_id: IdInPath, if_match: IfMatch, wanted: CampaignUpdate
) -> CampaignRead:
    """Change what is given; what members go through only before the start."""
    campaign = await logic.change(work.session, campaign_id, if_match, wanted, work.caller)
    response.headers["ETag"] = etag(campaign)
    return logic.shown(campaign)


@router.get("/campaigns/{campaign_id}/audience", summary="Count a campaign's audience", responses=_FOUND)
async def count_audience(work: Reading, campaign_id: IdInPath) -> AudienceRead:
    """How many members the audience has now, and how they are split."""
    return await logic.count_audience(work.session, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/start",
    status_code=201,
    summary="Start a campaign",
    responses=problem_responses(CampaignNotFound, CampaignInOtherState, CampaignIncomplete, OwnAct),
)
async def start_campaign(work: Deciding, campaign_id: IdInPath) -> CampaignRead:
    """Start it as the second person; members enter within a minute."""
    return logic.shown(await logic.start(work.session, campaign_id, work.caller, utc_now()))


@router.post("/campaigns/{campaign_id}/pause", status_code=201, summary="Pause a campaign", responses=_MOVED)
async def pause_campaign(work: Writing, campaign_id: IdInPath) -> CampaignRead:
    """Nobody enters and no step is done until it is resumed."""
    return logic.shown(await logic.pause(work.session, campaign_id))


@router.post(
    "/campaigns/{campaign_id}/resumption", status_code=201, summary="Resume a campaign", responses=_MOVED
)
async def resume_campaign(work: Deciding, campaign_id: IdInPath) -> CampaignRead:
    """Go on with one that was paused or suspended."""
    return logic.shown(await logic.resume(work.session, campaign_id))


@router.post("/campaigns/{campaign_id}/stop", status_code=201, summary="Stop a campaign", responses=_MOVED)
async def stop_campaign(work: Writing, campaign_id: IdInPath) -> CampaignRead:
    """End it for good; members on the way leave it within a minute."""
    return logic.shown(await logic.stop(work.session, campaign_id))


@router.get("/campaigns/{campaign_id}/members", summary="List a campaign's members", responses=_FOUND)
async def list_entries(
    work: Reading, campaign_id: IdInPath, query: Annotated[EntryQuery, Query()]
) -> Page[CampaignEntryRead]:
    """Who entered on an occasion, and how far they have come; the control group, too."""
    return await logic.read_entries(work.session, campaign_id, query)


@router.get("/campaigns/{campaign_id}/results", summary="Read a campaign's results", responses=_FOUND)
async def read_results(work: Reading, campaign_id: IdInPath) -> CampaignResultsRead:
    """What was done, what the members bought against the control group, and what it cost."""
    return await results.read(work.session, campaign_id)
