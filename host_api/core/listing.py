"""Lists: declared filters, declared orders and cursors, the same way for every service.

A service declares its list as a query model: each filter is annotated with the comparison it stands for,
and `sorts` names the orders. A page continues after the last row seen, by the order's column and the row's
key, so rows that come or go meanwhile neither double nor hide others.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, ClassVar, Generic, TypeVar, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Integer, Select, String, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.beginnings import BeginsWith
from host_api.core.clock import to_epoch_ms
from host_api.core.database import AnySession
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.tables import UtcDateTime

ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT")

LARGEST_PAGE = 200
_LARGEST_CURSOR = 256

# Pydantic takes it for seconds or for milliseconds, by its size.
_BARE_NUMBER = re.compile(r"\s*[+-]?[0-9._]+(e[+-]?[0-9]+)?\s*", re.ASCII | re.IGNORECASE)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_US = 10**17  # within the year 5138
_CURSOR_OF_ANOTHER_LIST = FieldProblem(
    field="cursor",
    location="query",
    code="cursor",
    message="The cursor belongs to another list or order",
    message_fa="نشانگر صفحه از فهرست یا ترتیب دیگری است.",
)

Position = tuple[str, int | str, int | str]
Column = InstrumentedAttribute[int] | InstrumentedAttribute[str] | InstrumentedAttribute[datetime]


class Page(BaseModel, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None = Field(
        description="Send as `cursor` for the next page; null on the last one.", examples=["WyJpZCIsMTIsMTJd"]
    )


@dataclass(frozen=True, slots=True)
class Equals:
    """Rows whose column has the value."""

    column: InstrumentedAttribute[object]

    def where(self, value: object) -> ColumnElement[bool]:
        """The comparison."""
        return self.column == _comparable(self.column, value)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Rows whose column has the value or more."""

    column: InstrumentedAttribute[object]

    def where(self, value: object) -> ColumnElement[bool]:
        """The comparison."""
        return self.column >= _comparable(self.column, value)


@dataclass(frozen=True, slots=True)
class Below:
    """Rows whose column has less than the value."""

    column: InstrumentedAttribute[object]

    def where(self, value: object) -> ColumnElement[bool]:
        """The comparison."""
        return self.column < _comparable(self.column, value)


@dataclass(frozen=True, slots=True)
class StartsWith:
    """Rows whose text begins with the value, letter by letter the same."""

    column: InstrumentedAttribute[object]

    def where(self, value: object) -> ColumnElement[bool]:
        """The comparison."""
        return BeginsWith(self.column, str(value))


def _comparable(column: InstrumentedAttribute[object], value: object) -> object:
    """`value` as the column holds it: an enumeration's value, and milliseconds where instants are counted."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime) and isinstance(column.type, Integer):
        return to_epoch_ms(value)
    return value


Filter = Equals | AtLeast | Below | StartsWith


def encode_cursor(position: Position) -> str:
    """The cursor of a page that begins after `position`: name of the order, its value, the row's key."""
    text = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Position:
    """The position in a cursor.

    Raises:
        PydanticCustomError: the text is not a cursor of this API.
    """
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        position = None
    match position:
        case [str() as sort, int() | str() as value, int() | str() as key]:
            return sort, value, key
        case _:
            raise PydanticCustomError("cursor", "The cursor is not one that this API gave")


def _takes_instants(field: FieldInfo) -> bool:
    kinds = get_args(field.annotation) or (field.annotation,)
    return any(kind in (datetime, AwareDatetime) or datetime in get_args(kind) for kind in kinds)


def _check_cursor(cursor: str) -> str:
    decode_cursor(cursor)
    return cursor


