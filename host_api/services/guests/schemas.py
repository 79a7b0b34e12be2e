"""What the guests service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.core.iran.schema_types import LegalPersonId, MobileNumber, NationalId
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.members.schemas import LOWEST_TIER, TierName

_EXAMPLE: JsonDict = {
    "kind": "person",
    "name": "مهمان نمونه",
    "mobile": "+989123456789",
    "national_id": None,
    "legal_person_id": None,
    "email": "guest@example.com",
    "address": None,
    "notes": None,
}


class GuestKind(StrEnum):
    """What a guest is."""

    PERSON = "person"
    ORGANISATION = "organisation"


GuestName = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
_PLAIN = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=_PLAIN)
]
Place = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,15}$", description="The merchant's id.")]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class GuestContact(_Wanted):
    """How a guest is reached and told apart; all of it is kept sealed."""

    mobile: MobileNumber | None = None
    national_id: NationalId | None = Field(default=None, description="Of a person.")
    legal_person_id: LegalPersonId | None = Field(default=None, description="Of an organisation.")
    email: Email | None = None
    address: LongText | None = None
    notes: LongText | None = None


class GuestCreate(GuestContact):
    """A new guest."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    kind: GuestKind = GuestKind.PERSON
    name: GuestName


class GuestUpdate(GuestContact):
    """What is to change; null empties a field."""

    model_config = ConfigDict(json_schema_extra={"example": {"email": "new@example.com"}})

    name: GuestName | None = Field(default=None, description="Null or left out: stays.")


class VisitCreate(_Wanted):
    """A visit."""

    model_config = ConfigDict(json_schema_extra={"example": {"merchant_id": "SHOP01", "note": "برای آشنایی"}})

    at: AwareDatetime | None = Field(default=None, description="When; now, where left out.")
    merchant_id: Place | None = None
    note: LongText | None = None


class GuestConversion(_Wanted):
    """How a guest joins."""

    model_config = ConfigDict(json_schema_extra={"example": {"tier": "initial"}})

    tier: TierName = LOWEST_TIER


class GuestMerging(_Wanted):
    """Which record goes into this one."""

    model_config = ConfigDict(json_schema_extra={"example": {"other_id": 8}})

    other_id: int = Field(ge=1, le=LARGEST_ID, description="The record that ends; its visits come here.")


class VisitRead(BaseModel):
    """A visit."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"id": 1, "at": "2026-03-21T06:30:00Z", "merchant_id": "SHOP01", "note": None}
        }
    )

    id: int
    at: datetime
    merchant_id: str | None
    note: str | None


class GuestRead(BaseModel):
    """A guest."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                **_EXAMPLE,
                "created_at": "2026-03-21T06:30:00Z",
                "member_id": None,
                "converted_at": None,
                "merged_into": None,
            }
        }
    )

    id: int
    kind: GuestKind
    name: str
    mobile: str | None
    national_id: str | None
    legal_person_id: str | None
    email: str | None
    address: str | None
    notes: str | None
    created_at: datetime
    member_id: int | None = Field(description="The member that the guest has become.")
    converted_at: datetime | None
    merged_into: int | None = Field(description="The record that this one went into.")
