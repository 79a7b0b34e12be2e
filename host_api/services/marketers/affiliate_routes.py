"""Endpoints of affiliate links."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.clock import utc_now
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.marketers import access, affiliates, problems
from host_api.services.marketers.affiliate_schemas import (
    AffiliateAttributionCreate,
    AffiliateAttributionRead,
    AffiliateClickCreate,
    AffiliateClickRead,
    AffiliateDayRead,
    AffiliateLinkCreate,
    AffiliateLinkRead,
    AffiliateLinkUpdate,
)
from host_api.services.marketers.listing import (
    AffiliateAttributionQuery,
    AffiliateDayQuery,
    AffiliateLinkQuery,
)
from host_api.services.members.logic import MemberNotFound
from host_api.services.referral_network.problems import (
    BranchesFull,
    CodeRegisteredBefore,
    MemberNotInNetwork,
    NetworkClosed,
    OwnBranch,
    RegistrationTooLate,
)

router = APIRouter(tags=["marketers"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.post(
    "/affiliate-links",
    status_code=201,
    summary="Make an affiliate link",
    responses=problem_responses(problems.MarketerNotFound, problems.AffiliateCodeTaken),
)
async def create_affiliate_link(
    work: Writing, response: Response, wanted: AffiliateLinkCreate
) -> AffiliateLinkRead:
    """A code that a marketer gives away, where it leads, and how long after a click it counts."""
    made, response.headers["ETag"] = await affiliates.create(work.session, wanted)
    return made


@router.get("/affiliate-links", summary="List affiliate links")
async def list_affiliate_links(
    work: Reading, query: Annotated[AffiliateLinkQuery, Query()]
) -> Page[AffiliateLinkRead]:
    """All links, also closed ones; the latest first."""
    return await affiliates.read_page(work.session, query)


@router.get(
    "/affiliate-links/{link_id}",
    summary="Read an affiliate link",
    responses=problem_responses(problems.AffiliateLinkNotFound),
)
async def read_affiliate_link(work: Reading, response: Response, link_id: IdInPath) -> AffiliateLinkRead:
    """One link by id."""
    found, response.headers["ETag"] = await affiliates.read(work.session, link_id)
    return found


@router.patch(
    "/affiliate-links/{link_id}",
    summary="Change an affiliate link",
    responses=problem_responses(problems.AffiliateLinkNotFound, ChangedMeanwhile),
)
async def change_affiliate_link(
    work: Writing, response: Response, link_id: IdInPath, wanted: AffiliateLinkUpdate, if_match: IfMatch
) -> AffiliateLinkRead:
    """Change its bound or window, or close it; who came by it stays."""
    changed, response.headers["ETag"] = await affiliates.change(work.session, link_id, wanted, if_match)
    return changed


@router.post(
    "/affiliate-clicks",
    status_code=201,
    summary="Tell a click",
    responses=problem_responses(problems.AffiliateLinkNotFound),
)
async def tell_click(work: Acting, wanted: AffiliateClickCreate) -> AffiliateClickRead:
    """Count a visitor's first click of the day on a link, up to its bound, and tell where it leads."""
    return await affiliates.click(work.session, wanted, utc_now())


@router.post(
    "/affiliate-attributions",
    status_code=201,
    summary="Attribute a new member",
    responses=problem_responses(
        MemberNotFound,
        problems.NoClickInWindow,
        problems.AttributedAlready,
        NetworkClosed,
        CodeRegisteredBefore,
        RegistrationTooLate,
        BranchesFull,
        OwnBranch,
        MemberNotInNetwork,
    ),
)
async def attribute(work: Acting, wanted: AffiliateAttributionCreate) -> AffiliateAttributionRead:
    """Have a visitor who joined be the customer of whose link they clicked last within its window: in the
    referral network, by its own conditions."""
    return await affiliates.attribute(work.session, work.caller, wanted, utc_now())


@router.get("/affiliate-attributions", summary="List attributions")
async def list_attributions(
    work: Reading, query: Annotated[AffiliateAttributionQuery, Query()]
) -> Page[AffiliateAttributionRead]:
    """Which customers came by which links; the latest first."""
    return await affiliates.read_attributions(work.session, query)


@router.get("/affiliate-days", summary="List days of affiliate links")
async def list_affiliate_days(
    work: Reading, query: Annotated[AffiliateDayQuery, Query()]
) -> Page[AffiliateDayRead]:
    """Clicks, those beyond the bound, and attributions, by link and day of Tehran."""
    return await affiliates.read_days(work.session, query)
