"""What a service declares so that one of its lists can be exported, and what a caller may choose."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import FieldProblem, Language, ValidationFailed
from host_api.core.jalali import Calendar
from host_api.core.listing import FilterQuery

QueryT = TypeVar("QueryT", bound="ExportQuery")

_UNKNOWN_COLUMN = FieldProblem(
    field="columns",
    location="query",
    code="column",
    message="A column that this list doesn't have, or the same one twice",
    message_fa="ستونی که در این فهرست نیست، یا یک ستون دو بار.",
)


class ExportFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON_LINES = "jsonl"


class ExportQuery(FilterQuery):
    """What every export takes beside the list's own filters and order."""

    format: ExportFormat = Field(default=ExportFormat.CSV, description="`jsonl`: a JSON object on each line.")
    columns: str | None = Field(
        default=None,
        max_length=1000,
        description="Names of columns in the order wanted, with commas between; left out, all.",
        examples=["id,name"],
    )
    headers: Language | None = Field(
        default=None,
        description="Headers in English or Persian; left out, by Accept-Language. JSON always has the names.",
    )
    calendar: Calendar | None = Field(
        default=None,
        description="Instants by the clock in Tehran in this calendar; left out, ISO 8601 in UTC.",
    )


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: an attribute of the items, and what stands over it."""

    name: str
    title: str
    title_fa: str


@dataclass(frozen=True, slots=True)
class Exportable(Generic[QueryT]):
    """A list that can be exported.

    Parameters:
        name: stable name, which begins the file's.
        read: up to a number of items after a cursor, and the cursor of those behind them.
    """

    name: str
    columns: tuple[ExportColumn, ...]
    read: Callable[
        [AnySession, FieldCipher, QueryT, str | None, int],
        Awaitable[tuple[list[BaseModel], str | None]],
    ]

    def chosen(self, query: ExportQuery) -> list[ExportColumn]:
        """The columns that the caller wants.

        Raises:
            ValidationFailed
        """
        if query.columns is None:
            return list(self.columns)
        known: Mapping[str, ExportColumn] = {column.name: column for column in self.columns}
        names = [name.strip() for name in query.columns.split(",")]
        if len(set(names)) != len(names) or not known.keys() >= set(names):
            raise ValidationFailed([_UNKNOWN_COLUMN])
        return [known[name] for name in names]
