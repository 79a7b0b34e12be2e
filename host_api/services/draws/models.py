"""Tables of draws."""

from enum import StrEnum

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedBytes, SealedField
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class DrawState(StrEnum):
    """Where a draw stands.

    COMMITTED has its seed's commitment published and takes no tickets yet; LISTING takes them in their final
    order; LISTED has the digest of all, and may wait for the public value; DRAWN and CANCELLED are over.
    """

    COMMITTED = "committed"
    LISTING = "listing"
    LISTED = "listed"
    DRAWN = "drawn"
    CANCELLED = "cancelled"


class Draw(InProgramme, Base):
    """One draw of a service (see `core/verifiable_draw.py`).

    `is_once_each`: a participant wins once; else each ticket does. `public_value_source` tells which public
    value is mixed in, where one is.
    """

    __tablename__ = "draws"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    service: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(9))
    winners: Mapped[int] = mapped_column(Integer)
    is_once_each: Mapped[bool] = mapped_column(Boolean)
    commitment: Mapped[str] = mapped_column(String(64))
    seed_sealed: Mapped[SealedBytes | None]
    salt_sealed: Mapped[SealedBytes | None]
    root: Mapped[str | None] = mapped_column(String(64))
    entries: Mapped[Whole]
    public_value_source: Mapped[str | None] = mapped_column(String(200))
    public_value: Mapped[str | None] = mapped_column(String(200))
    value_by_name: Mapped[str | None] = mapped_column(String(100))
    value_at: Mapped[Instant | None]
    created_by: Mapped[str] = mapped_column(String(72))
    created_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    drawn_at: Mapped[Instant | None]


SEED = SealedField("draws.seed", Draw.seed_sealed)
# By it participants have a name in this draw alone; it is never told, or numbers could be tried.
SALT = SealedField("draws.salt", Draw.salt_sealed)


class DrawTicket(KeyedByProgramme, Base):
    """A ticket in its place of a closed list: `chances` entries from `first_position` on."""

    __tablename__ = "draw_tickets"
    __table_args__ = (
        Index(
            "ix_draw_tickets_programme_id_draw_id_member_id",
            "programme_id",
            "draw_id",
            "member_id",
            "first_position",
        ),
    )
    is_audited = False

    draw_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    first_position: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    chances: Mapped[int] = mapped_column(Integer)
    ticket: Mapped[str] = mapped_column(String(24))
    participant: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[Whole]


class DrawPart(KeyedByProgramme, Base):
    """The Merkle root of a part of the entries."""

    __tablename__ = "draw_parts"
    is_audited = False

    draw_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


class DrawWin(KeyedByProgramme, Base):
    """An entry that was drawn, and as which."""

    __tablename__ = "draw_wins"

    draw_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[Whole]
    ticket: Mapped[str] = mapped_column(String(24))
    participant: Mapped[str] = mapped_column(String(16))
    member_id: Mapped[Whole]
