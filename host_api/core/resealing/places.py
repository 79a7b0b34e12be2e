"""Everywhere in the database where sealed values stand, each sealed anew step by step.

Sealed columns are found by their declarations. The audit log and the outbox hold copies of them within JSON.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from sqlalchemy import String, cast, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.audit import SEALED_PREFIX, AuditEntry, Plain
from host_api.core.database import WriteSession
from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.reencryption import ResealStep, reseal_step
from host_api.core.encryption.sealed_field import SealedField, declared_fields, sealed_field_of
from host_api.core.outbox import SEALED_TAG, OutboxRow
from host_api.core.tables import Base

_ROWS: Final = 200
_SCANNED_ROWS: Final = 2_000

RowT = TypeVar("RowT", AuditEntry, OutboxRow)
Step = Callable[[WriteSession, FieldCipher, int, int], Awaitable[ResealStep]]


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """A table, or columns of one.

    Parameters:
        step: seals a bounded number of rows anew, given session, cipher, programme and the id to go on after.
    """

    name: str
    step: Step


def sealed_places() -> list[SealedPlace]:
    """All of them; the copies come after what they are copied from."""
    tables = [
        SealedPlace(fields[0].rows.__tablename__, _columns(fields))
        for fields in declared_fields(Base).values()
    ]
    tables.sort(key=lambda place: place.name)
    return [*tables, SealedPlace("outbox.record", _outbox), SealedPlace("audit_log", _audit_log)]


def _columns(fields: list[SealedField]) -> Step:
    async def step(
        session: WriteSession, cipher: FieldCipher, programme_id: int, after_id: int
    ) -> ResealStep:
        return await reseal_step(
            session,
            cipher,
            fields[0].rows,
            fields,
            programme_id=programme_id,
            after_id=after_id,
            limit=_ROWS,
        )

    return step


async def _outbox(session: WriteSession, cipher: FieldCipher, programme_id: int, after_id: int) -> ResealStep:
    def fresh(row: OutboxRow) -> dict[str, dict[str, str]]:
        record = {}
        for key, text in row.record.items():
            name = key.partition(SEALED_TAG)[2]
            record[key] = _anew(cipher, programme_id, name, row.subject_id, text) if name else text
        return {} if record == row.record else {"record": record}

    return await _json_step(
        session, OutboxRow, (OutboxRow.record,), mark=SEALED_TAG, after_id=after_id, fresh=fresh
    )


async def _audit_log(
    session: WriteSession, cipher: FieldCipher, programme_id: int, after_id: int
) -> ResealStep:
    def fresh(row: AuditEntry) -> dict[str, dict[str, Plain]]:
        values = {"before": row.before, "after": row.after}
        return {
            name: sealed
            for name, held in values.items()
            if held is not None and (sealed := _audited(cipher, row, held)) != held
        }

    return await _json_step(
        session,
        AuditEntry,
        (AuditEntry.before, AuditEntry.after),
        mark=f'"{SEALED_PREFIX}',
        after_id=after_id,
        fresh=fresh,
    )


def _audited(cipher: FieldCipher, entry: AuditEntry, held: Mapping[str, Plain]) -> dict[str, Plain]:
    sealed = dict(held)
    for column, value in held.items():
        name = sealed_field_of(entry.table_name, column)
        # Bytes of other columns look alike, and aren't sealed.
        if name is not None and isinstance(value, str) and value.startswith(SEALED_PREFIX):
            text = value.removeprefix(SEALED_PREFIX)
            sealed[column] = SEALED_PREFIX + _anew(cipher, entry.programme_id, name, int(entry.row_key), text)
    return sealed


def _anew(cipher: FieldCipher, programme_id: int, name: str, row_id: int, text: str) -> str:
    """A sealed value in base 64 under the key of today.

    Raises:
        SealFault: it can't be opened.
        ValueError: it is no base 64.
    """
    envelope = base64.b64decode(text, validate=True)
    if cipher.is_current(programme_id, envelope):
        return text
    opened = cipher.open(programme_id, name, row_id, envelope)
    return base64.b64encode(cipher.seal(programme_id, name, row_id, opened)).decode()


async def _json_step(
    session: WriteSession,
    rows: type[RowT],
    columns: tuple[
        InstrumentedAttribute[dict[str, str]] | InstrumentedAttribute[dict[str, Plain] | None], ...
    ],
    *,
    mark: str,
    after_id: int,
    fresh: Callable[[RowT], Mapping[str, object]],
) -> ResealStep:
    """A step over rows in whose JSON `mark` stands; no other writer has them until it is committed."""
    ids = select(rows.id).where(rows.id > after_id).order_by(rows.id).limit(_SCANNED_ROWS).subquery()
    last_id, examined = (
        await session.execute(select(func.max(ids.c.id), func.count()).select_from(ids))
    ).one()
    if last_id is None:
        return ResealStep(None, 0, 0, 0, ())
    found = await session.scalars(
        select(rows)
        .where(
            rows.id > after_id,
            rows.id <= last_id,
            or_(*(cast(column, String).contains(mark) for column in columns)),
        )
        .order_by(rows.id)
        .with_for_update()
    )
    resealed = 0
    damaged = []
    for row in found.all():
        try:
            values = fresh(row)
        except (SealFault, binascii.Error, ValueError):
            damaged.append(row.id)
            continue
        if values:
            await session.execute(
                update(rows)
                .where(rows.id == row.id)
                .values(values)
                .execution_options(synchronize_session=False)
            )
            resealed += 1
    session.expunge_all()
    return ResealStep(last_id if examined == _SCANNED_ROWS else None, examined, resealed, 0, tuple(damaged))
