"""Tables of interests."""

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme, within_programme
from host_api.core.tables import Base, Identifier


class Interest(Versioned, InProgramme, Base):
    """A tag that members can have."""

    __tablename__ = "interests"
    __table_args__ = (UniqueConstraint("programme_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[Identifier]
    code: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    is_offered: Mapped[bool] = mapped_column(Boolean)


class MemberInterest(KeyedByProgramme, Base):
    """A member has a tag."""

    __tablename__ = "member_interests"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index(
            "ix_member_interests_programme_id_interest_id_member_id",
            "programme_id",
            "interest_id",
            "member_id",
        ),
    )

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    interest_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("interests.id"), primary_key=True, autoincrement=False
    )
