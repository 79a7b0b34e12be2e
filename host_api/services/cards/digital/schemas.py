"""What codes of cards take and give."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.cards.digital.images import Symbology
from host_api.services.cards.schemas import READ_EXAMPLE, CardRead


class CodeKind(StrEnum):
    """What a number stands for a card as."""

    MOMENT = "moment"
    EAN_13 = "ean13"
    PHONE = "phone"


class MomentCodeRead(BaseModel):
    """A code for a phone's screen; the next one ends it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 41,
                "payload": "vafa:9364120000000000007",
                "expires_at": "2026-03-21T06:32:00Z",
                "image": "/v1/cards/7/moment-codes/41/image",
            }
        }
    )

    id: int
    payload: str = Field(description="What the QR code holds.")
    expires_at: datetime = Field(description="From then on the switch forgets it, within a minute.")
    image: str = Field(description="Where its image is; `?form=png` for a PNG.")


class StaticCodeRead(BaseModel):
    """The lasting code of a card."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "symbology": "code128",
                "payload": "9364120000003450",
                "image": "/v1/cards/7/static-code/image",
            }
        }
    )

    symbology: Symbology
    payload: str
    image: str


class PhoneCardRead(BaseModel):
    """Whether a member's phone number serves as a card."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"member_id": 12, "masked_phone": "***********89"}}
    )

    member_id: int
    masked_phone: str = Field(description="Its last two digits.")


class CodeLookup(BaseModel):
    """What a scanner or a person has read off a card or a screen, or a phone number."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"example": {"code": "vafa:9364120000000000007"}},
    )

    code: str = Field(min_length=1, max_length=64)


class LookupRead(BaseModel):
    """Whose code it is."""

    model_config = ConfigDict(json_schema_extra={"example": {"member_id": 12, "card": READ_EXAMPLE}})

    member_id: int | None = Field(description="null for a gift card, and for a card of the stock.")
    card: CardRead | None = Field(description="null where a phone number was given.")
