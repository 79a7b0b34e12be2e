"""Tables of the block list."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant

_ASKED = text("state = 'asked'")


class BlockEntry(InProgramme, Base):
    """Somebody who is not permitted: a member, a mobile number, a national id, or all of them.

    `has_blocked_member`: the member was active before, and is to be so again when the last entry ends.
    """

    __tablename__ = "block_entries"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_block_entries_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_block_entries_programme_id_mobile_index", "programme_id", "mobile_index"),
        Index("ix_block_entries_programme_id_national_id_index", "programme_id", "national_id_index"),
        Index("ix_block_entries_programme_id_state_from_at", "programme_id", "state", "from_at"),
        Index("ix_block_entries_programme_id_state_until_at", "programme_id", "state", "until_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    mobile_sealed: Mapped[SealedBytes | None]
    mobile_index: Mapped[BlindIndex | None]
    national_id_sealed: Mapped[SealedBytes | None]
    national_id_index: Mapped[BlindIndex | None]
    reason_code: Mapped[str] = mapped_column(String(12))
    reason_sealed: Mapped[SealedBytes | None]
    from_at: Mapped[Instant]
    until_at: Mapped[Instant | None]
    state: Mapped[str] = mapped_column(String(7))
    has_blocked_member: Mapped[bool] = mapped_column(Boolean)
    entered_by: Mapped[str] = mapped_column(String(100))
    entered_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class BlockLifting(NeedsSecondPerson, InProgramme, Base):
    """A wish to lift an entry before its time; of one entry one waits for the second person."""

    __tablename__ = "block_liftings"
    __table_args__ = (
        Index(
            "uq_block_liftings_asked",
            "entry_id",
            unique=True,
            sqlite_where=_ASKED,
            postgresql_where=_ASKED,
        ),
        Index("ix_block_liftings_entry_id_id", "entry_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("block_entries.id"))
    reason_sealed: Mapped[SealedBytes | None]


MOBILE = SealedField("block_entries.mobile", BlockEntry.mobile_sealed, BlockEntry.mobile_index)
NATIONAL_ID = SealedField(
    "block_entries.national_id", BlockEntry.national_id_sealed, BlockEntry.national_id_index
)
REASON = SealedField("block_entries.reason", BlockEntry.reason_sealed)
LIFTING_REASON = SealedField("block_liftings.reason", BlockLifting.reason_sealed)
