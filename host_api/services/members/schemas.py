"""What the members service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import MobileNumber
from host_api.core.name_type import kept_name
from host_api.core.outbox import SwitchState
from host_api.core.path_ids import LARGEST_ID

_TEXT_ON_SWITCH_BYTES = 16


class MemberTier(StrEnum):
    """The four levels of the club."""

    INITIAL = "initial"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class MemberStatus(StrEnum):
    """Whether the member may earn and spend."""

    ACTIVE = "active"
    BLOCKED = "blocked"


def _check_switch_text(text: str) -> str:
    if len(text.encode("utf-8")) > _TEXT_ON_SWITCH_BYTES:
        raise PydanticCustomError("text_too_long", "Longer than 16 bytes of UTF-8")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Mobile = MobileNumber

SwitchText = Annotated[
    str,
    Field(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"),
    AfterValidator(_check_switch_text),
]
Bits = Annotated[
    list[Annotated[int, Field(ge=0, le=255)]],
    Field(max_length=256),
    AfterValidator(lambda bits: sorted(set(bits))),
]


class MemberCreate(BaseModel):
    """A new member."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "عضو نمونه", "mobile": "۰۹۱۲ ۳۴۵ ۶۷۸۹", "tier": "initial"}},
    )

    name: Name = Field(description="Name as the member writes it; Arabic ي and ك become Persian ی and ک.")
    mobile: Mobile | None = None
    tier: MemberTier = MemberTier.INITIAL
    group: SwitchText | None = Field(default=None, description="Group that rules look at.")
    organisation: SwitchText | None = Field(default=None, description="Organisation that rules look at.")
    segments: Bits = Field(default=[], description="Segments by their numbers in the rules.")
    agreements: Bits = Field(default=[], description="Agreements given, by their numbers in the rules.")
    household: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="Household that pooled purses belong to."
    )
    introducer: int | None = Field(
        default=None, ge=1, le=LARGEST_ID, description="The member who introduced this one."
    )


class MemberRead(BaseModel):
    """A member of the club."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 12,
                "name": "عضو نمونه",
                "mobile": "+989123456789",
                "tier": "initial",
                "status": "active",
                "created_at": "2026-03-21T06:30:00Z",
                "group": None,
                "organisation": None,
                "segments": [],
                "agreements": [0],
                "household": None,
                "introducer": 11,
                "switch_state": "active",
                "switch_response_code": "00",
            }
        }
    )

    id: int = Field(description="Also the member number on the switch.")
    name: str
    mobile: str | None
    tier: MemberTier
    status: MemberStatus
    created_at: datetime
    group: str | None
    organisation: str | None
    segments: list[int]
    agreements: list[int]
    household: int | None
    introducer: int | None
    switch_state: SwitchState = Field(description="Whether the switch knows this record.")
    switch_response_code: str | None = Field(description="Field 39 of the switch's answer.")
