"""Tables of counting."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base, Whole


class RiskCounter(KeyedByProgramme, Base):
    """What a limit has counted of one subject; gone when nothing of it counts any more."""

    __tablename__ = "risk_counters"
    __table_args__ = (Index("ix_risk_counters_programme_id_until_ms", "programme_id", "until_ms"),)
    is_audited = False

    limit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(48), primary_key=True)
    state: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    until_ms: Mapped[Whole]


class RiskMark(KeyedByProgramme, Base):
    """How far the feed has been looked at for alerts, so that a rebuild raises none twice."""

    __tablename__ = "risk_marks"
    is_audited = False

    position: Mapped[Whole]
