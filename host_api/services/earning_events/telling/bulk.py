"""Events by the thousand: import from files, and corrections of what was imported."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from host_api.core.access.caller import Caller, system_caller
from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import ValidationFailed
from host_api.core.isolation import programme_of
from host_api.core.jalali import DateFault, parse_date
from host_api.core.jobs.declaration import JobFailed
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.core.tehran_time import start_of_day
from host_api.services.earning_events import access
from host_api.services.earning_events.telling import checks, logic, repository
from host_api.services.earning_events.telling.models import EarningEvent
from host_api.services.earning_events.telling.problems import EventToldAlready, NothingToTakeBack
from host_api.services.earning_events.telling.schemas import EventState, Reference
from host_api.services.earning_events.types import logic as types
from host_api.services.earning_events.types.attributes import Values, checked_values
from host_api.services.earning_events.types.models import EventType
from host_api.services.earning_events.types.schemas import EventCode, EventSource

_PAIR: Final = re.compile(r"\s*([a-z][a-z0-9_]{0,15})\s*=\s*([^;]{0,500})", re.ASCII)
_YES: Final = frozenset({"1", "true", "yes", "بله", "آری"})
_NO: Final = frozenset({"", "0", "false", "no", "خیر", "نه"})
_BACK: Final = (EventState.WITHDRAWN, EventState.TAKING_BACK, EventState.OWING, EventState.TAKEN_BACK)
_CORRECTED: Final = "correction by import"
_NAME: Final = "earning-events-import"


def _number(value: object) -> object:
    return fold_digits(value) if isinstance(value, str) else value


def _instant(value: object) -> object:
    """A day of either calendar is its beginning in Tehran."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return start_of_day(value)
    if isinstance(value, str):
        try:
            return start_of_day(parse_date(value))
        except DateFault:
            return value
    return value


def _attributes(value: object) -> object:
    """`miles=1250; flight=IR721` of a table's cell."""
    if not isinstance(value, str):
        return value
    parts = [part for part in value.split(";") if part.strip()]
    pairs = [_PAIR.fullmatch(part) for part in parts]
    if None in pairs:
        raise ValueError("attributes are written as name=value; name=value")
    return {pair[1]: pair[2].strip() for pair in pairs if pair is not None}


def _flag(value: object) -> object:
    if not isinstance(value, str):
        return value
    word = fold_digits(value).strip().lower()
    return True if word in _YES else False if word in _NO else value


