"""Seals stored values anew under the keys of today, in steps that can stop and go on anywhere."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.sealed_field import SealedField


@dataclass(frozen=True, slots=True)
class ResealStep:
    """What one step did.

    Attributes:
        next_after_id: where the next step goes on; None after the last one.
        examined: rows looked at.
        resealed: rows written.
        overtaken: rows that somebody else changed in between, with the keys of today or to be met again.
        damaged_ids: rows of which a value can't be opened, or whose blind index another row has already; they
        were left as they are.
    """

    next_after_id: int | None
    examined: int
    resealed: int
    overtaken: int
    damaged_ids: tuple[int, ...]


async def reseal_step(
    session: AsyncSession,
    cipher: FieldCipher,
    rows: type[DeclarativeBase],
    fields: Sequence[SealedField],
    *,
    programme_id: int,
    after_id: int = 0,
    limit: int = 500,
) -> ResealStep:
    """Seal and blind anew what isn't under the active keys, in up to `limit` rows of one programme by id.

    A row is written only where it still holds what was read, so no other writer is undone. The caller
    commits; a step that was rolled back is simply done again. A run with nothing resealed, overtaken or
    damaged has found all rows under the active keys.

    Parameters:
        rows: a model with `id` and `programme_id`.
        fields: sealed fields of it, one or more.
        limit: 1 to 10,000.

    Raises:
        ValueError: no field, or `limit` out of range.
        SealFault: key, for a programme without keys.
    """
    if not fields or not 1 <= limit <= 10_000:
        raise ValueError("a step needs a field and a limit from 1 to 10,000")
    cipher.require_keys(programme_id)
    columns = _columns(fields)
    key = rows.__table__.c
    found = (
        await session.execute(
            select(key.id, *columns)
            .where(key.programme_id == programme_id, key.id > after_id)
            .order_by(key.id)
            .limit(limit)
        )
    ).all()
    indexes = {field.index.key for field in fields if field.index is not None}
    resealed = overtaken = 0
    damaged: list[int] = []
    for row_id, *values in found:
        held: dict[str, bytes | None] = {
            column.key: value for column, value in zip(columns, values, strict=True)
        }
        try:
            fresh = _resealed(cipher, fields, programme_id, row_id, held)
        except SealFault:
            damaged.append(row_id)
            continue
        if not fresh:
            continue
        statement = (
            update(rows)
            .where(
                key.programme_id == programme_id,
                key.id == row_id,
                *(column.is_not_distinct_from(held[column.key]) for column in columns if column.key in fresh),
            )
            .values(fresh)
            .returning(key.id)
            .execution_options(synchronize_session=False)
        )
        try:
            # Values that came twice while they were blinded by two keys meet here.
            async with session.begin_nested() if set(fresh) & indexes else nullcontext():
                written = await session.execute(statement)
        except IntegrityError:
            damaged.append(row_id)
            continue
        if written.first() is None:
            overtaken += 1
        else:
            resealed += 1
    return ResealStep(
        next_after_id=found[-1][0] if len(found) == limit else None,
        examined=len(found),
        resealed=resealed,
        overtaken=overtaken,
        damaged_ids=tuple(damaged),
    )


def _columns(fields: Sequence[SealedField]) -> list[InstrumentedAttribute[bytes | None]]:
    columns = []
    for field in fields:
        columns.append(field.sealed)
        if field.index is not None:
            columns.append(field.index)
    return columns


def _resealed(
    cipher: FieldCipher,
    fields: Sequence[SealedField],
    programme_id: int,
    row_id: int,
    held: dict[str, bytes | None],
) -> dict[str, bytes | None]:
    """New contents of the columns that are not under the active keys.

    Raises:
        SealFault: a value can't be opened.
    """
    fresh: dict[str, bytes | None] = {}
    for field in fields:
        envelope = held[field.sealed.key]
        if not envelope:
            continue
        is_sealed = cipher.is_current(programme_id, envelope)
        index = None if field.index is None else held[field.index.key]
        is_indexed = field.index is None or (
            index is not None and cipher.is_current_index(programme_id, index)
        )
        if is_sealed and is_indexed:
            continue
        text = cipher.open(programme_id, field.name, row_id, envelope)
        if not is_sealed:
            fresh[field.sealed.key] = field.sealed_bytes(cipher, programme_id, row_id, text)
        if not is_indexed and field.index is not None:
            fresh[field.index.key] = field.index_bytes(cipher, programme_id, text)
    return fresh
