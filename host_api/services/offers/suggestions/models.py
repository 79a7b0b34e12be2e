"""Tables of the suggester."""

from pydantic import JsonValue
from sqlalchemy import JSON, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import KeyedByProgramme
from host_api.core.tables import Base, Instant, Whole


class SuggestionPolicy(Versioned, KeyedByProgramme, Base):
    """The programme's weights; without a row those of `weighing.Weights`."""

    __tablename__ = "suggestion_policies"

    reach: Mapped[int] = mapped_column(Integer)
    affinity: Mapped[int] = mapped_column(Integer)
    interest: Mapped[int] = mapped_column(Integer)
    dormancy: Mapped[int] = mapped_column(Integer)
    urgency: Mapped[int] = mapped_column(Integer)
    loyalty: Mapped[int] = mapped_column(Integer)
    history_days: Mapped[int] = mapped_column(Integer)
    dormant_days: Mapped[int] = mapped_column(Integer)
    ending_days: Mapped[int] = mapped_column(Integer)
    least_score: Mapped[int] = mapped_column(Integer)


class MemberSuggestion(KeyedByProgramme, Base):
    """What was proposed to a member the last time, with its reasons, and the offer on the receipt."""

    __tablename__ = "member_suggestions"
    __table_args__ = (
        Index("ix_member_suggestions_programme_id_told_offer_id", "programme_id", "told_offer_id"),
    )
    is_audited = False

    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    suggestions: Mapped[list[JsonValue]] = mapped_column(JSON)
    told_offer_id: Mapped[Whole | None]
    at: Mapped[Instant]
