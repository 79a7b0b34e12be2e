"""Programmes: each is a club of its own, and no row of one is seen by another.

A class that has `InProgramme` among its bases belongs to programmes. Which one a session works for stands in
the session; `isolation` narrows every statement and stamps every new row by it.
"""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.tables import Base, Identifier, Instant

# What the first start makes, and what a host API with one club has.
FIRST_PROGRAMME = 1
FIRST_PROGRAMME_CODE = "club"

PROGRAMME_CODE_PATTERN = r"^[a-z][a-z0-9-]{1,31}$"


class ProgrammeMode(StrEnum):
    """Whether a programme's members are real."""

    LIVE = "live"
    SANDBOX = "sandbox"


class ProgrammeStatus(StrEnum):
    """Whether anybody may work in a programme."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Programme(Base):
    """A club: its own members, cards, shops, rules and ledger."""

    __tablename__ = "programmes"
    __table_args__ = (UniqueConstraint("code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100))
    mode: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(9))
    created_at: Mapped[Instant]


class InProgramme:
    """Base of the rows that belong to one programme."""

    programme_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("programmes.id"))


class KeyedByProgramme(InProgramme):
    """The same, where the programme is the first part of the key."""

    programme_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("programmes.id"), primary_key=True, autoincrement=False, sort_order=-1
    )


def within_programme(column: str, referred: str) -> ForeignKeyConstraint:
    """`column` is the id of a row of the same programme, in a table whose key is programme and id."""
    return ForeignKeyConstraint(["programme_id", column], [f"{referred}.programme_id", f"{referred}.id"])
