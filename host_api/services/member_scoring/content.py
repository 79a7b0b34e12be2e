"""A scoring model as data: indicators with weights and scales, and bands. Knows no database."""

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT, LONGEST_DAYS
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.core.short_code import ShortCode

FULL: Final = 1000

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Text = Annotated[str, Field(min_length=1, max_length=300), kept_name(300)]
Measure = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]


class ScoringIndicatorKind(StrEnum):
    """What is measured of a member in the model's days before a run: money paid in rial, how often and, on
    average, how much was bought, units that rules gave for it, friends who joined, reviews that earned; or
    days since the last purchase, and since joining."""

    PURCHASE_AMOUNT = "purchase_amount"
    PURCHASE_COUNT = "purchase_count"
    AVERAGE_PURCHASE = "average_purchase"
    EARNED_UNITS = "earned_units"
    REFERRALS = "referrals"
    REVIEWS = "reviews"
    LAST_PURCHASE_DAYS = "last_purchase_days"
    MEMBER_DAYS = "member_days"


class ScoringStep(BaseModel):
    """From so much on, so much of the full figure."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"from": 5, "figure": 400}})

    from_value: Measure = Field(alias="from")
    figure: int = Field(ge=0, le=FULL)


class ScoringIndicator(BaseModel):
    """One thing that is measured, its weight, and how it becomes a figure from 0 to 1000.

    On a line: `none` and what lies beyond it makes 0, `full` 1000; for days since the last purchase `none`
    is the greater one. Or by `steps`.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"kind": "last_purchase_days", "weight": 30, "none": 90, "full": 7, "steps": []}
        },
    )

    kind: ScoringIndicatorKind
    weight: int = Field(ge=1, le=1000)
    none: Measure = 0
    full: Measure | None = Field(default=None, description="Left out: there are `steps`.")
    steps: list[ScoringStep] = Field(default=[], max_length=20, description="Rising; below the first 0.")

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.full is None) == (not self.steps):
            raise ValueError("an indicator has either full or steps")
        if self.full == self.none:
            raise ValueError("none and full differ")
        values = [step.from_value for step in self.steps]
        if values != sorted(set(values)):
            raise ValueError("steps rise")
        return self


class ScoringBand(BaseModel):
    """Scores from `from` up to the next band, and what their members get when a run is published."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "LOYAL",
                "title": "Loyal",
                "title_fa": "وفادار",
                "from": 700,
                "group_id": 3,
                "text": "You are one of our loyal members",
                "text_fa": "شما از اعضای وفادار ما هستید",
                "award_units": 100,
            }
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    from_score: int = Field(alias="from", ge=0, le=FULL)
    group_id: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="A static group: in it while in the band."
    )
    text: Text | None = None
    text_fa: Text | None = Field(
        default=None, description="To the mobile, with `text` where English is wanted."
    )
    award_units: int = Field(default=0, ge=0, le=LARGEST_AMOUNT)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.text is None) != (self.text_fa is None):
            raise ValueError("a text is in both languages")
        return self


class ScoringOccasion(StrEnum):
    """When members of a band are told and awarded: in EACH_RUN, or where they are in a higher band than in
    the run that was published last (RISE), also for the first time."""

    EACH_RUN = "each_run"
    RISE = "rise"


CONTENT_EXAMPLE: JsonDict = {
    "days": 180,
    "indicators": [
        {"kind": "last_purchase_days", "weight": 30, "none": 90, "full": 7},
        {"kind": "purchase_count", "weight": 30, "full": 24},
        {"kind": "purchase_amount", "weight": 40, "full": 200000000},
    ],
    "bands": [
        {"code": "COLD", "title": "Cold", "title_fa": "سرد", "from": 0},
        {"code": "LOYAL", "title": "Loyal", "title_fa": "وفادار", "from": 700, "award_units": 100},
    ],
    "award_cap": 500000,
}


class ScoringContent(BaseModel):
    """All parameters of a model."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": CONTENT_EXAMPLE})

    days: int = Field(
        default=365, ge=1, le=3650, description="So many days, today's the last, are looked at."
    )
    indicators: list[ScoringIndicator] = Field(min_length=1, max_length=8)
    bands: list[ScoringBand] = Field(min_length=1, max_length=10, description="Rising, the first from 0.")
    occasion: ScoringOccasion = ScoringOccasion.RISE
    purse: int = Field(default=91, ge=60, le=99, description="Of awards.")
    valid_days: int | None = Field(
        default=None, ge=1, le=LONGEST_DAYS, description="Of awards; null: as the purse has it."
    )
    award_cap: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="A run that would award more isn't published."
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        froms = [band.from_score for band in self.bands]
        if froms != sorted(set(froms)) or froms[0] != 0:
            raise ValueError("bands rise, and the first begins at 0")
        if len({band.code for band in self.bands}) < len(self.bands):
            raise ValueError("each band has a code of its own")
        if len({indicator.kind for indicator in self.indicators}) < len(self.indicators):
            raise ValueError("each indicator is there once")
        groups = [band.group_id for band in self.bands if band.group_id is not None]
        if len(set(groups)) < len(groups):
            raise ValueError("each band has a group of its own")
        if any(band.award_units for band in self.bands) and not self.award_cap:
            raise ValueError("awards need an award_cap")
        return self

    def rank(self, code: str | None) -> int:
        """The place of a band among the others; -1 of one that is none."""
        return next((place for place, band in enumerate(self.bands) if band.code == code), -1)

    def is_due(self, before: str | None, code: str) -> bool:
        """Whether a member of a band is told and awarded, who was in band `before`."""
        return self.occasion is ScoringOccasion.EACH_RUN or self.rank(code) > self.rank(before)
