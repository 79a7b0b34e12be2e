"""Endpoints of the SMS gateway for texts that go out."""

from typing import Annotated

from fastapi import APIRouter, Query

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access, logic
from host_api.services.messages.listing import TextQuery
from host_api.services.messages.problems import TextNotFound
from host_api.services.messages.schemas import WaitingTextRead
from host_api.services.messages.sending.fetching import waiting

router = APIRouter(prefix="/messages", tags=["sms gateway"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.GATEWAY_READ)]
Writing = Annotated[WriteWork, writes(access.GATEWAY_WRITE)]


@router.get("/texts", summary="List texts to be sent")
async def list_texts(work: Reading, query: Annotated[TextQuery, Query()]) -> Page[WaitingTextRead]:
    """Texts that may be sent now, the oldest first; none while a gateway of the club's own is active."""
    return await waiting(work.session, work.cipher, query)


@router.post(
    "/texts/{text_id}/sent",
    status_code=204,
    summary="Tell that a text was sent",
    responses=problem_responses(TextNotFound),
)
async def note_sent(work: Writing, text_id: IdInPath) -> None:
    """The text is forgotten; before, it is listed again."""
    await logic.note_sent(work.session, text_id)
