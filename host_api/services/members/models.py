"""Tables of the members service."""

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant


class Member(InProgramme, Base):
    """A member of the club; the id is the member number of the switch."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_programme_id_mobile", "programme_id", "mobile"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(100))
    mobile: Mapped[str | None] = mapped_column(String(13))
    tier: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Instant]
    group_name: Mapped[str | None] = mapped_column(String(16))
    organisation: Mapped[str | None] = mapped_column(String(16))
    segments: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    agreements: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    household: Mapped[int | None] = mapped_column(BigInteger)
    introducer: Mapped[int | None] = mapped_column(BigInteger)
