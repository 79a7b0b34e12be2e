"""Ids of new rows, many at once, before the rows are stored.

SQLite's driver gives ids back one row at a time, with several turns between threads for each. A write
transaction has the whole file to itself, so the ids can be taken from the table's counter instead.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, String, column, func, inspect, select, table

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.tables import Base

_COUNTERS = table("sqlite_sequence", column("name", String), column("seq", BigInteger))


async def number_new_rows(session: WriteSession) -> None:
    """Give the session's new rows their ids where the database is SQLite; others give them many at once."""
    if session.get_bind().dialect.name != "sqlite":
        return
    by_table: dict[str, list[Base]] = {}
    for row in session.new:
        mapper = inspect(type(row))
        names = [key.name for key in mapper.primary_key]
        if names == ["id"] and mapper.primary_key[0].autoincrement is True and row.id is None:
            by_table.setdefault(mapper.persist_selectable.description, []).append(row)
    for name, rows in by_table.items():
        await _number(session, name, rows)


async def number_to_seal(session: WriteSession, rows: Sequence[Base]) -> None:
    """Give new rows of one table their ids and programme, for which their values are sealed.

    So they are stored as a whole, without being changed at once.
    """
    for row in rows:
        row.programme_id = programme_of(session.sync_session)  # type: ignore[attr-defined]
    session.add_all(rows)
    if session.get_bind().dialect.name == "sqlite":
        await number_new_rows(session)
        return
    counter = func.pg_get_serial_sequence(rows[0].__tablename__, "id")
    series = func.generate_series(1, len(rows)).table_valued("n")
    with session.no_autoflush:
        drawn = await session.scalars(select(func.nextval(counter)).select_from(series))
    for row, number in zip(rows, drawn, strict=True):
        row.id = number  # type: ignore[attr-defined]


async def _number(session: WriteSession, name: str, rows: Sequence[Base]) -> None:
    with session.no_autoflush:
        last = await session.scalar(select(_COUNTERS.c.seq).where(_COUNTERS.c.name == name))
    for number, row in enumerate(rows, (last or 0) + 1):
        row.id = number  # type: ignore[attr-defined]
