"""What public bodies' endpoints take and give. Amounts are rials."""

from datetime import date, datetime
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from host_api.core.jalali import CalendarDate
from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.public_bodies.states import (
    BodyBenefitKind,
    BodyCreditLineKind,
    BodyParticipationRole,
    BodyParticipationState,
    PublicBodyKind,
)

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Rials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT)]
Title = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Terms = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=2000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$",
    ),
]
Reference = Annotated[
    str, Field(pattern=r"^[!-~]{1,40}$", description="The caller's own; once in a participation.")
]

_ROLE: Final[JsonDict] = {
    "body_id": 2,
    "role": "credit_provider",
    "terms": "اعتبار خرید برای اعضا",
    "credit_limit_rials": 5_000_000_000,
}
_BENEFIT: Final[JsonDict] = {
    "body_id": 2,
    "kind": "group",
    "target_id": 4,
    "title": "Double points on Fridays",
    "title_fa": "امتیاز دوبرابر جمعه‌ها",
}
_LINE: Final[JsonDict] = {
    "participation_id": 5,
    "kind": "drawn",
    "rials": 500_000_000,
    "reference": "1405-17",
}


class PublicBodyCreate(BaseModel):
    """An organisation that is a public body."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"organisation_id": 4, "kind": "bank"}}
    )

    organisation_id: Id
    kind: PublicBodyKind


class PublicBodyRead(BaseModel):
    """A body and its figures: members, participations in force, credit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "organisation_id": 4,
                "kind": "bank",
                "code": "CITYBANK",
                "title": "City bank",
                "title_fa": "بانک شهر",
                "members": 310,
                "participations": 1,
                "benefits": 2,
                "credit_limit_rials": 5_000_000_000,
                "drawn_rials": 1_500_000_000,
                "available_rials": 3_500_000_000,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    organisation_id: int
    kind: PublicBodyKind
    code: str = Field(description="The organisation's.")
    title: str
    title_fa: str
    members: int = Field(description="How many belong to the organisation now.")
    participations: int = Field(description="How many are in force today.")
    benefits: int
    credit_limit_rials: int = Field(description="Of participations in force today.")
    drawn_rials: int = Field(description="Drawn and not yet repaid, of ended participations too.")
    available_rials: int = Field(description="What may still be drawn today.")
    created_at: datetime


class BodyParticipationCreate(BaseModel):
    """As what a body is to take part, and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {**_ROLE, "first_day": "1405-01-01", "last_day": "1405-12-29"}},
    )

    body_id: Id
    role: BodyParticipationRole
    terms: Terms
    first_day: CalendarDate
    last_day: CalendarDate | None = Field(default=None, description="The last day; left out, no end.")
    credit_limit_rials: int = Field(
        default=0, ge=0, le=LARGEST_AMOUNT, description="What may be drawn; a credit provider needs one."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("the last day comes before the first")
        if (self.credit_limit_rials > 0) != (self.role is BodyParticipationRole.CREDIT_PROVIDER):
            raise ValueError("a credit provider has a limit, and nobody else")
        return self


class BodyParticipationRead(BaseModel):
    """A participation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                **_ROLE,
                "first_day": "2026-03-21",
                "last_day": "2027-03-20",
                "drawn_rials": 1_500_000_000,
                "state": "active",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": "بهرام",
                "decided_at": "2026-03-21T07:00:00Z",
                "ended_by": None,
                "ended_at": None,
            }
        }
    )

    id: int
    body_id: int
    role: BodyParticipationRole
    terms: str
    first_day: date
    last_day: date | None
    credit_limit_rials: int
    drawn_rials: int = Field(description="Drawn and not yet repaid.")
    state: BodyParticipationState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class BodyBenefitCreate(BaseModel):
    """Something that a body's members get: a group, an offer or a rule by its id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_BENEFIT)})

    body_id: Id
    kind: BodyBenefitKind
    target_id: Id
    title: Title
    title_fa: Title


class BodyBenefitRead(BaseModel):
    """A benefit of a body's members."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": {"id": 7, **_BENEFIT}})

    id: int
    body_id: int
    kind: BodyBenefitKind
    target_id: int
    title: str
    title_fa: str


class BodyCreditLineCreate(BaseModel):
    """Credit drawn or repaid; the same once more changes nothing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": dict(_LINE)})

    participation_id: Id
    kind: BodyCreditLineKind
    rials: Rials
    reference: Reference


class BodyCreditLineRead(BaseModel):
    """A line of a bank's credit."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 9,
                **_LINE,
                "drawn_after_rials": 1_500_000_000,
                "written_by": "نگار",
                "at": "2026-03-25T06:30:00Z",
            }
        },
    )

    id: int
    participation_id: int
    kind: BodyCreditLineKind
    rials: int
    reference: str
    drawn_after_rials: int
    written_by: str
    at: datetime


class BodyStatement(BaseModel):
    """A bank's credit for some days: drawn before, drawn and repaid in them, drawn after."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "participation_id": 5,
                "begin": "2026-03-20T20:30:00Z",
                "end": "2026-04-20T20:30:00Z",
                "opening_rials": 1_000_000_000,
                "drawn_rials": 700_000_000,
                "repaid_rials": 200_000_000,
                "closing_rials": 1_500_000_000,
                "lines": 3,
            }
        }
    )

    participation_id: int
    begin: datetime
    end: datetime
    opening_rials: int
    drawn_rials: int
    repaid_rials: int
    closing_rials: int
    lines: int
