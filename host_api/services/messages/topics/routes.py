"""Endpoints of topics and of the policy for messages."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.topics import logic
from host_api.services.messages.topics.listing import MessageTopicQuery
from host_api.services.messages.topics.schemas import (
    TOPIC_PATTERN,
    MessagePolicyRead,
    MessagePolicyWrite,
    MessageTopicRead,
)

router = APIRouter(prefix="/messages", tags=["messages"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Writing = Annotated[WriteWork, writes(access.WRITE)]
Code = Annotated[str, Path(pattern=TOPIC_PATTERN, examples=["contests"])]


@router.get("/topics", summary="List message topics")
async def list_message_topics(
    work: Reading, query: Annotated[MessageTopicQuery, Query()]
) -> Page[MessageTopicRead]:
    """Those for which something is decided; messages of others go out by SMS at once."""
    return await logic.read_page(work.session, query)


@router.get(
    "/topics/{code}",
    summary="Read a message topic",
    responses=problem_responses(logic.MessageTopicNotFound),
)
async def read_message_topic(work: Reading, code: Code) -> MessageTopicRead:
    """One topic by its code."""
    return await logic.read(work.session, code)


@router.put("/topics", summary="Decide what holds for a message topic")
async def put_message_topic(work: Writing, wanted: MessageTopicRead) -> MessageTopicRead:
    """Automatic or by hand, by which channels, how often; for messages from now on."""
    return await logic.put(work.session, wanted.code, wanted)


@router.get("/policy", summary="Read the message policy")
async def read_message_policy(work: Reading, response: Response) -> MessagePolicyRead:
    """Quiet hours, consent and caps that hold for all topics."""
    found = await logic.policy(work.session)
    response.headers["ETag"] = etag(found)
    return logic.shown_policy(found)


@router.put("/policy", summary="Change the message policy", responses=problem_responses(ChangedMeanwhile))
async def change_message_policy(
    work: Writing, response: Response, wanted: MessagePolicyWrite, if_match: IfMatch
) -> MessagePolicyRead:
    """It holds for whatever is sent from now on."""
    changed, response.headers["ETag"] = await logic.change_policy(work.session, if_match, wanted)
    return changed
