"""What the merchants service takes and gives of branches."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name
from host_api.services.merchants.schemas import Name, RecordCode

City = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Address = Annotated[str, Field(min_length=1, max_length=200), kept_name(200)]
Weekday = Literal["SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI"]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Tags = Annotated[list[Tag], Field(max_length=20)]


class BranchStatus(StrEnum):
    """Whether there is still something there. A closed branch stays closed."""

    OPEN = "open"
    CLOSED = "closed"


class OpeningHours(BaseModel):
    """Hours of some days by the clock in Tehran; where `until` isn't after `from`, until the next day."""

    model_config = ConfigDict(
        extra="forbid",
        serialize_by_alias=True,
        json_schema_extra={"example": {"days": ["SAT", "SUN"], "from": "09:00", "until": "21:30"}},
    )

    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    begin: str = Field(alias="from", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    until: str = Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")


Hours = Annotated[list[OpeningHours], Field(max_length=16)]


class Location(BaseModel):
    """A point on the map (WGS 84)."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"latitude": 35.7219, "longitude": 51.3347}}
    )

    latitude: float = Field(ge=-90, le=90, description="Degrees, kept to six places.")
    longitude: float = Field(ge=-180, le=180, description="Degrees, kept to six places.")


class BranchCreate(BaseModel):
    """A new branch of a merchant."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "شعبهٔ ولیعصر", "city": "تهران", "city_code": "tehran"}},
    )

    name: Name
    city: City | None = None
    city_code: RecordCode | None = Field(
        default=None, description="Code of the city; rules know the branch's terminals by it."
    )
    address: Address | None = None
    location: Location | None = None
    opening_hours: Hours = []
    tags: Tags = []


class BranchUpdate(BaseModel):
    """What is to be different; what is left out stays, and null empties what may be empty."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"city": "شیراز", "city_code": "shiraz", "address": "خیابان زند"}},
    )

    name: Name | None = None
    status: BranchStatus | None = Field(
        default=None, description="The terminals of a closed branch are blocked at the switch."
    )
    city: City | None = None
    city_code: RecordCode | None = None
    address: Address | None = None
    location: Location | None = None
    opening_hours: Hours | None = None
    tags: Tags | None = None


class BranchRead(BaseModel):
    """A place where terminals stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "merchant": 3,
                "merchant_id": "SHOP01",
                "branch_number": 1,
                "name": "شعبهٔ ولیعصر",
                "status": "open",
                "city": "تهران",
                "city_code": "tehran",
                "address": None,
                "location": {"latitude": 35.7219, "longitude": 51.3347},
                "opening_hours": [{"days": ["SAT", "SUN"], "from": "09:00", "until": "21:30"}],
                "tags": ["parking"],
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    merchant_id: str = Field(description="Card acceptor id of the merchant.")
    branch_number: int = Field(description="Number within the merchant, from 1.")
    name: str
    status: BranchStatus
    city: str | None
    city_code: str | None
    address: str | None
    location: Location | None
    opening_hours: list[OpeningHours]
    tags: list[str]
    created_at: datetime
