"""What the transactions service gives; it takes nothing, since points move only through the switch."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from protocol.feed import Purse


class Operation(StrEnum):
    """What a transaction does."""

    PURCHASE = "purchase"
    POINTS_REDEMPTION = "points_redemption"
    CREDIT_REDEMPTION = "credit_redemption"
    BALANCE_INQUIRY = "balance_inquiry"
    REVERSAL = "reversal"
    OTHER = "other"


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
                "rule": "EARN-01",
            }
        }
    )

    purse: Purse
    debit: str = Field(description="The account that gives.")
    credit: str = Field(description="The account that receives.")
    amount: int = Field(description="Points, or rial of card credit.")
    reason: Literal["earn", "spend", "reverse"]
    rule: str = Field(description="The rule that decided it.")


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
                "balances_after": {"points": 250, "credit": 50000},
                "transfers": [
                    {
                        "purse": "points",
                        "debit": "programme:liability",
                        "credit": "member:12",
                        "amount": 250,
                        "reason": "earn",
                        "rule": "EARN-01",
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
    amount: int = Field(description="Rial.")
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
    balances_after: dict[Purse, int] = Field(
        description="The member's balances after it; empty without a member."
    )
    transfers: list[TransferRead]


class PurseBalance(BaseModel):
    """What a member has in one purse."""

    purse: Purse
    amount: int = Field(description="Points, or rial of card credit.")
    position: int | None = Field(
        description="Journal position of the last transaction; null before the first."
    )
    at: datetime | None = Field(description="When that was, in UTC.")


class BalancesRead(BaseModel):
    """A member's purses as last projected."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "points": 250,
                "credit": 50000,
                "purses": [
                    {"purse": "points", "amount": 250, "position": 17, "at": "2026-03-21T06:31:12.345000Z"},
                    {"purse": "credit", "amount": 50000, "position": 17, "at": "2026-03-21T06:31:12.345000Z"},
                ],
            }
        }
    )

    member_id: int
    points: int = Field(description="Points.")
    credit: int = Field(description="Card credit, rial.")
    purses: list[PurseBalance]
