"""Telling events, deciding those that wait, and what the switch makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger import movements
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import Movement
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.tehran_time import UtcPeriod
from host_api.services.earning_events.events import EARNING_EVENT_EARNED, EarningEventEarned
from host_api.services.earning_events.telling import checks, repository, taking_back
from host_api.services.earning_events.telling.listing import EventQuery
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.telling.problems import (
    EventNotFound,
    EventNotWaiting,
    EventToldAlready,
    NothingToTakeBack,
)
from host_api.services.earning_events.telling.schemas import (
    EarningEventDetail,
    EarningEventRead,
    EventState,
    TakingRead,
    TakingState,
)
from host_api.services.earning_events.types import logic as types
from host_api.services.earning_events.types.attributes import checked_values, metrics_text
from host_api.services.earning_events.types.models import EventType
from host_api.services.earning_events.types.schemas import EventSource
from protocol.dialect import Tag

SERVICE: Final = "earning_events"

_TEXT_CHARACTERS: Final = 300
_STATES: Final = {
    RequestState.APPROVED: EventState.EARNED,
    RequestState.DECLINED: EventState.REFUSED,
    RequestState.REVERSED: EventState.REFUSED,
    RequestState.DOUBTFUL: EventState.DOUBTFUL,
}
_NOT_SENT: Final = (EventState.WAITING, EventState.QUEUED)


@dataclass(frozen=True, slots=True)
class Telling:
    """An event as it is told.

    Parameters:
        code: of its type.
        reference: of another service with a `#`, which nobody who calls the API can give.
        occurred_at: None for now.
        known_at: when another service has heard of it first, where that is what a type's window counts to: a
            correction of what was told in time is in time.
    """

    code: str
    member_id: int
    reference: str
    source: EventSource = EventSource.APP
    occurred_at: datetime | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)
    known_at: datetime | None = None


async def tell(session: WriteSession, telling: Telling, caller: Caller) -> EarningEvent:
    """Take an event, and send it to the switch unless a person has to approve it.

    Raises:
        EventTypeNotFound, ValidationFailed, members.MemberNotFound, and those of `problems.REFUSALS`.
    """
    kind = await types.find(session, telling.code)
    if kind is None:
        raise types.EventTypeNotFound
    now = utc_now()
    checks.check_teller(kind, telling.source, caller)
    event = _new(kind, telling, caller, now)
    checks.check_time(kind, event.occurred_at, telling.known_at or now)
    if await repository.latest(session, kind.id, event.duplicate_key) is not None:
        raise EventToldAlready
    await checks.check_member(session, kind, event, now)
    async with conflict_as(EventToldAlready()), session.begin_nested():
        session.add(event)
        await session.flush()
    if not kind.needs_moderation:
        await _send(session, kind, event, caller)
    return event


async def tell_if_possible(session: WriteSession, telling: Telling, caller: Caller) -> EarningEvent | None:
    """The same for another service, whose own act stands whether or not it earns.

    Returns:
        The event, also a refused one with why; None where there is no such type. One that was told before is
        given again.
    """
    kind = await types.find(session, telling.code)
    if kind is None:
        return None
    telling = replace(telling, attributes=_known(kind, telling.attributes))
    try:
        return await tell(session, telling, caller)
    except EventToldAlready:
        return await repository.latest(session, kind.id, _key(kind, telling))
    except Problem as problem:
        told = await repository.latest(session, kind.id, telling.reference)
        if told is not None:
            return told
        event = _bare(kind, telling, caller, utc_now())
        _refuse(event, problem)
        session.add(event)
        await session.flush()
        return event


async def find(session: AnySession, event_id: int) -> EarningEvent | None:
    """An event as a row, for a service that has told it."""
    return await session.get(EarningEvent, event_id)


async def find_many(session: AnySession, event_ids: Sequence[int]) -> dict[int, EarningEvent]:
    """The same of several, by id."""
    rows = await session.scalars(select(EarningEvent).where(EarningEvent.id.in_(event_ids)))
    return {row.id: row for row in rows}


async def earned_by(
    session: AnySession, code: str, member_ids: Sequence[int], period: UtcPeriod
) -> list[EarningEvent]:
    """The events of a type that some hundreds of members earned by in a period, in order."""
    kind = await types.find(session, code)
    return [] if kind is None else await repository.earned(session, kind.id, member_ids, period)


async def read(session: AnySession, event_id: int) -> EarningEventDetail:
    """One event with what was taken back.

    Raises:
        EventNotFound
    """
    event = await session.get(EarningEvent, event_id, populate_existing=True)
    if event is None:
        raise EventNotFound
    takings = [
        TakingRead(
            member_id=taking.member_id,
            purse=taking.purse,
            units=taking.units,
            state=TakingState(taking.state),
            response_code=taking.response_code,
            rrn=taking.rrn,
        )
        for taking in await repository.takings(session, event_id)
    ]
    kinds = await types.by_ids(session, [event.type_id])
    return EarningEventDetail(**shown(event, kinds[event.type_id]).model_dump(), takings=takings)


async def read_page(session: ReadSession, query: EventQuery) -> Page[EarningEventRead]:
    """A page of events."""
    statement = select(EarningEvent)
    if query.event is not None:
        kind = await types.find(session, query.event)
        statement = statement.where(EarningEvent.type_id == (0 if kind is None else kind.id))
    rows, next_cursor = await read_rows(session, statement, query)
    kinds = await types.by_ids(session, sorted({row.type_id for row in rows}))
    return Page(items=[shown(row, kinds[row.type_id]) for row in rows], next_cursor=next_cursor)


async def approve(session: WriteSession, event_id: int, caller: Caller) -> EarningEvent:
    """Let an event earn that waits for a person.

    Raises:
        EventNotFound, EventNotWaiting
    """
    event = await _waiting(session, event_id)
    event.decided_at, event.decided_by_name = utc_now(), caller.name
    kind = (await types.by_ids(session, [event.type_id]))[event.type_id]
    await _send(session, kind, event, caller)
    return event


async def reject(session: WriteSession, event_id: int, reason: str, caller: Caller) -> EarningEvent:
    """Turn an event down that waits for a person.

    Raises:
        EventNotFound, EventNotWaiting
    """
    event = await _waiting(session, event_id)
    now = utc_now()
    event.state, event.ended_at = EventState.REJECTED.value, now
    event.decided_at, event.decided_by_name = now, caller.name
    event.refusal, event.text, event.text_fa = "rejected", reason, reason
    await session.flush()
    return event


async def take_back(session: WriteSession, event_id: int, reason: str, caller: Caller) -> EarningEvent:
    """Take back what an event gave, or is about to give.

    Raises:
        EventNotFound, NothingToTakeBack
    """
    event = await repository.lock(session, event_id)
    if event is None:
        raise EventNotFound
    is_on_its_way = event.state == EventState.SENT and event.taken_back_at is None
    if not is_on_its_way and event.state not in (*_NOT_SENT, EventState.EARNED, EventState.OWING):
        raise NothingToTakeBack
    event.taken_back_at, event.taken_back_by_name, event.taken_back_for = utc_now(), caller.name, reason
    if event.state in _NOT_SENT:
        event.state, event.ended_at, event.next_try_at = EventState.WITHDRAWN.value, utc_now(), None
    elif not is_on_its_way:
        await taking_back.go_on(session, event, caller)
    await session.flush()
    return event


async def go_on(session: WriteSession, event: EarningEvent, caller: Caller) -> None:
    """What the job does with an event that is due: it is locked."""
    if event.state != EventState.QUEUED:
        await taking_back.go_on(session, event, taking_back.in_nobodys_name(session))
        return
    kind = (await types.by_ids(session, [event.type_id]))[event.type_id]
    now = utc_now()
    event.next_try_at = None
    try:
        checks.check_teller(kind, EventSource(event.source), caller)
        checks.check_time(kind, event.occurred_at, event.told_at)
        values = checked_values(types.attributes_of(kind), event.attributes)
        event.attributes = dict(values)
        event.amount = int(values[kind.metric]) if kind.metric is not None else 0
        await checks.check_member(session, kind, event, now)
    except Problem as problem:
        _refuse(event, problem)
        return
    if kind.needs_moderation:
        event.state = EventState.WAITING.value
    else:
        await _send(session, kind, event, caller)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch has decided about an event."""
    event = await repository.lock(session, int(outcome.reference))
    if event is None:
        raise LookupError("an event that earns has gone")
    event.state = _STATES[outcome.state].value
    event.response_code, event.rrn, event.ended_at = outcome.response_code, outcome.rrn, utc_now()
    told = outcome.told
    event.text = told.get(Tag.MEMBER_TEXT_EN.value, "")[:_TEXT_CHARACTERS] or None
    event.text_fa = told.get(Tag.MEMBER_TEXT_FA.value, "")[:_TEXT_CHARACTERS] or None
    if outcome.state is RequestState.APPROVED:
        event.points = int(told.get(Tag.POINTS_EARNED.value, "0"))
        event.credit = int(told.get(Tag.CREDIT_EARNED.value, "0"))
        kind = (await types.by_ids(session, [event.type_id]))[event.type_id]
        emit(
            session,
            EARNING_EVENT_EARNED,
            Subject("earning_event", event.id),
            EarningEventEarned(
                event_id=event.id, event=kind.code, member_id=event.member_id, points=event.points
            ),
        )
    elif outcome.state is not RequestState.DOUBTFUL:
        event.refusal = "switch"
    if event.taken_back_at is not None:
        await _end_taken_back(session, event)
    await session.flush()


