"""What counts for a marketer, line by line; what people enter themselves, typed or from files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NoReturn

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import select

from host_api.core.bulk.import_declaration import Importable, ImportColumn
from host_api.core.bulk.import_job import import_kind
from host_api.core.bulk.row_numbers import number_new_rows
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jalali import CalendarDate
from host_api.core.jobs.declaration import JobFailed
from host_api.core.listing import Page, read_rows_after
from host_api.core.path_ids import LARGEST_ID
from host_api.core.persian_text import fold_digits
from host_api.core.tehran_time import tehran_date
from host_api.services.marketers import access
from host_api.services.marketers.listing import LineFilters, LineQuery
from host_api.services.marketers.logic import find
from host_api.services.marketers.models import Marketer, MarketerLine
from host_api.services.marketers.months import month_of, year_and_month
from host_api.services.marketers.problems import EntryInTheFuture, EntryReferenceTaken
from host_api.services.marketers.schemas import (
    EntryReference,
    MarketerEntryCreate,
    MarketerLineRead,
    Note,
    Signed,
)

_BY_IMPORT: Final = "marketer-entries-import"


async def enter(
    session: WriteSession, marketer_id: int, wanted: MarketerEntryCreate, made_by: str
) -> MarketerLineRead:
    """Have something count that stands in no trade.

    Raises:
        MarketerNotFound, EntryInTheFuture, EntryReferenceTaken
    """
    await find(session, marketer_id)
    if wanted.day > tehran_date(utc_now()):
        raise EntryInTheFuture
    row = _new(marketer_id, wanted, made_by)
    async with conflict_as(EntryReferenceTaken()):
        session.add(row)
        await session.flush()
    return _shown(row)


async def read_page(session: ReadSession, query: LineQuery) -> Page[MarketerLineRead]:
    """A page of lines."""
    items, next_cursor = await read_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: LineFilters, cursor: str | None, limit: int
) -> tuple[list[MarketerLineRead], str | None]:
    """Up to `limit` lines after a cursor."""
    rows, next_cursor = await read_rows_after(session, select(MarketerLine), query, cursor, limit)
    return [_shown(row) for row in rows], next_cursor


def _number(value: object) -> object:
    return fold_digits(value).replace(",", "") if isinstance(value, str) else value


class MarketerEntryRow(BaseModel):
    """An entry as a row of a file gives it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    marketer_id: Annotated[int, BeforeValidator(_number), Field(ge=1, le=LARGEST_ID)]
    reference: EntryReference
    day: CalendarDate
    turnover_rials: Annotated[Signed, BeforeValidator(_number)] = 0
    commission_rials: Annotated[Signed, BeforeValidator(_number)] = 0
    new_customers: Annotated[int, BeforeValidator(_number), Field(ge=-100_000, le=100_000)] = 0
    note: Note | None = None


_COLUMNS: Final = (
    ("marketer_id", "Marketer", "بازاریاب"),
    ("reference", "Reference", "شمارهٔ ثبت"),
    ("day", "Day", "روز"),
    ("turnover_rials", "Turnover", "گردش"),
    ("commission_rials", "Commission", "کارمزد"),
    ("new_customers", "New customers", "مشتریان تازه"),
    ("note", "Note", "یادداشت"),
)


async def _existing(session: AnySession, _cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    rows = await session.execute(
        select(MarketerLine.reference, MarketerLine.id).where(MarketerLine.reference.in_(keys))
    )
    return {reference: line_id for reference, line_id in rows if reference is not None}


async def _insert(
    session: WriteSession, _cipher: FieldCipher, rows: Sequence[MarketerEntryRow]
) -> Sequence[int]:
    wanted = {row.marketer_id for row in rows}
    if wanted - set(await session.scalars(select(Marketer.id).where(Marketer.id.in_(wanted)))):
        raise JobFailed("marketer-not-found")
    today = tehran_date(utc_now())
    if any(row.day > today for row in rows):
        raise JobFailed(EntryInTheFuture.code)
    lines = [
        _new(
            row.marketer_id,
            MarketerEntryCreate.model_validate(row.model_dump(exclude={"marketer_id"})),
            _BY_IMPORT,
        )
        for row in rows
    ]
    session.add_all(lines)
    await number_new_rows(session)
    await session.flush()
    return [line.id for line in lines]


async def _refuse_replacing(_session: WriteSession, _cipher: FieldCipher, _rows: object) -> NoReturn:
    # Lines are only added; a correction is an entry of its own.
    raise JobFailed("corrected-by-later-rows")


ENTRIES_IMPORT: Final = import_kind(
    Importable(
        name="marketer-entries",
        permission=access.WRITE,
        row=MarketerEntryRow,
        columns=tuple(ImportColumn(*column) for column in _COLUMNS),
        ignored=(),
        key=lambda row: row.reference,
        existing=_existing,
        insert=_insert,
        replace=_refuse_replacing,
        clash=EntryReferenceTaken.code,
    )
)


def _new(marketer_id: int, wanted: MarketerEntryCreate, made_by: str) -> MarketerLine:
    return MarketerLine(
        marketer_id=marketer_id,
        month=month_of(wanted.day),
        day=wanted.day,
        reference=wanted.reference,
        trades=0,
        turnover_rials=wanted.turnover_rials,
        commission_rials=wanted.commission_rials,
        new_customers=wanted.new_customers,
        note=wanted.note,
        made_by=made_by,
        made_at=utc_now(),
    )


def _shown(row: MarketerLine) -> MarketerLineRead:
    year, month = year_and_month(row.month)
    return MarketerLineRead(
        id=row.id,
        marketer_id=row.marketer_id,
        year=year,
        month=month,
        day=row.day,
        customer_id=row.customer_id,
        trade_id=row.trade_id,
        reference=row.reference,
        trades=row.trades,
        turnover_rials=row.turnover_rials,
        commission_rials=row.commission_rials,
        new_customers=row.new_customers,
        note=row.note,
        made_by=row.made_by,
        made_at=row.made_at,
        statement_id=row.statement_id,
    )
