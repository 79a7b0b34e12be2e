"""What the transaction_requests service takes and gives."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from host_api.services.transaction_requests.basket import LINES_MAX, ReturnLine
from host_api.services.transactions.listing import RRN_PATTERN
from host_api.services.transactions.meanings import CodeMeaning


class RequestKind(StrEnum):
    """What is undone, and how: VOID all of a sale on its day, RETURN some of it, VOID_HOLD what is held."""

    VOID = "void"
    RETURN = "return"
    VOID_HOLD = "void_hold"


class RequestState(StrEnum):
    """Where a void or return stands.

    ASKED waits for the second person, SENT for the switch. DONE was approved by the switch; FAILED was
    declined or taken back for want of an answer, and moved nothing; DOUBTFUL is for the next reconciliation.
    """

    ASKED = "asked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    DOUBTFUL = "doubtful"


class RequestReason(StrEnum):
    """Why something is undone."""

    MISTAKE = "mistake"
    GOODS_BACK = "goods_back"
    DISPUTE = "dispute"
    FRAUD = "fraud"
    OTHER = "other"


Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class _Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rrn: str = Field(pattern=RRN_PATTERN, description="The sale or hold that is to be undone.")
    reason_code: RequestReason
    reason: Text = Field(description="In a person's words.")


class VoidCreate(_Wanted):
    """Undo a sale on its own business day, or free what an authorisation holds."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"rrn": "000000000017", "reason_code": "mistake", "reason": "مبلغ اشتباه وارد شد"}
        }
    )


class ReturnCreate(_Wanted):
    """Take back some or all of a sale."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rrn": "000000000017",
                "amount": 500000,
                "lines": [{"sku": "TEA-500", "category": "", "quantity": 1, "amount": 500000}],
                "reason_code": "goods_back",
                "reason": "کالا برگشت خورد",
            }
        }
    )

    amount: int | None = Field(
        default=None, ge=1, le=999_999_999_999, description="Minor units; left out, all that is left."
    )
    lines: list[ReturnLine] = Field(
        default=[], max_length=LINES_MAX, description="Which goods; rules that gave by line want to know."
    )


class RequestDecision(BaseModel):
    """What the second person says."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"note": "فاکتور پیوست است"}})

    note: Text | None = Field(default=None, description="Kept with it.")


class TransactionRequestRead(BaseModel):
    """A void or return: of what, why, who asked, who decided, what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 5,
                "kind": "return",
                "state": "done",
                "original_rrn": "000000000017",
                "merchant_id": "SHOP01",
                "member_id": 12,
                "card_id": 112,
                "amount": 500000,
                "lines": [{"sku": "TEA-500", "category": "", "quantity": 1, "amount": 500000}],
                "reason_code": "goods_back",
                "reason": "کالا برگشت خورد",
                "asked_by": "نگار",
                "asked_at": "2026-03-21T06:30:00Z",
                "decided_by": None,
                "decided_at": None,
                "note": None,
                "response_code": "00",
                "meaning": {"en": "Approved", "fa": "تأیید شد"},
                "rrn": "000000000042",
                "refund_amount": 500000,
                "refund_units": None,
                "balances_after": {"91": 200, "92": 50000},
                "finished_at": "2026-03-21T06:30:00.120000Z",
            }
        }
    )

    id: int
    kind: RequestKind
    state: RequestState
    original_rrn: str
    merchant_id: str
    member_id: int | None
    card_id: int | None
    amount: int = Field(description="Of the sale that comes back; of a hold the bill. Minor units.")
    lines: list[ReturnLine]
    reason_code: RequestReason
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None = Field(
        description="The second person, or who cancelled it; null where none was needed."
    )
    decided_at: datetime | None
    note: str | None
    response_code: str | None = Field(
        description="Field 39 of the switch's answer; null before it, and where its time ran out first."
    )
    meaning: CodeMeaning | None = Field(description="What that says, and what to do about a refusal.")
    rrn: str | None = Field(description="The transaction in the journal that undid it.")
    refund_amount: int | None = Field(description="Money to be given back, minor units; tag DF1B.")
    refund_units: int | None = Field(description="Units of purses that came back; tag DF32.")
    balances_after: dict[str, int] | None = Field(
        description="What the holder could spend afterwards, by account type of the purse."
    )
    finished_at: datetime | None
