"""Triggers: which events send a message, and sending it once for each event."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from pydantic import JsonValue
from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.core.events.event_type import DeclaredType, EventCatalogue
from host_api.core.events.models import Event
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.groups.audience import stored_audience, those_in
from host_api.services.members import selection
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages.logic import tell_by_template
from host_api.services.messages.member_text import TemplateTelling
from host_api.services.messages.templates import logic as templates
from host_api.services.messages.templates.wording import LONGEST_VALUE, OF_MEMBER
from host_api.services.messages.triggers.listing import MessageTriggerQuery
from host_api.services.messages.triggers.models import MessageTrigger, MessageTriggerMark
from host_api.services.messages.triggers.schemas import (
    MessageTriggerCreate,
    MessageTriggerRead,
    MessageTriggerUpdate,
)

AT_ONCE: Final = 500
_MOST_ACTIVE: Final = 100


class MessageTriggerNotFound(Problem):
    """No trigger has this id."""

    status = 404
    code = "message-trigger-not-found"
    title = "Trigger not found"
    title_fa = "ماشهٔ پیام پیدا نشد"
    detail = "There is no trigger with this id."
    detail_fa = "ماشه‌ای با این شناسه وجود ندارد."


async def create(
    session: WriteSession, catalogue: EventCatalogue, wanted: MessageTriggerCreate
) -> tuple[MessageTriggerRead, str]:
    """Have events from now on send a message; the trigger and its ETag.

    Raises:
        MessageTemplateNotFound, ValidationFailed: no such event, or it lacks a member or a variable.
    """
    template, version = await templates.with_code(session, wanted.template)
    fields = _fields(catalogue, wanted.event_type)
    if "member_id" not in fields:
        raise _fault(
            "event_type", "event-without-member", "No such event names a member", "این رویداد عضوی ندارد."
        )
    for name in wanted.conditions:
        if name not in fields:
            raise _fault(
                "conditions", "unknown-field", "The event has no such field", "رویداد چنین فیلدی ندارد."
            )
    templates.check_variables(
        [("template", text) for text in (version.text, version.text_fa, version.subject, version.subject_fa)],
        {*OF_MEMBER, *fields},
    )
    now = utc_now()
    row = MessageTrigger(
        event_type=wanted.event_type,
        template_id=template.id,
        conditions=dict(wanted.conditions),
        audience=stored_audience(wanted.audience),
        delay_minutes=wanted.delay_minutes,
        is_active=True,
        active_since=now,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return _read(row), etag(row)


async def change(
    session: WriteSession, trigger_id: int, wanted: MessageTriggerUpdate, if_match: str
) -> tuple[MessageTriggerRead, str]:
    """Have a trigger act or rest; it and its ETag.

    Raises:
        MessageTriggerNotFound, ChangedMeanwhile
    """
    row = await session.get(MessageTrigger, trigger_id, with_for_update=True)
    if row is None:
        raise MessageTriggerNotFound
    check_version(row, if_match)
    if wanted.is_active and not row.is_active:
        row.active_since = utc_now()
    row.is_active = wanted.is_active
    await session.flush()
    return _read(row), etag(row)


async def read(session: AnySession, trigger_id: int) -> tuple[MessageTriggerRead, str]:
    """A trigger, and its ETag.

    Raises:
        MessageTriggerNotFound
    """
    row = await session.get(MessageTrigger, trigger_id)
    if row is None:
        raise MessageTriggerNotFound
    return _read(row), etag(row)


async def read_page(session: ReadSession, query: MessageTriggerQuery) -> Page[MessageTriggerRead]:
    """A page of triggers."""
    rows, next_cursor = await read_rows(session, select(MessageTrigger), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def pull_some(session: WriteSession) -> bool:
    """Queue what the next events set off, and note up to which event; whether there are more."""
    await insert_missing(session, MessageTriggerMark, [{"sequence": 0}])
    mark = (await session.scalars(select(MessageTriggerMark).with_for_update())).one()
    triggers = list(
        await session.scalars(
            select(MessageTrigger)
            .where(MessageTrigger.is_active)
            .order_by(MessageTrigger.id)
            .limit(_MOST_ACTIVE)
        )
    )
    last = await session.scalar(select(func.max(Event.sequence))) or 0
    if not triggers or last <= mark.sequence:
        mark.sequence = max(last, mark.sequence)
        await session.flush()
        return False
    events = list(
        await session.scalars(
            select(Event)
            .where(
                Event.sequence > mark.sequence,
                Event.sequence <= last,
                Event.type.in_({trigger.event_type for trigger in triggers}),
            )
            .order_by(Event.sequence)
            .limit(AT_ONCE)
        )
    )
    topics = await templates.topics_of(session, [trigger.template_id for trigger in triggers])
    versions = await templates.in_force(session, [trigger.template_id for trigger in triggers])
    for trigger in triggers:
        tellings = await _tellings(session, trigger, events)
        if tellings:
            await tell_by_template(
                session,
                tellings,
                topic=topics[trigger.template_id],
                version_id=versions[trigger.template_id].id,
            )
    is_behind = len(events) == AT_ONCE
    mark.sequence = events[-1].sequence if is_behind else last
    await session.flush()
    return is_behind


async def _tellings(
    session: AnySession, trigger: MessageTrigger, events: Sequence[Event]
) -> list[TemplateTelling]:
    fitting = [
        (event, member_id)
        for event in events
        if event.type == trigger.event_type
        and event.at >= trigger.active_since
        and isinstance(member_id := event.payload.get("member_id"), int)
        and all(event.payload.get(name) == value for name, value in trigger.conditions.items())
    ]
    member_ids = sorted({member_id for _, member_id in fitting})
    if trigger.audience is not None and member_ids:
        member_ids = sorted(await those_in(session, trigger.audience, member_ids, utc_now()))
    reached = {
        member.id
        for member in (await selection.briefs(session, member_ids) if member_ids else [])
        if member.status == MemberStatus.ACTIVE
    }
    delay = timedelta(minutes=trigger.delay_minutes)
    return [
        TemplateTelling(
            member_id, f"trigger#{trigger.id}.{event.id}", _values(event.payload), event.at + delay
        )
        for event, member_id in fitting
        if member_id in reached
    ]


def _values(payload: Mapping[str, object]) -> dict[str, JsonValue]:
    return {
        name: value[:LONGEST_VALUE] if isinstance(value, str) else value
        for name, value in payload.items()
        if isinstance(value, int | str)
    }


def _fields(catalogue: EventCatalogue, name: str) -> set[str]:
    kinds: list[DeclaredType] = [kind for kind in catalogue if kind.name == name]
    if not kinds:
        raise _fault("event_type", "unknown-event", "There is no such event", "چنین رویدادی نیست.")
    fields = kinds[-1].schema.get("properties", {})
    return set(fields) if isinstance(fields, dict) else set()


def _fault(field: str, code: str, message: str, message_fa: str) -> ValidationFailed:
    return ValidationFailed(
        [FieldProblem(field=field, location="body", code=code, message=message, message_fa=message_fa)]
    )


def _read(row: MessageTrigger) -> MessageTriggerRead:
    return MessageTriggerRead.model_validate(
        {name: getattr(row, name) for name in MessageTriggerRead.model_fields}
    )
