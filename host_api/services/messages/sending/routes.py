"""Endpoints of the log of messages."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from host_api.core.bulk.export_route import add_export, list_export
from host_api.core.errors import problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.messages import access
from host_api.services.messages.problems import TextNotFound
from host_api.services.messages.sending import log
from host_api.services.messages.sending.listing import MessageExportQuery, MessageQuery, MessageReportQuery
from host_api.services.messages.sending.schemas import (
    HeldRelease,
    HeldReleased,
    MessageRead,
    MessageReport,
    MessageText,
)

router = APIRouter(prefix="/messages", tags=["messages"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ)]
Deciding = Annotated[WriteWork, writes(access.APPROVE)]
ReadingToDeliver = Annotated[ReadWork, reads(access.ACT)]

_COLUMNS: Final = (
    ("id", "Message", "شناسه"),
    ("member_id", "Member", "شمارهٔ عضو"),
    ("topic", "Topic", "موضوع"),
    ("channel", "Channel", "کانال"),
    ("state", "State", "وضعیت"),
    ("attempts", "Attempts", "تلاش‌ها"),
    ("parts", "Parts", "بخش‌ها"),
    ("cost_rials", "Cost in rials", "هزینه به ریال"),
    ("failure", "Failure", "علت"),
    ("created_at", "Queued at", "زمان ثبت"),
    ("sent_at", "Sent at", "زمان ارسال"),
    ("delivered_at", "Delivered at", "زمان رسیدن"),
)
add_export(
    router,
    list_export("log", MessageExportQuery, _COLUMNS, log.read_after),
    MessageExportQuery,
    access.READ,
)


@router.get("/log", summary="List messages")
async def list_messages(work: Reading, query: Annotated[MessageQuery, Query()]) -> Page[MessageRead]:
    """What was queued, and what became of it, without texts; kept for 60 days."""
    return await log.read_page(work.session, query)


@router.get("/report", summary="Report messages")
async def report_messages(work: Reading, query: Annotated[MessageReportQuery, Query()]) -> MessageReport:
    """Counts, parts and cost by channel, topic and state, of a period."""
    return await log.report(work.session, query)


@router.post("/releases", status_code=201, summary="Release held messages")
async def release_messages(work: Deciding, wanted: HeldRelease) -> HeldReleased:
    """Of a topic that goes by hand: have them sent, or drop them."""
    return await log.release(work.session, work.caller, wanted)


@router.get(
    "/log/{message_id}/text",
    summary="Read a message for a webhook",
    responses=problem_responses(TextNotFound),
)
async def read_message_text(work: ReadingToDeliver, message_id: IdInPath) -> MessageText:
    """Whoever heard of `message.ready` reads here what to deliver, as long as it is of use."""
    return await log.read_text(work.session, work.cipher, message_id)
