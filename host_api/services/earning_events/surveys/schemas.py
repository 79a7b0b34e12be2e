"""What is taken and given of surveys."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.surveys.questions import (
    MOST_QUESTIONS,
    Answer,
    QuestionKind,
    SurveyQuestion,
)
from host_api.services.earning_events.types.attributes import Title
from host_api.services.earning_events.types.schemas import EventCode
from host_api.services.groups.query_schema import Query

_QUESTION: JsonDict = {
    "name": "again",
    "text": "Would you come again?",
    "text_fa": "باز هم می‌آیید؟",
    "kind": "scale",
    "minimum": 0,
    "maximum": 10,
}
_EXAMPLE: JsonDict = {
    "title": "Our service",
    "title_fa": "خدمات ما",
    "questions": [_QUESTION],
    "starts_at": "2026-03-21T06:30:00Z",
    "ends_at": "2026-04-21T06:30:00Z",
    "is_anonymous": True,
}
_Questions = Annotated[list[SurveyQuestion], Field(min_length=1, max_length=MOST_QUESTIONS)]


class SurveyState(StrEnum):
    """Where a survey stands, by its times."""

    DRAFT = "draft"
    AHEAD = "ahead"
    OPEN = "open"
    ENDED = "ended"


def _check_names(questions: list[SurveyQuestion]) -> None:
    if len({question.name for question in questions}) != len(questions):
        raise ValueError("two questions have the same name")


class SurveyCreate(BaseModel):
    """A new survey; members see it once it is published."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    title: Title
    title_fa: Title
    questions: _Questions
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    audience: Query | None = Field(default=None, description="Who is asked; null for every member.")
    event: EventCode = Field(default="survey", description="The event that an answer tells.")
    is_anonymous: bool = Field(default=False, description="Whether answers are kept without the member.")

    @model_validator(mode="after")
    def _agrees(self) -> "SurveyCreate":
        _check_names(self.questions)
        if self.starts_at >= self.ends_at:
            raise ValueError("a survey ends after it begins")
        return self


class SurveyUpdate(BaseModel):
    """What is to be different; what is left out stays. A published survey keeps its questions."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_published": True}})

    title: Title | None = None
    title_fa: Title | None = None
    questions: _Questions | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    audience: Query | None = Field(default=None, description="Null asks every member.")
    is_published: bool | None = Field(default=None, description="True shows it to members, for good.")

    @model_validator(mode="after")
    def _agrees(self) -> "SurveyUpdate":
        _check_names(self.questions or [])
        return self


class SurveyRead(BaseModel):
    """A survey."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_EXAMPLE,
                "id": 2,
                "audience": None,
                "event": "survey",
                "state": "open",
                "answers": 120,
                "created_at": "2026-03-20T06:30:00Z",
            }
        }
    )

    id: int
    title: str
    title_fa: str
    questions: list[SurveyQuestion]
    starts_at: datetime
    ends_at: datetime
    audience: dict[str, JsonValue] | None
    event: str
    is_anonymous: bool
    state: SurveyState
    answers: int
    created_at: datetime


class AnswerCreate(BaseModel):
    """A member's answers, by the questions' names."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "answers": {"again": 9}}}
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    answers: dict[str, Answer] = Field(max_length=MOST_QUESTIONS)


class ParticipationRead(BaseModel):
    """A member has answered."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"survey_id": 2, "member_id": 12, "event_id": 31}}
    )

    survey_id: int
    member_id: int
    event_id: int | None = Field(description="The event that it earned by, under `/v1/earning-events`.")


class AnswerRead(BaseModel):
    """One answer; an anonymous one has neither member nor time."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 77, "member_id": None, "answered_at": None, "answers": {"again": 9}}
        }
    )

    id: int
    member_id: int | None
    answered_at: datetime | None
    answers: dict[str, JsonValue]


class QuestionResult(BaseModel):
    """What all answers to a question say."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "again",
                "kind": "scale",
                "answered": 120,
                "counts": {"9": 70, "10": 50},
                "average_hundredths": 942,
                "least": 9,
                "most": 10,
            }
        }
    )

    name: str
    kind: QuestionKind
    answered: int
    counts: dict[str, int] = Field(description="By choice, or by number of a scale.")
    average_hundredths: int | None = Field(description="Of a scale or number; 942 is 9.42.")
    least: int | None
    most: int | None


class SurveyResults(BaseModel):
    """Counts and averages; of an anonymous survey from its fifth answer on."""

    model_config = ConfigDict(json_schema_extra={"example": {"survey_id": 2, "answers": 0, "questions": []}})

    survey_id: int
    answers: int
    questions: list[QuestionResult]
