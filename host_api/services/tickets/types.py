"""Types of tickets, and whether given values are those that a type asks for."""

from collections.abc import Mapping

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.tickets import departments
from host_api.services.tickets.listing import TicketTypeQuery
from host_api.services.tickets.models import TicketType
from host_api.services.tickets.problems import TicketCodeTaken, TicketFieldsWrong, TicketTypeNotFound
from host_api.services.tickets.schemas import (
    FieldKind,
    TicketField,
    TicketTypeCreate,
    TicketTypeRead,
    TicketTypeUpdate,
)


async def create(session: WriteSession, wanted: TicketTypeCreate) -> tuple[TicketTypeRead, TicketType]:
    """Add a type.

    Raises:
        TicketCodeTaken, TicketDepartmentNotFound
    """
    await departments.find(session, wanted.department_id)
    row = TicketType(**wanted.model_dump(mode="json"), is_open=True)
    session.add(row)
    async with conflict_as(TicketCodeTaken()):
        await session.flush()
    return shown(row), row


async def change(
    session: WriteSession, type_id: int, wanted: TicketTypeUpdate, if_match: str
) -> tuple[TicketTypeRead, TicketType]:
    """Change a type for tickets to come.

    Raises:
        TicketTypeNotFound, ChangedMeanwhile, TicketDepartmentNotFound
    """
    row = await session.get(TicketType, type_id)
    if row is None:
        raise TicketTypeNotFound
    check_version(row, if_match)
    for name, value in wanted.model_dump(mode="json", exclude_unset=True, exclude_none=True).items():
        setattr(row, name, value)
    await departments.find(session, row.department_id)
    await session.flush()
    return shown(row), row


async def find_open(session: AnySession, code: str) -> TicketType:
    """A type that tickets can be of.

    Raises:
        TicketTypeNotFound
    """
    row = await session.scalar(select(TicketType).where(TicketType.code == code, TicketType.is_open))
    if row is None:
        raise TicketTypeNotFound
    return row


async def read_page(session: ReadSession, query: TicketTypeQuery) -> Page[TicketTypeRead]:
    """A page of types."""
    rows, next_cursor = await read_rows(session, select(TicketType), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def codes_of(session: AnySession, type_ids: set[int]) -> dict[int, str]:
    """Codes of types by their ids."""
    rows = await session.execute(select(TicketType.id, TicketType.code).where(TicketType.id.in_(type_ids)))
    return {row.id: row.code for row in rows}


def check_values(row: TicketType, values: Mapping[str, str | int]) -> None:
    """See that values are those that a type asks for.

    Raises:
        TicketFieldsWrong
    """
    fields = {field.name: field for field in map(TicketField.model_validate, row.fields)}
    # A name that no field has isn't said again: it may be anything.
    wrong = [
        name if name in fields else ""
        for name, value in values.items()
        if not _is_of(fields.get(name), value)
    ]
    wrong += [name for name, field in fields.items() if field.is_required and name not in values]
    if wrong:
        raise TicketFieldsWrong(sorted(set(wrong)))


def _is_of(field: TicketField | None, value: str | int) -> bool:
    return field is not None and _fits(field, value)


def _fits(field: TicketField, value: str | int) -> bool:
    match field.kind:
        case FieldKind.TEXT:
            return isinstance(value, str)
        case FieldKind.CHOICE:
            return value in field.choices
        case FieldKind.NUMBER:
            if not isinstance(value, int):
                return False
            return (field.least is None or value >= field.least) and (
                field.most is None or value <= field.most
            )


def shown(row: TicketType) -> TicketTypeRead:
    """A type as callers see it."""
    return TicketTypeRead(
        id=row.id,
        code=row.code,
        name_fa=row.name_fa,
        name_en=row.name_en,
        department_id=row.department_id,
        fields=[TicketField.model_validate(field) for field in row.fields],
        is_open=row.is_open,
    )