class FilterQuery(BaseModel):
    """Which rows in which order; a service adds its filters, and a `sort` whose names stand in `sorts`.

    `sorts["id"]` is the row's key, in which two rows never agree.
    """

    model_config = ConfigDict(extra="forbid")

    sorts: ClassVar[Mapping[str, Column]]

    @field_validator("*", mode="before")
    @classmethod
    def _check_text(cls, value: object, info: ValidationInfo) -> object:
        """Refuse what no row has, or can be read in two ways."""
        if isinstance(value, str):
            if "\0" in value:  # PostgreSQL keeps no such text
                raise PydanticCustomError("string_pattern_mismatch", "The text has a NUL character")
            if _BARE_NUMBER.fullmatch(value) and _takes_instants(cls.model_fields[info.field_name or ""]):
                raise PydanticCustomError("datetime_parsing", "An instant is written by ISO 8601")
        return value

    @property
    def order(self) -> str:
        """Name of the order wanted; a leading minus turns it round."""
        wanted = getattr(self, "sort", None)
        return str(wanted.value) if isinstance(wanted, Enum) else str(wanted or "id")

    def sort_column(self, name: str) -> Column:
        """The column of an order; another one that is always equal to it may be read faster."""
        return self.sorts[name]

    def filters(self) -> list[ColumnElement[bool]]:
        """The comparisons that the caller asked for."""
        return [
            comparison.where(value)
            for name, field in type(self).model_fields.items()
            for comparison in field.metadata
            if isinstance(comparison, Filter) and (value := getattr(self, name)) is not None
        ]


class ListQuery(FilterQuery):
    """What every list takes: filters, order, and which page."""

    cursor: Annotated[
        Annotated[str, AfterValidator(_check_cursor)] | None,
        Field(
            max_length=_LARGEST_CURSOR, description="`next_cursor` of the page before, with the same filters."
        ),
    ] = None
    limit: int = Field(default=50, ge=1, le=LARGEST_PAGE, description="Most items on the page.")


async def read_rows(
    session: AnySession, statement: Select[RowT], query: ListQuery
) -> tuple[list[RowT], str | None]:
    """The rows of one page of `statement`, and the cursor of the next.

    Raises:
        ValidationFailed: the cursor belongs to another list or order.
    """
    return await read_rows_after(session, statement, query, query.cursor, query.limit)


async def read_rows_after(
    session: AnySession, statement: Select[RowT], query: FilterQuery, cursor: str | None, limit: int
) -> tuple[list[RowT], str | None]:
    """Up to `limit` rows of `statement` after `cursor`, and the cursor of those behind them.

    Raises:
        ValidationFailed: the cursor belongs to another list or order.
    """
    order = query.order
    column, key = query.sort_column(order.removeprefix("-")), query.sort_column("id")
    is_descending = order.startswith("-")
    statement = statement.where(*query.filters())
    if cursor is not None:
        sort, value, last = decode_cursor(cursor)
        if sort != order:
            raise ValidationFailed([_CURSOR_OF_ANOTHER_LIST])
        after = (_as_in(column, value), _as_in(key, last))
        if column is key:
            statement = statement.where(key < after[1] if is_descending else key > after[1])
        else:
            here, there = tuple_(column, key), tuple_(*after)
            statement = statement.where(here < there if is_descending else here > there)
    # Named twice, the key would keep SQLite from reading an index in its order.
    columns = (key,) if column is key else (column, key)
    ordering = [each.desc() if is_descending else each.asc() for each in columns]
    rows = list(await session.scalars(statement.order_by(*ordering).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    rows.pop()
    return rows, encode_cursor(
        (order, _plain(getattr(rows[-1], column.key)), _plain(getattr(rows[-1], key.key)))
    )


def _plain(value: object) -> int | str:
    """A column's value as a cursor has it; an instant in microseconds."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    if isinstance(value, int | str):
        return value
    raise TypeError("a list can't be ordered by this column")


def _as_in(column: Column, value: int | str) -> int | str | datetime:
    """The reverse, for a value that a caller may have made up."""
    if isinstance(column.type, UtcDateTime) and isinstance(value, int) and abs(value) < _LATEST_US:
        return _EPOCH + timedelta(microseconds=value)
    if isinstance(column.type, Integer) and isinstance(value, int) and abs(value) < 2**63:
        return value
    if isinstance(column.type, String) and isinstance(value, str) and "\0" not in value:
        return value
    raise ValidationFailed([_CURSOR_OF_ANOTHER_LIST])
