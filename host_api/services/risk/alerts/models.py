"""Tables of alerts."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme
from host_api.core.second_person import NeedsSecondPerson
from host_api.core.tables import Base, Identifier, Instant, Whole


class RiskAlert(Versioned, InProgramme, Base):
    """A limit that one subject has passed, as often as that was within one window.

    What it names is of the latest time; `evidence` are RRNs or references of trades, the first ones.
    """

    __tablename__ = "risk_alerts"
    __table_args__ = (
        Index("ix_risk_alerts_programme_id_id", "programme_id", "id"),
        Index("ix_risk_alerts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_risk_alerts_programme_id_member_id_id", "programme_id", "member_id", "id"),
        Index("ix_risk_alerts_programme_id_limit_id_id", "programme_id", "limit_id", "id"),
        Index("ix_risk_alerts_programme_id_first_at", "programme_id", "first_at"),
        {"sqlite_autoincrement": True},
    )
    is_audited = False

    id: Mapped[Identifier]
    limit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("risk_limits.id"))
    severity: Mapped[str] = mapped_column(String(6))
    subject: Mapped[str] = mapped_column(String(48))
    state: Mapped[str] = mapped_column(String(14))
    times: Mapped[int] = mapped_column(Integer)
    value: Mapped[Whole]
    most: Mapped[Whole]
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    card_reference: Mapped[int | None] = mapped_column(BigInteger)
    terminal_id: Mapped[str | None] = mapped_column(String(8))
    merchant_id: Mapped[str | None] = mapped_column(String(15))
    branch_number: Mapped[int | None] = mapped_column(Integer)
    operator_id: Mapped[int | None] = mapped_column(BigInteger)
    evidence: Mapped[list[str]] = mapped_column(JSON)
    first_at: Mapped[Instant]
    last_at: Mapped[Instant]
    decided_by_name: Mapped[str | None] = mapped_column(String(100))
    decided_at: Mapped[Instant | None]
    note: Mapped[str | None] = mapped_column(String(200))


class RiskAct(NeedsSecondPerson, InProgramme, Base):
    """What was done about an alert, or is asked for.

    `kind` is a `RiskActKind`, `target` whom it meets: a card's id, a terminal's, an operator's. `fault` is
    the code of the problem for which it could not be done.
    """

    __tablename__ = "risk_acts"
    __table_args__ = (
        Index("ix_risk_acts_programme_id_state_id", "programme_id", "state", "id"),
        Index("ix_risk_acts_programme_id_alert_id_id", "programme_id", "alert_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    alert_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("risk_alerts.id"))
    kind: Mapped[str] = mapped_column(String(16))
    target: Mapped[str | None] = mapped_column(String(16))
    fault: Mapped[str | None] = mapped_column(String(48))
    done_at: Mapped[Instant | None]


class RiskMiss(InProgramme, Base):
    """A fraud that no limit has caught, as a person reports it; without these there is no recall."""

    __tablename__ = "risk_misses"
    __table_args__ = (
        Index("ix_risk_misses_programme_id_at", "programme_id", "at"),
        Index("ix_risk_misses_programme_id_member_id", "programme_id", "member_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    limit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("risk_limits.id"))
    rrn: Mapped[str | None] = mapped_column(String(12))
    member_id: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[Instant]
    reported_by_name: Mapped[str] = mapped_column(String(100))
