"""Tables of the credit grants service."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class CreditGrant(NeedsSecondPerson, InProgramme, Base):
    """The same for one member, or for each of an audience.

    `is_asked`: the switch was asked for every member. `left_out`: the audience had more members than the
    grant was for.
    """

    __tablename__ = "credit_grants"
    __table_args__ = (
        Index("ix_credit_grants_programme_id_id", "programme_id", "id"),
        Index("ix_credit_grants_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(String(200))
    budget_id: Mapped[Whole]
    purse: Mapped[int] = mapped_column(Integer)
    units: Mapped[Whole]
    valid_days: Mapped[int | None] = mapped_column(Integer)
    member_id: Mapped[Whole | None]
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    members_at_most: Mapped[int] = mapped_column(Integer)
    text_fa: Mapped[str | None] = mapped_column(String(300))
    text_en: Mapped[str | None] = mapped_column(String(300))
    note: Mapped[str | None] = mapped_column(String(200))
    is_asked: Mapped[bool] = mapped_column(Boolean)
    left_out: Mapped[bool] = mapped_column(Boolean)
    finished_at: Mapped[Instant | None]


class CreditGift(InProgramme, Base):
    """What one member gets of a grant."""

    __tablename__ = "credit_gifts"
    __table_args__ = (
        UniqueConstraint("grant_id", "member_id"),
        Index("ix_credit_gifts_programme_id_grant_id_id", "programme_id", "grant_id", "id"),
        Index("ix_credit_gifts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_credit_gifts_grant_id_state", "grant_id", "state"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    grant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("credit_grants.id"))
    member_id: Mapped[Whole]
    state: Mapped[str] = mapped_column(String(8))
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    finished_at: Mapped[Instant | None]
