"""Sealing and opening values of rows inside a migration, which has no vault yet."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from alembic import op

from host_api.core.clock import utc_now
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, WrappedKey, new_key

_BATCH: Final = 1000
_KEYS: Final = sa.table(
    "programme_keys",
    sa.column("programme_id", sa.BigInteger),
    sa.column("purpose", sa.String),
    sa.column("number", sa.Integer),
    sa.column("active_from", sa.DateTime(timezone=True)),
    sa.column("wrapped", sa.LargeBinary),
)
_PROGRAMMES: Final = sa.table("programmes", sa.column("id", sa.BigInteger))


class KeyringWanted(RuntimeError):  # noqa: N818
    """There are rows to be sealed or opened, and the migration was started without the master keys."""


def migration_cipher() -> FieldCipher:
    """What seals and opens with the keys that the database has; programmes without keys get their first.

    Raises:
        KeyringWanted, SealFault
    """
    configuration = op.get_context().config
    masters = None if configuration is None else configuration.attributes.get("masters")
    if not isinstance(masters, MasterKeyring):
        raise KeyringWanted("this migration seals rows: give the master keys")
    connection = op.get_bind()
    stored = [
        WrappedKey(
            programme_id,
            KeyPurpose(purpose),
            number,
            active_from if active_from.tzinfo else active_from.replace(tzinfo=UTC),
            wrapped,
        )
        for programme_id, purpose, number, active_from, wrapped in connection.execute(sa.select(_KEYS))
    ]
    have = {(key.programme_id, key.purpose) for key in stored}
    for programme_id in connection.scalars(sa.select(_PROGRAMMES.c.id)):
        for purpose in KeyPurpose:
            if (programme_id, purpose) not in have:
                stored.append(_first_key(masters, programme_id, purpose, utc_now()))
    keys = ProgrammeKeys(masters, utc_now)
    keys.install(stored)
    return FieldCipher(keys)


def batches(table: sa.TableClause, *columns: str) -> Iterator[Sequence[sa.RowMapping]]:
    """Rows of a table in the order of their ids, with the id and these columns."""
    last = 0
    names = [table.c[name] for name in ("id", *columns)]
    while True:
        statement = sa.select(*names).where(table.c.id > last).order_by(table.c.id).limit(_BATCH)
        rows = op.get_bind().execute(statement).mappings().all()
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]


def has_rows(table: str) -> bool:
    """Whether there is anything in a table."""
    return op.get_bind().scalar(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)) is not None


def begin_erasing() -> None:
    """Have SQLite overwrite what this migration's connection deletes."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete = ON")


def rewrite(table: str) -> None:
    """Have PostgreSQL write a table anew, without the columns that were dropped and the rows as they were."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CLUSTER {table} USING pk_{table}")
        op.execute(f"ALTER TABLE {table} SET WITHOUT CLUSTER")


def _first_key(masters: MasterKeyring, programme_id: int, purpose: KeyPurpose, now: datetime) -> WrappedKey:
    key = new_key(masters, programme_id, purpose, 1, active_from=now)
    op.get_bind().execute(
        sa.insert(_KEYS).values(
            programme_id=programme_id,
            purpose=purpose.value,
            number=key.number,
            active_from=now,
            wrapped=key.wrapped,
        )
    )
    return key
