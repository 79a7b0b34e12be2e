"""What the transactions service gives; it takes nothing, since points move only through the switch."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing
from protocol.feed import GrantReasonText, GrantTypeText, ReasonText, StageText


class TransferRead(BaseModel):
    """One movement between two accounts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "purse": "points",
                "debit": "programme:liability",
                "credit": "member:12",
                "amount": 250,
                "reason": "earn",
                "stage": "posted",
                "rule": "EARN-01",
            }
        }
    )

    purse: str
    debit: str = Field(description="The account that gives.")
    credit: str = Field(description="The account that receives.")
    amount: int = Field(description="Units of the purse: points, rial of card credit and the like.")
    reason: ReasonText
    stage: StageText = Field(description="pending holds an amount; the others settle at once or a hold.")
    rule: str = Field(description="The rule that decided it, empty for none.")


class GrantRead(BaseModel):
    """What one effect of one rule gave or took."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rule": "EARN-01",
                "version": 1,
                "type": "earn",
                "purse": "points",
                "beneficiary": "member:12",
                "desired": 250,
                "granted": 250,
                "reason": "granted",
            }
        }
    )

    rule: str
    version: int
    type: GrantTypeText
    purse: str | None = Field(description="Null for a discount, which is in minor units.")
    beneficiary: str
    desired: int = Field(description="Before caps, limits and budgets.")
    granted: int
    reason: GrantReasonText = Field(description="Why `granted` is what it is.")


class TransactionRead(BaseModel):
    """One request of a terminal and what the switch decided."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rrn": "000000000017",
                "position": 17,
                "at": "2026-03-21T06:31:12.345000Z",
                "operation": "purchase",
                "approved": True,
                "response_code": "00",
                "amount": 2500000,
                "discount": 0,
                "tendered": 0,
                "net_amount": 2500000,
                "currency": "364",
                "terminal_id": "TERM0001",
                "merchant_id": "SHOP01",
                "branch_number": 1,
                "stan": "000007",
                "transmitted_at": "0321063112",
                "mti": "0200",
                "processing_code": "000000",
                "member_id": 12,
                "card_id": 7,
                "rule_table_version": 1,
                "reverses_rrn": None,
                "reversed_by_rrn": None,
                "concerns_rrn": None,
                "hold_until": None,
                "line_count": 0,
                "balances_after": {"points": 250, "credit": 50000},
                "standing": "stands",
                "returned_amount": 0,
                "transfers": [
                    {
                        "purse": "points",
                        "debit": "programme:liability",
                        "credit": "member:12",
                        "amount": 250,
                        "reason": "earn",
                        "stage": "posted",
                        "rule": "EARN-01",
                    }
                ],
                "grants": [
                    {
                        "rule": "EARN-01",
                        "version": 1,
                        "type": "earn",
                        "purse": "points",
                        "beneficiary": "member:12",
                        "desired": 250,
                        "granted": 250,
                        "reason": "granted",
                    }
                ],
            }
        }
    )

    rrn: str = Field(description="Retrieval reference number, field 37.")
    position: int = Field(description="Journal position.")
    at: datetime = Field(description="When the switch decided, in UTC.")
    operation: Operation
    approved: bool
    response_code: str = Field(description="Field 39.")
    amount: int = Field(description="Minor units of the currency; units of a purse where only it moves.")
    discount: int
    tendered: int = Field(description="Part of the bill that was paid from a purse.")
    net_amount: int = Field(description="What was left to pay with money.")
    currency: str = Field(description="ISO 4217 numeric code.")
    terminal_id: str
    merchant_id: str
    branch_number: int
    stan: str = Field(description="Field 11.")
    transmitted_at: str = Field(description="Field 7, MMDDhhmmss in UTC.")
    mti: str
    processing_code: str = Field(description="Field 3.")
    member_id: int | None
    card_id: int | None
    rule_table_version: int
    reverses_rrn: str | None = Field(description="The transaction that this one undoes.")
    reversed_by_rrn: str | None = Field(description="The transaction that undid this one.")
    concerns_rrn: str | None = Field(description="The sale or hold that this one is about.")
    hold_until: datetime | None = Field(description="When the hold of an authorisation ends, in UTC.")
    line_count: int = Field(description="Lines of the basket.")
    balances_after: dict[str, int] = Field(
        description="What the holder could spend after it, by purse; empty without a holder."
    )
    standing: Standing = Field(description="Where it stands after whatever came later.")
    returned_amount: int = Field(description="What returns that stand have taken back of `amount`.")
    transfers: list[TransferRead]
    grants: list[GrantRead]


class OperationTotals(BaseModel):
    """The sums of one operation's transactions, approved or declined."""

    operation: Operation
    approved: bool
    count: int
    amount: int = Field(description="Minor units; units of a purse where only it moves.")
    discount: int
    tendered: int
    net_amount: int
    returned_amount: int


class TotalsRead(BaseModel):
    """The sums of a search."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "count": 2,
                "is_complete": True,
                "items": [
                    {
                        "operation": "purchase",
                        "approved": True,
                        "count": 2,
                        "amount": 5000000,
                        "discount": 0,
                        "tendered": 0,
                        "net_amount": 5000000,
                        "returned_amount": 0,
                    }
                ],
            }
        }
    )

    count: int
    is_complete: bool = Field(
        description="False where the search found the 100,000 that are summed at most, the latest ones."
    )
    items: list[OperationTotals]


class PurseBalance(BaseModel):
    """What a member has in one purse."""

    purse: str
    amount: int = Field(description="What can be spent now, in units of the purse.")
    pending: int = Field(description="What is earned but can be spent later only.")
    position: int | None = Field(
        description="Journal position of the last transaction; null before the first."
    )
    at: datetime | None = Field(description="When that was, in UTC.")


class BalancesRead(BaseModel):
    """A member's purses as last projected, those held with a household among them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "points": 250,
                "credit": 50000,
                "purses": [
                    {
                        "purse": "points",
                        "amount": 250,
                        "pending": 0,
                        "position": 17,
                        "at": "2026-03-21T06:31:12.345000Z",
                    },
                    {
                        "purse": "credit",
                        "amount": 50000,
                        "pending": 0,
                        "position": 17,
                        "at": "2026-03-21T06:31:12.345000Z",
                    },
                ],
            }
        }
    )

    member_id: int
    points: int = Field(description="Points.")
    credit: int = Field(description="Card credit, rial.")
    purses: list[PurseBalance]
