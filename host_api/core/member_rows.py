"""What services declare of the rows that name a member, and how they follow one whose record is merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    and_,
    exists,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of

Key = list[int | str | None]

IN_THE_LEDGER: Final = (
    "what was paid is in the ledger under that number; what comes back goes there, and on from there"
)


@dataclass(frozen=True, slots=True)
class MemberRows:
    """What becomes of a table's rows when the record that a column names goes into another.

    Parameters:
        why: why they stay, or what takes them over; None where they move.
        only: which of them move; the others are history.
        sums: counts that are added to the surviving record's row, where that has one of its own.
    """

    attribute: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
    why: str | None = None
    only: ColumnElement[bool] | None = None
    sums: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """Whose rows they are."""
        table = self.attribute.parent.local_table
        if not isinstance(table, Table):
            raise TypeError("a member's rows are in a table")
        return table

    @property
    def column(self) -> Column[int]:
        """What names the member."""
        found: Column[int] = self.table.c[self.attribute.key]
        return found

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.table.name}.{self.column.name}"


def moves(
    attribute: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    *,
    only: ColumnElement[bool] | None = None,
    sums: tuple[str, ...] = (),
) -> MemberRows:
    """Rows that follow the member; where the surviving record has the same already, its own stands."""
    return MemberRows(attribute, only=only, sums=sums)


def stays(attribute: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], why: str) -> MemberRows:
    """Rows that keep the record's number."""
    return MemberRows(attribute, why)


async def move_some(
    session: WriteSession, rows: MemberRows, from_member: int, to_member: int, limit: int
) -> list[Key]:
    """Give up to `limit` rows to another record; their keys. None are left where there are fewer."""
    key = _key_of(rows)
    statement = select(*(key or [rows.column])).where(
        _is_of(session, rows, from_member), _is_free(rows, to_member)
    )
    if rows.only is not None:
        statement = statement.where(rows.only)
    found = await session.execute(statement.order_by(*key).limit(limit).with_for_update())
    keys: list[Key] = [list(row) if key else [] for row in found]
    await _give(session, rows, keys, from_member, to_member)
    if rows.sums and len(keys) < limit:
        await _add_up(session, rows, from_member, to_member)
    return keys


async def move_back(
    session: WriteSession, rows: MemberRows, keys: Sequence[Key], from_member: int, to_member: int
) -> None:
    """Give rows that `move_some` moved back to the record that had them, where they are still the other's."""
    await _give(session, rows, keys, to_member, from_member)


async def _give(
    session: WriteSession, rows: MemberRows, keys: Sequence[Key], from_member: int, to_member: int
) -> None:
    if not keys:
        return
    key = _key_of(rows)
    await session.execute(
        update(rows.table)
        .where(
            _is_of(session, rows, from_member),
            _is_free(rows, to_member),
            *([tuple_(*key).in_([tuple(each) for each in keys])] if key else []),
        )
        .values({rows.column: to_member})
        .execution_options(synchronize_session=False)
    )


async def _add_up(session: WriteSession, rows: MemberRows, from_member: int, to_member: int) -> None:
    """Add the counts of rows that stay to those of the surviving record, once."""
    table = rows.table
    left = await session.execute(
        select(*_key_of(rows), *(table.c[name] for name in rows.sums))
        .where(_is_of(session, rows, from_member))
        .with_for_update()
    )
    for row in left.all():
        same = and_(*(column == row[number] for number, column in enumerate(_key_of(rows))))
        counts = dict(zip(rows.sums, row[-len(rows.sums) :], strict=True))
        for member_id, values in (
            (to_member, {name: table.c[name] + count for name, count in counts.items()}),
            (from_member, dict.fromkeys(counts, 0)),
        ):
            await session.execute(
                update(table)
                .where(_is_of(session, rows, member_id), same)
                .values(values)
                .execution_options(synchronize_session=False)
            )


def _key_of(rows: MemberRows) -> list[Column[int]]:
    """What tells a member's rows apart; nothing where a member has but one."""
    return [
        column
        for column in rows.table.primary_key.columns
        if column is not rows.column and column.name != "programme_id"
    ]


def _is_of(session: WriteSession, rows: MemberRows, member_id: int) -> ColumnElement[bool]:
    return and_(rows.table.c.programme_id == programme_of(session.sync_session), rows.column == member_id)


def _is_free(rows: MemberRows, member_id: int) -> ColumnElement[bool]:
    """Whether the member has no row yet that would be the same."""
    other = rows.table.alias()
    clashes = [
        exists().where(
            other.c[rows.column.name] == member_id,
            other.c.programme_id == rows.table.c.programme_id,
            *(
                other.c[column.name].is_not_distinct_from(column)
                for column in unique
                if column is not rows.column and column.name != "programme_id"
            ),
        )
        for unique in _unique_with(rows)
    ]
    return and_(True, *(~clash for clash in clashes))


def _unique_with(rows: MemberRows) -> list[list[Column[int]]]:
    found = [list(rows.table.primary_key.columns)]
    found += [list(each.columns) for each in rows.table.constraints if isinstance(each, UniqueConstraint)]
    found += [_columns_of(each) for each in rows.table.indexes if each.unique]
    return [columns for columns in found if rows.column in columns]


def _columns_of(index: Index) -> list[Column[int]]:
    return list(index.columns)
