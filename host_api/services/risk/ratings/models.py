"""Tables of ratings."""

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.programmes import KeyedByProgramme, within_programme
from host_api.core.tables import Base, Instant


class RiskRating(KeyedByProgramme, Base):
    """A member's score and class; `reasons` are code, what was counted, and points."""

    __tablename__ = "risk_ratings"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_risk_ratings_programme_id_score_member_id", "programme_id", "score", "member_id"),
        Index("ix_risk_ratings_programme_id_risk_class_member_id", "programme_id", "risk_class", "member_id"),
    )
    is_audited = False

    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    score: Mapped[int] = mapped_column(Integer)
    risk_class: Mapped[str] = mapped_column(String(8))
    reasons: Mapped[list[tuple[str, int, int]]] = mapped_column(JSON)
    quality: Mapped[int] = mapped_column(Integer)
    score_version: Mapped[int] = mapped_column(Integer)
    rated_at: Mapped[Instant]


class RiskFlag(KeyedByProgramme, Base):
    """Something that stands out in a member."""

    __tablename__ = "risk_flags"
    __table_args__ = (
        within_programme("member_id", "members"),
        Index("ix_risk_flags_programme_id_member_id", "programme_id", "member_id"),
    )
    is_audited = False

    flag: Mapped[str] = mapped_column(String(14), primary_key=True)
    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
