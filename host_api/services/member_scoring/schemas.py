"""What the scoring service takes and gives."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.member_scoring.content import (
    CONTENT_EXAMPLE,
    ScoringContent,
    ScoringIndicatorKind,
    Title,
)

MOST_TRIED = 50


class ScoringRunState(StrEnum):
    """SCORING, then SCORED: a second person publishes it (PUBLISHING, DONE) or drops it (DROPPED)."""

    SCORING = "scoring"
    SCORED = "scored"
    PUBLISHING = "publishing"
    DONE = "done"
    DROPPED = "dropped"


class ScoringAwardState(StrEnum):
    """NONE is to be given; WAITING for the publication; SENT to the switch, PAID, REFUSED, or DOUBTFUL."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    PAID = "paid"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"


_MODEL: JsonDict = {"title": "RFM", "title_fa": "تازگی، دفعات، مبلغ", "content": CONTENT_EXAMPLE}


class ScoringModelWrite(BaseModel):
    """A model, whole."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _MODEL})

    title: Title
    title_fa: Title
    content: ScoringContent


class ScoringModelRead(BaseModel):
    """A model."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 2, **_MODEL, "created_by": "نگار", "created_at": "2026-11-22T06:30:00Z"}
        }
    )

    id: int
    title: str
    title_fa: str
    content: ScoringContent
    created_by: str
    created_at: datetime


class ScoringTrial(BaseModel):
    """Whom to try a model on."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_ids": [12, 13], "content": None}}
    )

    member_ids: list[int] = Field(min_length=1, max_length=MOST_TRIED)
    content: ScoringContent | None = Field(default=None, description="To be tried instead of the model's.")


class IndicatorExplained(BaseModel):
    """What one indicator adds to a score."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "purchase_count",
                "value": 12,
                "figure": 500,
                "weight": 30,
                "share": 150,
            }
        }
    )

    kind: ScoringIndicatorKind
    value: int | None = Field(description="As measured; null: nothing to measure, which makes 0.")
    figure: int = Field(description="From 0 to 1000.")
    weight: int
    share: int = Field(description="What it adds to the score, rounded down.")


_EXPLAINED: JsonDict = {
    "member_id": 12,
    "score": 640,
    "band": "COLD",
    "band_before": None,
    "award_units": 0,
    "indicators": [
        {"kind": "purchase_count", "value": 12, "figure": 500, "weight": 30, "share": 150},
    ],
}


class ScoreExplained(BaseModel):
    """A member's score, with how it comes about."""

    model_config = ConfigDict(json_schema_extra={"example": _EXPLAINED})

    member_id: int
    score: int = Field(description="From 0 to 1000.")
    band: str
    band_before: str | None = Field(description="In the run that was published last.")
    award_units: int = Field(description="What the band awards, if it is published.")
    indicators: list[IndicatorExplained]


class ScoringTrialRead(BaseModel):
    """A model tried; nothing was written."""

    model_config = ConfigDict(json_schema_extra={"example": {"members": [_EXPLAINED], "unknown": [13]}})

    members: list[ScoreExplained]
    unknown: list[int] = Field(description="Numbers that no member has.")


class ScoringRunRead(BaseModel):
    """A run."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "model_id": 2,
                "content": CONTENT_EXAMPLE,
                "previous_run_id": None,
                "state": "scored",
                "at": "2026-11-22T06:30:00Z",
                "scored_up_to": 18250,
                "published_up_to": 0,
                "members": 18250,
                "award_units": 41200,
                "by_band": {"COLD": 17838, "LOYAL": 412},
                "asked_by_name": "نگار",
                "published_by_name": None,
                "finished_at": None,
            }
        }
    )

    id: int
    model_id: int
    content: ScoringContent
    previous_run_id: int | None = Field(description="The published one with which bands are compared.")
    state: ScoringRunState
    at: datetime = Field(description="As of when all were measured.")
    scored_up_to: int = Field(description="Member number.")
    published_up_to: int = Field(description="Member number.")
    members: int
    award_units: int = Field(description="What publication awards, all together.")
    by_band: dict[str, int] = Field(description="How many members.")
    asked_by_name: str
    published_by_name: str | None
    finished_at: datetime | None


class ScoredMemberRead(BaseModel):
    """A member's result in a run."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "run_id": 4,
                "member_id": 12,
                "score": 740,
                "band": "LOYAL",
                "band_before": "COLD",
                "award_units": 100,
                "award_state": "paid",
                "response_code": "00",
                "rrn": "000000000123",
            }
        }
    )

    run_id: int
    member_id: int = Field(le=LARGEST_ID)
    score: int
    band: str
    band_before: str | None
    award_units: int
    award_state: ScoringAwardState
    response_code: str | None
    rrn: str | None
