"""Tables of limits."""

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class RiskLimit(Versioned, NeedsSecondPerson, InProgramme, Base):
    """How often or how much something may happen to one subject within a window, and what follows.

    One that acts by itself is in force once a second person has approved it. `active_from` is when it last
    came into force; `gate_rule_id` is the rule of the draft that stops sales beyond it.
    """

    __tablename__ = "risk_limits"
    __table_args__ = (
        Index("ix_risk_limits_programme_id_id", "programme_id", "id"),
        Index("ix_risk_limits_programme_id_state_id", "programme_id", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    name: Mapped[str] = mapped_column(String(100))
    name_fa: Mapped[str] = mapped_column(String(100))
    measure: Mapped[str] = mapped_column(String(17))
    per: Mapped[str] = mapped_column(String(18))
    window_minutes: Mapped[int] = mapped_column(Integer)
    most: Mapped[Whole]
    from_minute: Mapped[int | None] = mapped_column(Integer)
    until_minute: Mapped[int | None] = mapped_column(Integer)
    weekdays: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    speed_kmh: Mapped[int] = mapped_column(Integer)
    quick_minutes: Mapped[int] = mapped_column(Integer)
    severity: Mapped[str] = mapped_column(String(6))
    action: Mapped[str] = mapped_column(String(14))
    active_from: Mapped[Instant | None]
    gate_rule_id: Mapped[str | None] = mapped_column(String(16))
