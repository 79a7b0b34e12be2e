"""The table of the programmes' keys, and what is done to it. The caller commits.

A rotation of a programme's keys: `add_key`, and after `NEW_KEY_WAITS` `reencryption.reseal_step` until
nothing is left, then `retire_key`. A rotation of the master key: `MasterKeyring.with_new_key` written to its
file and loaded by every process, then `rewrap_keys`, then `MasterKeyring.without`.
"""

import os
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.envelope import RandomBytes
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import (
    NEW_KEY_WAITS,
    KeyPurpose,
    ProgrammeKeys,
    WrappedKey,
    new_key,
    rewrapped,
)
from host_api.core.tables import Instant


class ProgrammeKeyColumns:
    """Base of the table's class."""

    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("programmes.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(5), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    active_from: Mapped[Instant]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


KeyTable = type[ProgrammeKeyColumns]


async def stored_keys(
    session: AsyncSession, table: KeyTable, programme_id: int | None = None
) -> list[WrappedKey]:
    """The keys of one programme, or of all."""
    statement = select(
        table.programme_id, table.purpose, table.number, table.active_from, table.wrapped
    ).order_by(table.programme_id, table.purpose, table.number)
    if programme_id is not None:
        statement = statement.where(table.programme_id == programme_id)
    return [
        WrappedKey(programme, KeyPurpose(purpose), number, active_from, wrapped)
        for programme, purpose, number, active_from, wrapped in await session.execute(statement)
    ]


async def load_keys(session: AsyncSession, table: KeyTable, keys: ProgrammeKeys) -> None:
    """Hold in `keys` what is stored, and nothing else; at the start, and every `LOAD_KEYS_EVERY`.

    Raises:
        SealFault: a key can't be unwrapped.
    """
    keys.install(await stored_keys(session, table))


async def add_key(
    session: AsyncSession,
    table: KeyTable,
    masters: MasterKeyring,
    programme_id: int,
    purpose: KeyPurpose,
    *,
    now: datetime,
    random_bytes: RandomBytes = os.urandom,
) -> int:
    """Store one more key of a programme and give its number.

    The first one seals at once, a later one after `NEW_KEY_WAITS`. Of two callers at once, one meets the
    primary key (`IntegrityError`).
    """
    highest = await session.scalar(
        select(func.max(table.number)).where(
            table.programme_id == programme_id, table.purpose == purpose.value
        )
    )
    active_from = now if highest is None else now + NEW_KEY_WAITS
    key = new_key(
        masters,
        programme_id,
        purpose,
        1 if highest is None else highest + 1,
        active_from=active_from,
        random_bytes=random_bytes,
    )
    await session.execute(
        insert(table).values(
            programme_id=programme_id,
            purpose=purpose.value,
            number=key.number,
            active_from=active_from,
            wrapped=key.wrapped,
        )
    )
    return key.number


async def retire_key(
    session: AsyncSession, table: KeyTable, programme_id: int, purpose: KeyPurpose, number: int
) -> None:
    """Delete a key that has sealed nothing that is still kept.

    Raises:
        ValueError: it is the highest of its programme and purpose, or not there.
    """
    numbers = [
        key.number for key in await stored_keys(session, table, programme_id) if key.purpose is purpose
    ]
    if number not in numbers or number == max(numbers):
        raise ValueError("only a key that is there and has a successor can be retired")
    await session.execute(
        delete(table).where(
            table.programme_id == programme_id, table.purpose == purpose.value, table.number == number
        )
    )


async def rewrap_keys(
    session: AsyncSession,
    table: KeyTable,
    masters: MasterKeyring,
    random_bytes: RandomBytes = os.urandom,
) -> int:
    """Wrap every key under the active master key, and give their number. Sealed values stay as they are.

    Raises:
        SealFault: a key can't be unwrapped.
    """
    stored = await stored_keys(session, table)
    for key in stored:
        await session.execute(
            update(table)
            .where(
                table.programme_id == key.programme_id,
                table.purpose == key.purpose.value,
                table.number == key.number,
            )
            .values(wrapped=rewrapped(masters, key, random_bytes))
        )
    return len(stored)


async def erase_keys(session: AsyncSession, table: KeyTable, programme_id: int) -> None:
    """Delete all keys of a programme: what they sealed can't be opened again, by nobody.

    Backups of the database still hold them, so an erasure is done again after one has been restored. The
    caller calls `ProgrammeKeys.forget` after the commit; other processes forget when they load next.
    """
    await session.execute(delete(table).where(table.programme_id == programme_id))
