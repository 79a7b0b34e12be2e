"""Tables of surveys."""

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from host_api.core.locking import Versioned
from host_api.core.programmes import InProgramme, KeyedByProgramme
from host_api.core.tables import IDENTIFIER_TYPE, Base, Identifier, Instant, Whole


class Survey(Versioned, InProgramme, Base):
    """Questions to members; once published they stay as they are."""

    __tablename__ = "surveys"
    __table_args__ = (
        Index("ix_surveys_programme_id_id", "programme_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Identifier]
    title: Mapped[str] = mapped_column(String(60))
    title_fa: Mapped[str] = mapped_column(String(60))
    questions: Mapped[list[dict[str, JsonValue]]] = mapped_column(JSON)
    audience: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    event: Mapped[str] = mapped_column(String(16))
    is_anonymous: Mapped[bool] = mapped_column(Boolean)
    is_published: Mapped[bool] = mapped_column(Boolean)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    created_at: Mapped[Instant]


class SurveyParticipant(KeyedByProgramme, Base):
    """A member has answered, and by which event that earned. Nothing here leads to an anonymous answer."""

    __tablename__ = "survey_participants"
    __table_args__ = (Index("ix_survey_participants_programme_id_member_id", "programme_id", "member_id"),)
    is_audited = False

    survey_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("surveys.id"), primary_key=True, autoincrement=False
    )
    member_id: Mapped[Whole] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[Whole | None]


class SurveyAnswer(InProgramme, Base):
    """One answer. An anonymous one has no member, no time and a random id: no order tells whose it is."""

    __tablename__ = "survey_answers"
    __table_args__ = (
        Index("ix_survey_answers_survey_id_id", "survey_id", "id"),
        Index("ix_survey_answers_programme_id_member_id", "programme_id", "member_id"),
    )
    is_audited = False

    id: Mapped[int] = mapped_column(IDENTIFIER_TYPE, primary_key=True, autoincrement=False)
    survey_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("surveys.id"))
    member_id: Mapped[Whole | None]
    answered_at: Mapped[Instant | None]
    answers: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
