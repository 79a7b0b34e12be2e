"""Seals the mobile numbers of members, and what the audit log has of them; and the reverse."""

import base64
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from host_api.core.migrations.sealing import cipher_for
from host_api.core.tables import UtcDateTime

_BATCH = 500

_MEMBERS = sa.table(
    "members",
    sa.column("id", sa.BigInteger()),
    sa.column("programme_id", sa.BigInteger()),
    sa.column("mobile", sa.String()),
    sa.column("created_at", UtcDateTime()),
)
_IDENTITIES = sa.table(
    "member_identities",
    sa.column("id", sa.BigInteger()),
    sa.column("programme_id", sa.BigInteger()),
    sa.column("member_id", sa.BigInteger()),
    sa.column("kind", sa.String()),
    sa.column("is_unique", sa.Boolean()),
    sa.column("created_at", UtcDateTime()),
    sa.column("value_sealed", sa.LargeBinary()),
    sa.column("value_index", sa.LargeBinary()),
)
_AUDIT = sa.table(
    "audit_log",
    sa.column("id", sa.BigInteger()),
    sa.column("programme_id", sa.BigInteger()),
    sa.column("table_name", sa.String()),
    sa.column("row_key", sa.String()),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
)
# The names under which values are sealed, which stay the same for ever.
_VALUE = "member_identities.value"
_AUDITED = "members.mobile"


def seal_mobiles() -> None:
    """Make identities of the plain numbers.

    Raises:
        RuntimeError: there are some, and no keys.
    """
    connection = op.get_bind()
    present = sa.select(_MEMBERS.c.programme_id).where(_MEMBERS.c.mobile.is_not(None)).distinct()
    programme_ids = set(connection.scalars(present))
    if programme_ids:
        cipher = cipher_for(programme_ids)
        number = 0
        for rows in _chunks(sa.select(_MEMBERS).where(_MEMBERS.c.mobile.is_not(None)), _MEMBERS):
            first, number = number + 1, number + len(rows)
            connection.execute(
                _IDENTITIES.insert(),
                [
                    {
                        "id": identity,
                        "programme_id": row.programme_id,
                        "member_id": row.id,
                        "kind": "mobile",
                        "is_unique": False,
                        "created_at": row.created_at,
                        "value_sealed": cipher.seal(row.programme_id, _VALUE, identity, row.mobile),
                        "value_index": cipher.index(row.programme_id, _VALUE, row.mobile),
                    }
                    for identity, row in enumerate(rows, first)
                ],
            )
        if connection.dialect.name == "postgresql":
            set_sequence("member_identities", number)
    _seal_audit()


def _seal_audit() -> None:
    """What the audit log has of mobile numbers of members is sealed too."""
    connection = op.get_bind()
    for rows in _chunks(sa.select(_AUDIT).where(_AUDIT.c.table_name == "members"), _AUDIT):
        plain = [
            row
            for row in rows
            if any(isinstance((values or {}).get("mobile"), str) for values in (row.before, row.after))
        ]
        if not plain:
            continue
        cipher = cipher_for({row.programme_id for row in plain})
        for row in plain:
            changed = {}
            for name in ("before", "after"):
                values = getattr(row, name)
                if values is not None and isinstance(values.get("mobile"), str):
                    sealed = cipher.seal(row.programme_id, _AUDITED, int(row.row_key), values["mobile"])
                    changed[name] = values | {"mobile": f"sealed:{base64.b64encode(sealed).decode()}"}
            connection.execute(_AUDIT.update().where(_AUDIT.c.id == row.id).values(changed))


def open_mobiles() -> None:
    """Write the first mobile number of each member into the plain column.

    Raises:
        RuntimeError: there are some, and no keys.
    """
    connection = op.get_bind()
    wanted = sa.select(_IDENTITIES).where(_IDENTITIES.c.kind == "mobile")
    done: set[int] = set()
    for rows in _chunks(wanted, _IDENTITIES):
        cipher = cipher_for({row.programme_id for row in rows})
        for row in rows:
            if row.member_id in done:
                continue
            done.add(row.member_id)
            mobile = cipher.open(row.programme_id, _VALUE, row.id, row.value_sealed)
            connection.execute(_MEMBERS.update().where(_MEMBERS.c.id == row.member_id).values(mobile=mobile))


def _chunks(statement: sa.Select[Any], table: sa.TableClause) -> Iterator[list[Any]]:
    """Rows in the order of their ids, some at a time."""
    connection = op.get_bind()
    after = 0
    while rows := list(
        connection.execute(statement.where(table.c.id > after).order_by(table.c.id).limit(_BATCH))
    ):
        yield rows
        after = rows[-1].id


def set_sequence(table: str, last: int) -> None:
    """Have PostgreSQL number a table's rows on behind `last`."""
    sequence = sa.func.pg_get_serial_sequence(table, "id")
    op.get_bind().execute(sa.select(sa.func.setval(sequence, last)))
