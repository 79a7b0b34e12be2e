"""What the organisations service takes and gives."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.iran.schema_types import LandlineNumber, MobileNumber
from host_api.core.jalali import CalendarDate
from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode

Title = Annotated[str, Field(min_length=1, max_length=100), kept_name(100)]
Phone = LandlineNumber | MobileNumber


class OrganisationCreate(BaseModel):
    """A new organisation."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "STEELWORKS",
                "title": "Steelworks",
                "title_fa": "کارخانهٔ فولاد",
                "contact_name": "رابط نمونه",
                "contact_phone": "+982112345678",
                "contract_from": "1405-01-01",
                "contract_to": "1405-12-29",
            }
        },
    )

    code: ShortCode
    title: Title
    title_fa: Title
    contact_name: Title | None = None
    contact_phone: Phone | None = None
    contract_from: CalendarDate | None = None
    contract_to: CalendarDate | None = Field(default=None, description="The last day; left out, no end.")


class OrganisationUpdate(BaseModel):
    """What is to change of an organisation; what is left out stays; null empties what may be empty."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"contract_to": "1406-12-29"}})

    title: Title | None = None
    title_fa: Title | None = None
    contact_name: Title | None = None
    contact_phone: Phone | None = None
    contract_from: CalendarDate | None = None
    contract_to: CalendarDate | None = None


class OrganisationRead(BaseModel):
    """An organisation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "code": "STEELWORKS",
                "title": "Steelworks",
                "title_fa": "کارخانهٔ فولاد",
                "contact_name": "رابط نمونه",
                "contact_phone": "+982112345678",
                "contract_from": "2026-03-21",
                "contract_to": "2027-03-20",
                "members": 310,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    code: str
    title: str
    title_fa: str
    contact_name: str | None
    contact_phone: str | None
    contract_from: date | None
    contract_to: date | None
    members: int = Field(description="How many belong to it now.")
    created_at: datetime
