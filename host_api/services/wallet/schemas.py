"""What the wallet service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.path_ids import LARGEST_ID


class WalletActKind(StrEnum):
    """Which way money went: paid in at a merchant or to the bank, or spent."""

    LOAD = "load"
    BANK = "bank"
    SPENDING = "spending"


class WalletActState(StrEnum):
    """Where an act stands.

    ASKED waits for the second person, SENT for the switch. DONE moved the money; FAILED was declined or taken
    back, and moved none; DOUBTFUL is for the next reconciliation.
    """

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


Rials = Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, description="Rials.")]
_Limit = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT)]
_MerchantId = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9]{1,15}$", description="The merchant, as field 42 has it."),
]
_Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
_POLICY: JsonDict = {
    "balance_max": 100_000_000,
    "load_min": 10_000,
    "day_load_max": 50_000_000,
    "day_spend_max": 50_000_000,
}


class WalletPolicyRead(BaseModel):
    """The limits of every member's wallet, rials."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _POLICY})

    balance_max: int = Field(description="What a wallet may hold after a load.")
    load_min: int = Field(description="The least of a load.")
    day_load_max: int = Field(description="What is loaded into a wallet on a day of Tehran.")
    day_spend_max: int = Field(description="What is spent from a wallet here on a day of Tehran.")


class WalletPolicyUpdate(BaseModel):
    """New limits; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"day_spend_max": 30_000_000}})

    balance_max: _Limit = 0
    load_min: _Limit = 0
    day_load_max: _Limit = 0
    day_spend_max: _Limit = 0


class WalletLoadCreate(BaseModel):
    """Money that a merchant has taken."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"amount": 2_000_000, "merchant_id": "SHOP01"}}
    )

    amount: Rials
    merchant_id: _MerchantId


class BankTransferCreate(BaseModel):
    """Money that came to the club's bank account."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"member_id": 12, "amount": 5_000_000, "bank_reference": "140405120093471"}
        },
    )

    member_id: int = Field(ge=1, le=LARGEST_ID)
    amount: Rials
    bank_reference: str = Field(
        pattern=r"^[A-Za-z0-9/-]{4,40}$", description="The bank's number of the transfer; each counts once."
    )
    note: _Note | None = None


class WalletSpendingCreate(BaseModel):
    """A bill that a member pays from the wallet."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"amount": 350_000, "merchant_id": "SHOP01"}}
    )

    amount: Rials
    merchant_id: _MerchantId


class WalletDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "در حساب دیده شد"}})

    note: _Note | None = None


class WalletActRead(BaseModel):
    """Money that went into a wallet or out of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "kind": "load",
                "state": "done",
                "member_id": 12,
                "merchant_id": "SHOP01",
                "amount": 2_000_000,
                "bank_reference": None,
                "note": None,
                "response_code": "00",
                "rrn": "000000000042",
                "balance_after": 2_500_000,
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": None,
                "decided_at": None,
                "finished_at": "2026-03-21T06:30:01Z",
            }
        }
    )

    id: int
    kind: WalletActKind
    state: WalletActState
    member_id: int
    merchant_id: str
    amount: int = Field(description="Rials.")
    bank_reference: str | None
    note: str | None
    response_code: str | None = Field(description="Field 39 of the switch's answer; 51 is too little.")
    rrn: str | None
    balance_after: int | None = Field(description="What the wallet held afterwards, as the switch told it.")
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    finished_at: datetime | None


class WalletRead(BaseModel):
    """A member's wallet."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "balance": 2_500_000,
                "under_way": 0,
                "may_load_today": 48_000_000,
                "may_spend_today": 50_000_000,
                "policy": _POLICY,
            }
        }
    )

    member_id: int
    balance: int = Field(description="What can be spent, as last projected from the journal.")
    under_way: int = Field(description="Loads that the switch has not answered, or the projection not seen.")
    may_load_today: int
    may_spend_today: int
    policy: WalletPolicyRead