async def _end_taken_back(session: WriteSession, event: EarningEvent) -> None:
    """It was to be taken back while the switch decided."""
    if event.state == EventState.EARNED:
        await taking_back.go_on(session, event, taking_back.in_nobodys_name(session))
    elif event.state == EventState.REFUSED:
        event.state = EventState.WITHDRAWN.value


async def _waiting(session: WriteSession, event_id: int) -> EarningEvent:
    event = await repository.lock(session, event_id)
    if event is None:
        raise EventNotFound
    if event.state != EventState.WAITING:
        raise EventNotWaiting
    return event


async def _send(session: WriteSession, kind: EventType, event: EarningEvent, caller: Caller) -> None:
    # Whatever the switch is doing now, what the member did has earned: it waits as long as that takes.
    event.request_id = await request_points(
        session,
        _movement(kind, event),
        service=SERVICE,
        reference=str(event.id),
        asked_by=caller,
        reason=f"{kind.code} {event.reference}",
    )
    event.state = EventState.SENT.value
    await session.flush()


def _movement(kind: EventType, event: EarningEvent) -> Movement:
    movement = movements.event(event.member_id, kind.code, event.amount)
    values = checked_values(types.attributes_of(kind), event.attributes)
    metrics = metrics_text(types.attributes_of(kind), values)
    if not metrics:
        return movement
    return replace(movement, tags={**movement.tags, Tag.METRICS.value: metrics})


