"""What the merchants service tells of merchants and branches."""

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType
from host_api.services.merchants.branch_schemas import BranchStatus
from host_api.services.merchants.schemas import MerchantStatus

_MERCHANT_ID_PATTERN = r"^[A-Z0-9]{1,15}$"


class MerchantRegistered(BaseModel):
    """A business accepts the club's cards from now on."""

    model_config = ConfigDict(json_schema_extra={"example": {"id": 3, "merchant_id": "SHOP01"}})

    id: int
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")


class MerchantStatusChanged(BaseModel):
    """A merchant is served from now on, or isn't."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 3, "merchant_id": "SHOP01", "status": "suspended"}}
    )

    id: int
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")
    status: MerchantStatus


class BranchOpened(BaseModel):
    """A merchant has a further branch."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": 5, "merchant": 3, "merchant_id": "SHOP01", "branch_number": 1}}
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")
    branch_number: int = Field(description="Numbered from 1 within the merchant.")


class BranchChanged(BaseModel):
    """A branch has moved to another place, or was closed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "merchant": 3,
                "merchant_id": "SHOP01",
                "branch_number": 1,
                "status": "open",
                "has_moved": True,
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    merchant_id: str = Field(pattern=_MERCHANT_ID_PATTERN, description="Field 42.")
    branch_number: int = Field(description="Numbered from 1 within the merchant.")
    status: BranchStatus
    has_moved: bool = Field(description="City, address or location is another.")


MERCHANT_REGISTERED = EventType(
    "merchant.registered", MerchantRegistered, "A merchant was registered", "پذیرنده‌ای ثبت شد"
)
MERCHANT_STATUS_CHANGED = EventType(
    "merchant.status_changed",
    MerchantStatusChanged,
    "A merchant was suspended, closed or activated",
    "وضعیت پذیرنده‌ای تغییر کرد",
)
BRANCH_OPENED = EventType("branch.opened", BranchOpened, "A branch was opened", "شعبه‌ای گشایش یافت")
BRANCH_CHANGED = EventType(
    "branch.changed", BranchChanged, "A branch has moved or was closed", "شعبه‌ای جابه‌جا یا بسته شد"
)
