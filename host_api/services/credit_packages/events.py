"""What credit packages tell of."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from host_api.core.events.event_type import EventType


class CreditContractEvent(BaseModel):
    """A contract is in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "contract_id": 5,
                "package_id": 3,
                "member_id": 12,
                "guest_id": None,
                "rials": 10_000_000,
            }
        }
    )

    contract_id: int
    package_id: int
    member_id: int | None
    guest_id: int | None
    rials: int


class CreditInstalmentEvent(BaseModel):
    """An instalment has fallen due."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "contract_id": 5,
                "number": 1,
                "due_on": "2026-04-21",
                "principal": 500_000,
                "interest": 91_726,
            }
        }
    )

    contract_id: int
    number: int
    due_on: date
    principal: int
    interest: int


CONTRACT_IN_FORCE = EventType(
    "credit_contract.in_force", CreditContractEvent, "Credit is open", "اعتباری باز شد"
)
INSTALMENT_DUE = EventType(
    "credit_contract.instalment_due", CreditInstalmentEvent, "An instalment fell due", "قسطی سررسید شد"
)