class EventImportRow(BaseModel):
    """An event as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    event: EventCode
    member_id: Annotated[int, BeforeValidator(_number)] = Field(ge=1, le=LARGEST_ID)
    reference: Reference
    occurred_at: Annotated[AwareDatetime | None, BeforeValidator(_instant)] = None
    attributes: Annotated[dict[str, int | str], BeforeValidator(_attributes), Field(max_length=20)] = {}
    is_withdrawn: Annotated[bool, BeforeValidator(_flag)] = False


_COLUMNS: Final = (
    ("event", "Event", "رویداد"),
    ("member_id", "Member number", "شمارهٔ عضویت"),
    ("reference", "Reference", "شمارهٔ پیگیری"),
    ("occurred_at", "Occurred at", "زمان"),
    ("attributes", "Attributes", "ویژگی‌ها"),
    ("is_withdrawn", "Withdrawn", "پس گرفته"),
)


def _key_of(row: EventImportRow) -> str:
    return f"{row.event} {row.reference}"


async def _existing(session: AnySession, _cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    pairs = [(code, reference) for code, _, reference in (key.partition(" ") for key in keys)]
    wanted = set(pairs)
    found = await repository.by_references(session, pairs)
    return {
        f"{code} {reference}": number
        for (code, reference), number in found.items()
        if (code, reference) in wanted
    }


async def _insert(
    session: WriteSession, _cipher: FieldCipher, rows: Sequence[EventImportRow]
) -> Sequence[int]:
    kinds = await _kinds(session, rows)
    events = [await _made(session, kinds[row.event], row, revision=1) for row in rows]
    taken: set[tuple[int, str]] = set()
    for event in events:
        key = (event.type_id, event.duplicate_key)
        if key in taken:
            _refuse_double(event)
        taken.add(key)
    await _add(session, events)
    return [event.id for event in events]


async def _replace(session: WriteSession, _cipher: FieldCipher, rows: Mapping[int, EventImportRow]) -> None:
    """Corrections: what was earned is taken back, and what is right is told anew."""
    kinds = await _kinds(session, list(rows.values()))
    for event_id, row in rows.items():
        before = await repository.lock(session, event_id)
        if before is None:
            raise JobFailed("event-gone")
        after = await _made(session, kinds[row.event], row, revision=before.revision + 1, before=before)
        if not row.is_withdrawn and _says_the_same(before, after, row):
            continue
        if before.state == EventState.DOUBTFUL:
            raise JobFailed("event-doubtful")
        with suppress(NothingToTakeBack):  # it may never have earned, or goes back already
            await logic.take_back(session, event_id, _CORRECTED, _caller(session))
        if not row.is_withdrawn:
            await _add(session, [after])


def _says_the_same(before: EarningEvent, after: EarningEvent, row: EventImportRow) -> bool:
    is_same_time = row.occurred_at is None or before.occurred_at == row.occurred_at
    is_same = (before.member_id, before.attributes) == (after.member_id, after.attributes)
    # What a person took back, the same row doesn't bring back.
    is_withdrawn_here = before.state in _BACK and before.taken_back_by_name in (None, _NAME)
    return is_same and is_same_time and not is_withdrawn_here and before.state != EventState.REFUSED


async def _made(
    session: WriteSession,
    kind: EventType,
    row: EventImportRow,
    *,
    revision: int,
    before: EarningEvent | None = None,
) -> EarningEvent:
    """The event of a row; the job checks the rest when it sends it."""
    now = utc_now()
    attributes, key = _duplicate_key(kind, row)
    event = EarningEvent(
        type_id=kind.id,
        member_id=row.member_id,
        reference=row.reference,
        duplicate_key=key or row.reference,
        revision=revision,
        source=EventSource.IMPORT.value,
        occurred_at=row.occurred_at or (now if before is None else before.occurred_at),
        attributes=attributes,
        amount=0,
        state=EventState.QUEUED.value,
        told_at=now,
        told_by_name=_NAME,
        next_try_at=now,
    )
    if row.is_withdrawn:
        event.state, event.next_try_at = EventState.WITHDRAWN.value, None
    elif await _is_double(session, event, key, before):
        _refuse_double(event)
    return event


async def _is_double(
    session: AnySession, event: EarningEvent, key: str | None, before: EarningEvent | None
) -> bool:
    if key is None or (before is not None and before.duplicate_key == key):
        return False
    return await repository.latest(session, event.type_id, key) is not None


def _duplicate_key(kind: EventType, row: EventImportRow) -> tuple[dict[str, int | str], str | None]:
    try:
        values: Values = checked_values(types.attributes_of(kind), row.attributes)
    except ValidationFailed:
        return row.attributes, None  # the job refuses it, and says why
    return values, checks.duplicate_key(kind, row.member_id, row.reference, values)


def _refuse_double(event: EarningEvent) -> None:
    # Under its own reference: the key belongs to the event that it repeats.
    event.duplicate_key = event.reference
    event.state, event.next_try_at, event.ended_at = EventState.REFUSED.value, None, event.told_at
    event.refusal = EventToldAlready.code
    event.text, event.text_fa = EventToldAlready.detail, EventToldAlready.detail_fa


async def _add(session: WriteSession, events: Sequence[EarningEvent]) -> None:
    async with conflict_as(JobFailed(EventToldAlready.code)):
        session.add_all(events)
        await session.flush()


async def _kinds(session: AnySession, rows: Sequence[EventImportRow]) -> dict[str, EventType]:
    found: dict[str, EventType] = {}
    for code in {row.event for row in rows}:
        kind = await types.find(session, code)
        if kind is None:
            raise JobFailed("event-type-not-found")
        found[code] = kind
    return found


def _caller(session: WriteSession) -> Caller:
    return system_caller(_NAME, programme_of(session.sync_session))


EVENTS_IMPORT: Final = import_kind(
    Importable(
        name="earning-events",
        permission=access.WRITE,
        row=EventImportRow,
        columns=tuple(ImportColumn(*column) for column in _COLUMNS),
        ignored=(),
        key=_key_of,
        existing=_existing,
        insert=_insert,
        replace=_replace,
    )
)
