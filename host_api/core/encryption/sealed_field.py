"""Sealed columns in models.

A model has a column of bytes for the sealed value and, where it is searched for, another for the blind index.
Beside the model stands what joins them::

    class Member(InProgramme, Base):
        national_id_sealed: Mapped[SealedBytes | None]
        national_id_index: Mapped[BlindIndex | None] = mapped_column(index=True)

    NATIONAL_ID = SealedField("members.national_id", Member.national_id_sealed, Member.national_id_index)

A row gets its id before its values are sealed: `session.flush()` comes first, `NATIONAL_ID.seal(...)` then.
"""

from collections.abc import Callable
from typing import Annotated, Protocol, cast

from sqlalchemy import ColumnElement, LargeBinary
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column

from host_api.core.encryption.field_cipher import INDEX_BYTES, FieldCipher

SealedBytes = Annotated[bytes, mapped_column(LargeBinary)]
BlindIndex = Annotated[bytes, mapped_column(LargeBinary(INDEX_BYTES), info={"secret": True})]


_names_by_column: dict[tuple[str, str], str] = {}
_declared: list["SealedField"] = []


def declared_fields(base: type[DeclarativeBase]) -> dict[type[DeclarativeBase], list["SealedField"]]:
    """All sealed fields of models under `base` whose modules have been imported, by model."""
    by_model: dict[type[DeclarativeBase], list[SealedField]] = {}
    for field in _declared:
        if issubclass(field.rows, base):
            by_model.setdefault(field.rows, []).append(field)
    return by_model


def sealed_field_of(table_name: str, column: str) -> str | None:
    """The field's name under which values of a table's column are sealed, None for other columns."""
    return _names_by_column.get((table_name, column))


def keep_former_column(table_name: str, column: str, field_name: str) -> None:
    """Let values of a column that is no more, which the audit log still has, be opened."""
    _names_by_column[table_name, column] = field_name


class SealedRow(Protocol):
    """A row that can have sealed columns."""

    @property
    def id(self) -> int:
        """Primary key."""

    @property
    def programme_id(self) -> int:
        """The programme that it belongs to."""


class SealedField:
    """A value of a row that is kept sealed.

    Parameters:
        name: ``table.column``; sealed with each value, so it stays the same for ever.
        sealed: the column of the sealed value.
        index: the column of the blind index; left out, the value can't be searched for.
        normalise: what is done to a value before it is blinded, so that writings of one value have one index.
    """

    def __init__(
        self,
        name: str,
        sealed: InstrumentedAttribute[bytes | None] | InstrumentedAttribute[bytes],
        index: InstrumentedAttribute[bytes | None] | None = None,
        *,
        normalise: Callable[[str], str] = str,
    ) -> None:
        self.name = name
        self.sealed = sealed
        self.index = index
        self._normalise = normalise
        table_name = getattr(sealed.class_, "__tablename__", "")
        _names_by_column[table_name, sealed.key] = name
        _declared.append(self)

    @property
    def rows(self) -> type[DeclarativeBase]:
        """The model."""
        return cast(type[DeclarativeBase], self.sealed.class_)

    def seal(self, cipher: FieldCipher, row: SealedRow, text: str | None) -> None:
        """Put `text` into the row's columns, or nothing into both.

        Raises:
            ValueError: the row has no id yet.
            SealFault: key, for a programme without keys.
        """
        if row.id is None or row.programme_id is None:
            raise ValueError("a value is sealed for its row: flush the row first")
        setattr(row, self.sealed.key, self.sealed_bytes(cipher, row.programme_id, row.id, text))
        if self.index is not None:
            setattr(row, self.index.key, self.index_bytes(cipher, row.programme_id, text))

    def open(self, cipher: FieldCipher, row: SealedRow) -> str | None:
        """The row's value.

        Raises:
            SealFault: version, key or damaged.
        """
        envelope: bytes | None = getattr(row, self.sealed.key)
        if envelope is None:
            return None
        return cipher.open(row.programme_id, self.name, row.id, envelope)

    def equals(self, cipher: FieldCipher, programme_id: int, text: str) -> ColumnElement[bool]:
        """Condition of a query: the value is `text`.

        Raises:
            ValueError: the field has no blind index.
            SealFault: key, for a programme without keys.
        """
        if self.index is None:
            raise ValueError("a field without a blind index can't be searched for")
        return self.index.in_(cipher.indexes(programme_id, self.name, self._normalise(text)))

    def sealed_bytes(
        self, cipher: FieldCipher, programme_id: int, row_id: int, text: str | None
    ) -> bytes | None:
        """What the sealed column holds for `text`."""
        return None if text is None else cipher.seal(programme_id, self.name, row_id, text)

    def index_bytes(self, cipher: FieldCipher, programme_id: int, text: str | None) -> bytes | None:
        """What the index column holds for `text`."""
        return None if text is None else cipher.index(programme_id, self.name, self._normalise(text))
