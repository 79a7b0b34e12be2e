"""Tables of the guests service."""

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import BlindIndex, SealedBytes, SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, within_programme
from host_api.core.tables import Base, Identifier, Instant


class Guest(Versioned, InProgramme, Base):
    """A person or organisation outside the club; `name_key` is what searches compare."""

    __tablename__ = "guests"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_guests_programme_id_name_key", "programme_id", "name_key"),
        Index("ix_guests_programme_id_mobile_index", "programme_id", "mobile_index"),
        Index("ix_guests_programme_id_identity_index", "programme_id", "identity_index"),
        Index("ix_guests_programme_id_member_id", "programme_id", "member_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(200), info={"secret": True})
    mobile_sealed: Mapped[SealedBytes | None]
    mobile_index: Mapped[BlindIndex | None]
    identity_sealed: Mapped[SealedBytes | None]
    identity_index: Mapped[BlindIndex | None]
    email_sealed: Mapped[SealedBytes | None]
    address_sealed: Mapped[SealedBytes | None]
    notes_sealed: Mapped[SealedBytes | None]
    created_at: Mapped[Instant]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    converted_at: Mapped[Instant | None]
    merged_into: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("guests.id"))


class GuestVisit(InProgramme, Base):
    """One time that a guest was there."""

    __tablename__ = "guest_visits"
    __table_args__ = (
        Index("ix_guest_visits_programme_id_guest_id_id", "programme_id", "guest_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    guest_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("guests.id"))
    at: Mapped[Instant]
    merchant_id: Mapped[str | None] = mapped_column(String(15))
    note_sealed: Mapped[SealedBytes | None]


MOBILE = SealedField("guests.mobile", Guest.mobile_sealed, Guest.mobile_index)
IDENTITY = SealedField("guests.identity", Guest.identity_sealed, Guest.identity_index)
EMAIL = SealedField("guests.email", Guest.email_sealed)
ADDRESS = SealedField("guests.address", Guest.address_sealed)
NOTES = SealedField("guests.notes", Guest.notes_sealed)
VISIT_NOTE = SealedField("guest_visits.note", GuestVisit.note_sealed)

SEALED = {"mobile": MOBILE, "identity": IDENTITY, "email": EMAIL, "address": ADDRESS, "notes": NOTES}
