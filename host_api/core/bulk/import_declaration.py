"""What a service declares so that its records can be imported."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel

from host_api.core.access.permissions import Permission
from host_api.core.bulk.file_fault import RowFault
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher

RowT = TypeVar("RowT", bound=BaseModel)

# Rows with their numbers, so many at once.
NumberedRows = AsyncIterator[Sequence[tuple[int, RowT]]]


class OnExisting(StrEnum):
    """What becomes of a row whose key a record has already."""

    SKIP = "skip"
    REPLACE = "replace"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column, known by any of its headers in any case and spelling.

    Parameters:
        name: field of the row's schema, and key in JSON.
        also: further headers.
    """

    name: str
    title: str
    title_fa: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Importable(Generic[RowT]):
    """Records that can be imported. The functions work in the import's transaction and don't commit.

    Parameters:
        name: stable name.
        permission: what whoever imports needs, and whoever reads the files of an import.
        row: schema of a row, in which a number and a list may come as text; with `hide_input_in_errors`.
        ignored: columns of an export that an import passes over.
        key: a row's natural key, None for a row without.
        existing: ids of the records with these keys.
        insert: stores new records and gives their ids in the same order.
        replace: writes what rows give into records by id; what a row leaves out stays.
        clash: where `insert` only adds rows, and the tables refuse what may not be there twice: as what the
            import fails then. Others write while such an import goes on, also on SQLite.
        check: where rows hang together: what is wrong with them as a whole. It is asked when each has been
            looked at by itself, and again, with a session that writes, before the first is stored.
    """

    name: str
    permission: Permission
    row: type[RowT]
    columns: tuple[ImportColumn, ...]
    ignored: tuple[str, ...]
    key: Callable[[RowT], str | None]
    existing: Callable[[AnySession, FieldCipher, Sequence[str]], Awaitable[Mapping[str, int]]]
    insert: Callable[[WriteSession, FieldCipher, Sequence[RowT]], Awaitable[Sequence[int]]]
    replace: Callable[[WriteSession, FieldCipher, Mapping[int, RowT]], Awaitable[None]]
    clash: str | None = None
    check: Callable[[AnySession, FieldCipher, NumberedRows[RowT]], Awaitable[Sequence[RowFault]]] | None = (
        None
    )

    def __post_init__(self) -> None:
        if self.clash is not None and self.check is not None:
            raise ValueError("rows that only come with the last transaction can't be checked with others")
        if {column.name for column in self.columns} != set(self.row.model_fields):
            raise ValueError("every field of a row has its column")
