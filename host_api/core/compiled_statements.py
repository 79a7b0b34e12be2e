"""One cache of compiled statements for all SQLite engines of the process.

SQLAlchemy keeps compiled statements for each engine, and a database has an engine that reads and one that
writes. Compiling a statement takes longer than running it.
"""

from typing import Final

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

SHARING_DRIVER: Final = "sqlite+sharing"
# Each operation has a statement or two of its own; SQLAlchemy's 500 would be too few.
KEPT_STATEMENTS: Final = 1_500

SQLITE_STATEMENTS: Final[LRUCache[object, object]] = LRUCache(KEPT_STATEMENTS)


class SharingSqliteDialect(SQLiteDialect_aiosqlite):
    """All its instances speak alike, being of one library: what one has compiled serves all."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SharingSqliteDialect)

    def __hash__(self) -> int:
        return hash(SharingSqliteDialect)


registry.register("sqlite.sharing", __name__, SharingSqliteDialect.__name__)
