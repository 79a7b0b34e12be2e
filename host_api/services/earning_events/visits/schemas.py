"""What is taken and given of visits."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.types.schemas import EventCode


class CheckInWay(StrEnum):
    """How a member shows to be there."""

    CODE = "code"
    QR = "qr"
    TERMINAL = "terminal"
    POSITION = "position"


_EXAMPLE: JsonDict = {"ways": ["qr", "position"], "radius_m": 100, "rest_minutes": 720, "event": "visit"}
_Ways = Annotated[list[CheckInWay], Field(min_length=1, max_length=len(CheckInWay))]
_Radius = Annotated[int, Field(ge=10, le=10_000, description="Metres around the branch's location.")]
_Rest = Annotated[
    int, Field(ge=1, le=525_600, description="Minutes until the same member can check in there again.")
]


class VisitPointCreate(BaseModel):
    """Let members check in at a branch."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"branch_id": 5, **_EXAMPLE}})

    branch_id: int = Field(ge=1, le=LARGEST_ID)
    ways: _Ways
    radius_m: _Radius = 100
    rest_minutes: _Rest = 720
    event: EventCode = Field(default="visit", description="The event that a visit tells.")


class VisitPointUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"radius_m": 200}})

    ways: _Ways | None = None
    radius_m: _Radius | None = None
    rest_minutes: _Rest | None = None
    event: EventCode | None = None
    is_active: bool | None = None


class VisitPointRead(BaseModel):
    """How members check in at a branch."""

    model_config = ConfigDict(json_schema_extra={"example": {"branch_id": 5, **_EXAMPLE, "is_active": True}})

    branch_id: int
    ways: list[CheckInWay]
    radius_m: int
    rest_minutes: int
    event: str
    is_active: bool


class VisitCodes(BaseModel):
    """What is shown at the branch: printed there, for members to type in or to read by their telephone."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "branch_id": 5,
                "code": "K7Q2MXPA",
                "qr_text": "VAFA-VISIT:0f3a6c1b9e5d4788a1b2c3d4e5f60718",
            }
        }
    )

    branch_id: int
    code: str
    qr_text: str = Field(description="What the QR picture holds.")


class Position(BaseModel):
    """Where a member is (WGS 84)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"latitude_microdegrees": 35721900, "longitude_microdegrees": 51334700}
        },
    )

    latitude_microdegrees: int = Field(ge=-90_000_000, le=90_000_000)
    longitude_microdegrees: int = Field(ge=-180_000_000, le=180_000_000)


class CheckInCreate(BaseModel):
    """A member checks in: by `code`, by `qr_text`, at a terminal, or by position at a branch."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "code": "K7Q2MXPA"}}
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    code: str | None = Field(default=None, pattern=r"^[A-Za-z2-7]{8}$")
    qr_text: str | None = Field(default=None, pattern=r"^VAFA-VISIT:[0-9a-f]{32}$")
    terminal_id: str | None = Field(default=None, pattern=r"^[A-Z0-9]{8}$")
    position: Position | None = None
    branch_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="With `position`.")

    @model_validator(mode="after")
    def _is_one_way(self) -> "CheckInCreate":
        given = [self.code, self.qr_text, self.terminal_id, self.position]
        if sum(value is not None for value in given) != 1:
            raise ValueError("exactly one of code, qr_text, terminal_id and position")
        if (self.position is None) != (self.branch_id is None):
            raise ValueError("branch_id comes with position, and only with it")
        return self


class CheckInRead(BaseModel):
    """A visit, and what it earned."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 9,
                "member_id": 12,
                "branch_id": 5,
                "way": "position",
                "distance_m": 42,
                "visited_at": "2026-03-21T06:30:00Z",
                "event_id": 31,
                "points": 10,
                "text": "10 points for your visit",
                "text_fa": "۱۰ امتیاز برای بازدید شما",
            }
        }
    )

    id: int
    member_id: int
    branch_id: int
    way: CheckInWay
    distance_m: int | None = Field(description="By position; half a metre is rounded up.")
    visited_at: datetime
    event_id: int | None = Field(description="The event that it earned by, under `/v1/earning-events`.")
    points: int | None = Field(
        description="Null while the switch has not decided, or where it earned nothing."
    )
    text: str | None
    text_fa: str | None
