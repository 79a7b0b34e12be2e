"""Rows that a programme has from the beginning, and that are written only when somebody changes one."""

from collections.abc import Mapping, Sequence

from sqlalchemy.dialects import postgresql, sqlite

from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.programmes import KeyedByProgramme


async def insert_missing(
    session: WriteSession, table: type[KeyedByProgramme], rows: Sequence[Mapping[str, object]]
) -> int:
    """Insert those of `rows` whose key is not there yet, also where two do it at once; how many."""
    if not rows:
        return 0
    programme_id = programme_of(session.sync_session)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    inserted = await session.execute(
        (sqlite.insert if is_sqlite else postgresql.insert)(table)
        .values([{"programme_id": programme_id, **row} for row in rows])
        .on_conflict_do_nothing()
        .returning(table.programme_id)
    )
    return len(inserted.all())
