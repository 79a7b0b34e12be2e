"""Broadcasts: previewed, asked for in one call, queued by a job."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.errors import Problem
from host_api.core.jobs.run_store import enqueue
from host_api.core.listing import Page, read_rows
from host_api.services.groups.audience import members_of, stored_audience
from host_api.services.groups.preview import preview as preview_of_group
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.broadcasts.listing import BroadcastQuery
from host_api.services.messages.broadcasts.models import MessageBroadcast
from host_api.services.messages.broadcasts.schemas import (
    BroadcastAim,
    BroadcastCreate,
    BroadcastPreview,
    BroadcastRead,
    BroadcastState,
)
from host_api.services.messages.gateways.logic import active, prices
from host_api.services.messages.logic import tell_by_template
from host_api.services.messages.member_text import TemplateTelling
from host_api.services.messages.models import WaitingText
from host_api.services.messages.states import Channel, MessageState
from host_api.services.messages.templates import logic as templates
from host_api.services.messages.templates.models import MessageTemplateVersion
from host_api.services.messages.templates.wording import OF_MEMBER

QUEUE_BROADCASTS: Final = "queue-broadcasts"
AT_ONCE: Final = 2_000
_CANCELLED: Final = "cancelled"


class BroadcastNotFound(Problem):
    """No broadcast has this id."""

    status = 404
    code = "broadcast-not-found"
    title = "Broadcast not found"
    title_fa = "ارسال گروهی پیدا نشد"
    detail = "There is no broadcast with this id."
    detail_fa = "ارسال گروهی‌ای با این شناسه وجود ندارد."


async def preview(session: ReadSession, wanted: BroadcastAim) -> BroadcastPreview:
    """Whom a broadcast would find, and its cost.

    Raises:
        MessageTemplateNotFound, ValidationFailed: a variable has no value.
    """
    _, version = await templates.with_code(session, wanted.template)
    _check_values(version, wanted)
    if wanted.member_ids is not None:
        members, is_complete = len(await selection.briefs(session, wanted.member_ids)), True
    elif wanted.audience is not None:
        found = await preview_of_group(session, wanted.audience)
        members, is_complete = found.count, found.is_complete
    else:
        members, is_complete = await selection.count(session), True
    size, size_fa = templates.size_of(version.text), templates.size_of(version.text_fa)
    price = prices(await active(session)).get(Channel.SMS, 0)
    return BroadcastPreview(
        members=members,
        is_complete=is_complete,
        size=size,
        size_fa=size_fa,
        most_rials=members * price * max(size.parts, size_fa.parts),
    )


async def create(session: WriteSession, caller: Caller, wanted: BroadcastCreate) -> BroadcastRead:
    """Write a broadcast down; its messages are queued once its time has come.

    Raises:
        MessageTemplateNotFound, ValidationFailed: a variable has no value.
    """
    template, version = await templates.with_code(session, wanted.template)
    _check_values(version, wanted)
    now = utc_now()
    row = MessageBroadcast(
        title=wanted.title,
        template_version_id=version.id,
        topic=template.topic,
        audience=stored_audience(wanted.audience),
        member_ids=None if wanted.member_ids is None else sorted(set(wanted.member_ids)),
        values=dict(wanted.values),
        state=BroadcastState.QUEUEING.value,
        starts_at=wanted.starts_at or now,
        useful_hours=wanted.useful_hours,
        after_member=0,
        queued=0,
        created_at=now,
        created_by=caller.name,
    )
    session.add(row)
    await session.flush()
    enqueue(session, QUEUE_BROADCASTS, {}, caller, now=now, run_at=row.starts_at)
    return _read(row)


async def queue_some(session: WriteSession, broadcast_id: int) -> bool:
    """Queue a broadcast's next messages; whether there are more."""
    row = await session.get(MessageBroadcast, broadcast_id, with_for_update=True)
    if row is None or row.state != BroadcastState.QUEUEING:
        return False
    now = utc_now()
    found = await _next_members(session, row)
    if not found:
        row.state = BroadcastState.DONE.value
        await session.flush()
        return False
    active_ids = [
        member.id for member in await selection.briefs(session, found) if member.status == MemberStatus.ACTIVE
    ]
    row.queued += await tell_by_template(
        session,
        [
            TemplateTelling(member_id, f"broadcast#{row.id}.{member_id}", row.values, now)
            for member_id in active_ids
        ],
        topic=row.topic,
        version_id=row.template_version_id,
        broadcast_id=row.id,
        useful_for=timedelta(hours=row.useful_hours),
    )
    row.after_member = found[-1]
    await session.flush()
    return True


async def cancel(session: WriteSession, broadcast_id: int) -> BroadcastRead:
    """Queue no more of a broadcast, and drop what is not sent yet.

    Raises:
        BroadcastNotFound
    """
    row = await session.get(MessageBroadcast, broadcast_id, with_for_update=True)
    if row is None:
        raise BroadcastNotFound
    row.state = BroadcastState.CANCELLED.value
    await session.execute(
        update(WaitingText)
        .where(
            WaitingText.broadcast_id == broadcast_id,
            WaitingText.state.in_([MessageState.WAITING.value, MessageState.HELD.value]),
        )
        .values(state=MessageState.DROPPED.value, failure=_CANCELLED, is_waiting=False, values=None)
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return _read(row)


async def read(session: AnySession, broadcast_id: int) -> BroadcastRead:
    """A broadcast.

    Raises:
        BroadcastNotFound
    """
    row = await session.get(MessageBroadcast, broadcast_id)
    if row is None:
        raise BroadcastNotFound
    return _read(row)


async def read_page(session: ReadSession, query: BroadcastQuery) -> Page[BroadcastRead]:
    """A page of broadcasts."""
    rows, next_cursor = await read_rows(session, select(MessageBroadcast), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def _next_members(session: AnySession, row: MessageBroadcast) -> list[int]:
    if row.member_ids is not None:
        return [member_id for member_id in row.member_ids if member_id > row.after_member]
    audience = members_of(session, row.audience, row.starts_at, after=row.after_member, at_once=AT_ONCE)
    async for found in audience:
        return found
    return []


def _check_values(version: MessageTemplateVersion, wanted: BroadcastAim) -> None:
    templates.check_variables(
        [("values", text) for text in (version.text, version.text_fa, version.subject, version.subject_fa)],
        {*OF_MEMBER, *wanted.values},
        "value-missing",
    )


def _read(row: MessageBroadcast) -> BroadcastRead:
    return BroadcastRead.model_validate({name: getattr(row, name) for name in BroadcastRead.model_fields})
