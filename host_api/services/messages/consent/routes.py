"""Endpoints of consent and suppression."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.members.logic import MemberNotFound
from host_api.services.messages import access
from host_api.services.messages.consent import logic
from host_api.services.messages.consent.listing import SuppressionQuery
from host_api.services.messages.consent.schemas import (
    MessageConsentRead,
    MessageConsents,
    MessageConsentWrite,
    SuppressionCreate,
    SuppressionRead,
    SuppressionSource,
)
from host_api.services.messages.states import Channel

router = APIRouter(prefix="/messages", tags=["message consent"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Acting = Annotated[WriteWork, writes(access.ACT)]


@router.get(
    "/consents/{member_id}", summary="Read a member's consents", responses=problem_responses(MemberNotFound)
)
async def read_message_consents(work: Reading, member_id: IdInPath) -> MessageConsents:
    """Whether promotional messages go to the member, by channel."""
    return await logic.consents_of(work.session, member_id)


@router.put(
    "/consents/{member_id}/{channel}",
    summary="Change a member's consent",
    responses=problem_responses(MemberNotFound),
)
async def change_message_consent(
    work: Acting,
    member_id: IdInPath,
    channel: Annotated[Channel, Path()],
    wanted: MessageConsentWrite,
) -> MessageConsentRead:
    """Messages that are not sent yet follow it too."""
    return await logic.change_consent(
        work.session, work.caller, member_id, channel, is_allowed=wanted.is_allowed
    )


@router.post("/suppressions", status_code=201, summary="Suppress a number or address")
async def create_suppression(work: Writing, wanted: SuppressionCreate) -> SuppressionRead:
    """Nothing but one-time codes goes there from now on; STOP or لغو by SMS does the same."""
    return await logic.suppress(
        work.session, work.cipher, wanted.channel, wanted.address, SuppressionSource.PERSON
    )


@router.get("/suppressions", summary="List suppressed numbers and addresses")
async def list_suppressions(
    work: Reading, query: Annotated[SuppressionQuery, Query()]
) -> Page[SuppressionRead]:
    """Who wants nothing, member or not."""
    return await logic.read_page(work.session, work.cipher, query)


@router.delete(
    "/suppressions/{suppression_id}",
    status_code=204,
    summary="Take a suppression back",
    responses=problem_responses(logic.SuppressionNotFound),
)
async def delete_suppression(work: Writing, suppression_id: IdInPath) -> None:
    """Messages go there again."""
    await logic.remove(work.session, suppression_id)
