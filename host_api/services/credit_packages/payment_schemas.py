"""What payments and corrections of credit take and give."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.services.credit_packages.interest.allocation import CreditDebt
from host_api.services.credit_packages.schemas import Day, Id, Reason, Reference, Rials
from host_api.services.credit_packages.states import CreditCorrectionState, CreditPaymentState


class CreditPaymentCreate(BaseModel):
    """A payment of what is owed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"member_id": 12, "rials": 1_500_000}}
    )

    member_id: Id | None = Field(default=None, description="Pays from the wallet.")
    guest_id: Id | None = Field(default=None, description="Has paid outside; a second person sees it there.")
    contract_id: Id | None = Field(default=None, description="Only of this contract; left out, of all.")
    rials: Rials
    receipt: Reference | None = Field(default=None, description="Of a guest: the bank's number, once.")
    paid_on: Day | None = Field(default=None, description="Of a guest: the day of the receipt.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.member_id is None) == (self.guest_id is None):
            raise ValueError("name a member or a guest")
        has_receipt = self.receipt is not None and self.paid_on is not None
        if has_receipt != (self.guest_id is not None) or (self.receipt is None) != (self.paid_on is None):
            raise ValueError("receipt and paid_on are of a guest, and needed there")
        return self


class CreditPaymentRead(BaseModel):
    """A payment."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 9,
                "member_id": 12,
                "guest_id": None,
                "contract_id": None,
                "rials": 1_500_000,
                "receipt": None,
                "paid_on": "2026-04-21",
                "applied": 1_500_000,
                "state": "applied",
                "response_code": "00",
                "debit_rrn": "000000000051",
                "asked_by_name": "app",
                "asked_at": "2026-04-21T06:30:00Z",
                "decided_by_name": None,
                "decided_at": None,
            }
        },
    )

    id: int
    member_id: int | None
    guest_id: int | None
    contract_id: int | None
    rials: int
    receipt: str | None
    paid_on: date | None
    applied: int = Field(description="What debts took; the rest went back.")
    state: CreditPaymentState
    response_code: str | None
    debit_rrn: str | None
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None


class CreditCorrectionCreate(BaseModel):
    """More or less of one debt of a contract."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"contract_id": 5, "debt": "late", "rials": -12_000, "reason": "بخشودگی"}
        },
    )

    contract_id: Id
    debt: CreditDebt
    rials: int = Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT, description="Below zero lets off.")
    reason: Reason


class CreditCorrectionRead(CreditCorrectionCreate):
    """A correction."""

    model_config = ConfigDict(
        extra="ignore",
        from_attributes=True,
        json_schema_extra={
            "example": {
                "id": 2,
                "contract_id": 5,
                "debt": "late",
                "rials": -12_000,
                "reason": "بخشودگی",
                "state": "asked",
                "asked_by_name": "نگار",
                "asked_at": "2026-04-21T06:30:00Z",
                "decided_by_name": None,
                "decided_at": None,
            }
        },
    )

    id: int
    state: CreditCorrectionState
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
