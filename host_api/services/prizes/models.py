"""Tables of the prizes service."""

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.tables import Base, Identifier, Instant, Whole


class Prize(Versioned, InProgramme, Base):
    """Something that members win or are given. `stock` is None where there is no end to it."""

    __tablename__ = "prizes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Identifier]
    kind: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    purse: Mapped[int | None] = mapped_column(Integer)
    units: Mapped[Whole | None]
    valid_days: Mapped[int | None] = mapped_column(Integer)
    pool_id: Mapped[Whole | None]
    claim_days: Mapped[int | None] = mapped_column(Integer)
    value: Mapped[Whole]
    stock: Mapped[Whole | None]
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[Instant]


class PrizeAward(InProgramme, Base):
    """A prize given to a member for a service's wish. `attempt` counts the requests to the switch.

    `occasion_fa` and `occasion_en`: what it is given for, with which the member's text begins.
    """

    __tablename__ = "prize_awards"
    __table_args__ = (
        UniqueConstraint("programme_id", "service", "reference"),
        Index("ix_prize_awards_programme_id_id", "programme_id", "id"),
        Index("ix_prize_awards_programme_id_prize_id_id", "programme_id", "prize_id", "id"),
        Index("ix_prize_awards_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_prize_awards_programme_id_state_claim_until", "programme_id", "state", "claim_until"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    prize_id: Mapped[Whole] = mapped_column(ForeignKey("prizes.id"))
    member_id: Mapped[Whole]
    service: Mapped[str] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(5))
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(11))
    attempt: Mapped[int] = mapped_column(Integer)
    code_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    claim_until: Mapped[Instant | None]
    response_code: Mapped[str | None] = mapped_column(String(2))
    rrn: Mapped[str | None] = mapped_column(String(12))
    occasion_fa: Mapped[str | None] = mapped_column(String(300))
    occasion_en: Mapped[str | None] = mapped_column(String(300))
    handed_over_by: Mapped[str | None] = mapped_column(String(100))
    awarded_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
