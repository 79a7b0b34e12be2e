"""What every table is made of: the base class, and column types that mean the same on both databases."""

from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Integer, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables of the host API; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant on every database; SQLite, which keeps no offset, stores the UTC wall time.

    What lies in no year from 1 to 9999 by UTC, though it does by its own offset, is the first or last instant
    of those years.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without an offset can't be stored")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            return _FIRST if value.year == 1 else _LAST

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts only a column declared INTEGER as its row id; PostgreSQL needs eight bytes said aloud.
IDENTIFIER_TYPE = BigInteger().with_variant(Integer(), "sqlite")

Identifier = Annotated[int, mapped_column(IDENTIFIER_TYPE, primary_key=True, autoincrement=True)]
Whole = Annotated[int, mapped_column(BigInteger)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
