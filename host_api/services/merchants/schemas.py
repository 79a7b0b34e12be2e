"""What the merchants service takes and gives of merchants."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from host_api.core.iran.schema_types import LandlineNumber, MobileNumber, Sheba
from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode
from host_api.services.sectors.logic import Sector

_CODE_BYTES = 16

Name = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]


def _fits_record(text: str) -> str:
    if len(text.encode("utf-8")) > _CODE_BYTES:
        raise PydanticCustomError("text_too_long", "Longer than 16 bytes of UTF-8")
    return text


RecordCode = Annotated[
    str,
    Field(min_length=1, max_length=_CODE_BYTES, pattern=r"^[^\s\x00-\x1f\x7f-\x9f]+$"),
    AfterValidator(_fits_record),
]


class MerchantStatus(StrEnum):
    """Whether the merchant's terminals are served. What is closed stays closed."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Contact(BaseModel):
    """Whom the club calls there; kept sealed."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"name": "مدیر فروشگاه", "mobile": "+989123456789"}},
    )

    name: Name
    mobile: MobileNumber | None = None
    landline: LandlineNumber | None = None
    email: Annotated[str, Field(max_length=100, pattern=r"^[^@\s]{1,64}@[^@\s]{1,60}$")] | None = None
    note: Annotated[str, Field(max_length=300)] | None = None


class MerchantCreate(BaseModel):
    """A new merchant."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {"merchant_id": "SHOP01", "name": "فروشگاه نمونه", "guild": "bakers", "sector": "food"}
        },
    )

    merchant_id: str | None = Field(
        default=None,
        pattern=r"^[A-Z0-9]{1,15}$",
        description="Card acceptor id as terminals send it in field 42; left out, the club gives one.",
    )
    name: Name
    guild: ShortCode | None = Field(
        default=None, description="Code of the guild; rules know the merchant's terminals by it."
    )
    sector: Sector | None = None
    sheba: Sheba | None = Field(default=None, description="Of the account to which the merchant is paid.")
    contact: Contact | None = None


class MerchantUpdate(BaseModel):
    """What is to be different; what is left out stays, and null empties what may be empty."""

    model_config = ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"example": {"status": "suspended"}}
    )

    name: Name | None = None
    status: MerchantStatus | None = Field(
        default=None, description="The terminals of a suspended or closed merchant are blocked at the switch."
    )
    guild: ShortCode | None = None
    sector: Sector | None = None
    sheba: Sheba | None = None
    contact: Contact | None = None


class MerchantRead(BaseModel):
    """A business that accepts the club's cards."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "merchant_id": "SHOP01",
                "name": "فروشگاه نمونه",
                "status": "active",
                "guild": "bakers",
                "sector": "food",
                "has_settlement_account": True,
                "has_contact": False,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    merchant_id: str = Field(description="Card acceptor id, field 42.")
    name: str
    status: MerchantStatus
    guild: str | None
    sector: Sector | None
    has_settlement_account: bool = Field(description="A Sheba is kept.")
    has_contact: bool
    created_at: datetime


class ContactRead(BaseModel):
    """Whom the club calls there."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "مدیر فروشگاه", "mobile": "+989123456789"}}
    )

    name: str
    mobile: str | None = None
    landline: str | None = None
    email: str | None = None
    note: str | None = None


class MerchantPrivateRead(BaseModel):
    """What is kept sealed of a merchant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "sheba": "IR580540105180021273113007",
                "bank": "Parsian",
                "bank_fa": "پارسیان",
                "contact": {"name": "مدیر فروشگاه", "mobile": "+989123456789"},
            }
        }
    )

    id: int
    sheba: str | None
    bank: str | None = Field(description="The bank that keeps the account, where its code is known.")
    bank_fa: str | None
    contact: ContactRead | None
