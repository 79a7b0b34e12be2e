"""What contracts tell of."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.events.event_type import EventType


class ContractApproved(BaseModel):
    """A merchant has another contract."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "merchant": 3,
                "number": 2,
                "begins_at": "2026-03-20T20:30:00Z",
                "ends_at": "2027-03-20T20:30:00Z",
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    number: int = Field(description="Version within the merchant.")
    begins_at: datetime
    ends_at: datetime


class ContractExpiring(BaseModel):
    """A contract ends soon, and no other one follows."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 4,
                "merchant": 3,
                "number": 2,
                "ends_at": "2027-03-20T20:30:00Z",
                "within_days": 30,
            }
        }
    )

    id: int
    merchant: int = Field(description="Id of the merchant.")
    number: int = Field(description="Version within the merchant.")
    ends_at: datetime
    within_days: int = Field(description="30, 7 or 1: each is told once.")


CONTRACT_APPROVED = EventType(
    "contract.approved", ContractApproved, "A contract was approved", "قراردادی تأیید شد"
)
CONTRACT_EXPIRING = EventType(
    "contract.expiring", ContractExpiring, "A contract ends soon", "قراردادی رو به پایان است"
)
