"""Tables of the organisations service."""

from datetime import date

from sqlalchemy import Date, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.encryption.sealed_field import SealedField
from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Organisation(Versioned, InProgramme, Base):
    """A body whose people are members; the person to talk to is sealed."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(100))
    title_fa: Mapped[str] = mapped_column(String(100))
    contact_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contract_from: Mapped[date | None] = mapped_column(Date)
    contract_to: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[Instant]


CONTACT_NAME = SealedField("organisations.contact_name", Organisation.contact_name_sealed)
CONTACT_PHONE = SealedField("organisations.contact_phone", Organisation.contact_phone_sealed)