def _new(kind: EventType, telling: Telling, caller: Caller, now: datetime) -> EarningEvent:
    values = checked_values(types.attributes_of(kind), telling.attributes)
    event = _bare(kind, telling, caller, now)
    event.attributes = dict(values)
    event.duplicate_key = checks.duplicate_key(kind, telling.member_id, telling.reference, values)
    event.amount = int(values[kind.metric]) if kind.metric is not None else 0
    return event


def _bare(kind: EventType, telling: Telling, caller: Caller, now: datetime) -> EarningEvent:
    return EarningEvent(
        type_id=kind.id,
        member_id=telling.member_id,
        reference=telling.reference,
        duplicate_key=telling.reference,
        revision=1,
        source=telling.source.value,
        occurred_at=telling.occurred_at or now,
        attributes=dict(telling.attributes),
        amount=0,
        state=EventState.WAITING.value,
        told_at=now,
        told_by_name=caller.name,
        next_try_at=None,
    )


def _known(kind: EventType, attributes: Mapping[str, object]) -> dict[str, object]:
    """Those that the type has: another service tells all that it knows."""
    named = {attribute.name for attribute in types.attributes_of(kind)}
    return {name: value for name, value in attributes.items() if name in named}


def _key(kind: EventType, telling: Telling) -> str:
    values = checked_values(types.attributes_of(kind), telling.attributes)
    return checks.duplicate_key(kind, telling.member_id, telling.reference, values)


def _refuse(event: EarningEvent, problem: Problem) -> None:
    event.state, event.ended_at = EventState.REFUSED.value, utc_now()
    event.refusal = problem.code
    faults = [f"{entry.field}: {entry.message}" for entry in problem.errors if entry.code != problem.code]
    event.text = "; ".join([problem.detail, *faults])[:_TEXT_CHARACTERS]
    event.text_fa = problem.detail_fa[:_TEXT_CHARACTERS]


def shown(event: EarningEvent, kind: EventType) -> EarningEventRead:
    """An event as the API tells of it."""
    return EarningEventRead(
        id=event.id,
        event=kind.code,
        member_id=event.member_id,
        reference=event.reference,
        revision=event.revision,
        source=EventSource(event.source),
        occurred_at=event.occurred_at,
        attributes=event.attributes,
        amount=event.amount,
        state=EventState(event.state),
        told_at=event.told_at,
        told_by=event.told_by_name,
        decided_at=event.decided_at,
        decided_by=event.decided_by_name,
        refusal=event.refusal,
        text=event.text,
        text_fa=event.text_fa,
        response_code=event.response_code,
        rrn=event.rrn,
        points=event.points,
        credit=event.credit,
        ended_at=event.ended_at,
        taken_back_at=event.taken_back_at,
        taken_back_by=event.taken_back_by_name,
        taken_back_for=event.taken_back_for,
    )
