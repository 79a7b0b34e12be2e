"""What the merchants service tells of."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType

_MERCHANT_ID_PATTERN = r"^[A-Z0-9]{1,15}$"


class MerchantRegistered(BaseModel):
    """A business accepts the club's cards from now on."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": 3, "merchant_id": "SHOP01"}})

    id: int
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")


class BranchOpened(BaseModel):
    """A merchant has a further branch."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 5, "merchant": 3, "merchant_id": "SHOP01", "branch_number": 1}}
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")
    branch_number: int = Field(description="Numbered from 1 within the merchant.")


MERCHANT_REGISTERED = EventType(
    "merchant.registered", MerchantRegistered, "A merchant was registered", "پذیرنده‌ای ثبت شد"
)
BRANCH_OPENED = EventType("branch.opened", BranchOpened, "A branch was opened", "شعبه‌ای گشایش یافت")
