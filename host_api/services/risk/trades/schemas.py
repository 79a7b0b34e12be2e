"""What trades take and give."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from host_api.core.ledger.movements import LARGEST_AMOUNT
from host_api.core.name_type import kept_name
from host_api.core.path_ids import LARGEST_ID
from host_api.services.risk.limits.schemas import RiskSeverity

Symbol = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
    kept_name(32),
]
Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]


class RiskTradeSide(StrEnum):
    """Whether the member bought or sold."""

    BUY = "buy"
    SELL = "sell"


class TradeTold(BaseModel):
    """A trade, as the broker tells it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "reference": "T-1405-000417",
                "member_id": 12,
                "symbol": "وپترو",
                "side": "buy",
                "units": 1_000,
                "amount": 45_000_000,
                "at": "2026-03-21T06:30:00Z",
            }
        },
    )

    reference: str = Field(
        min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$", description="The broker's; told once."
    )
    member_id: int = Field(ge=1, le=LARGEST_ID)
    symbol: Symbol
    side: RiskTradeSide
    units: int = Field(ge=1, le=LARGEST_AMOUNT, description="Pieces.")
    amount: int = Field(ge=1, le=LARGEST_AMOUNT, description="Rials, without commission.")
    at: AwareDatetime


class TradeWarning(BaseModel):
    """What to show to whoever trades."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "symbol": "وپترو",
                "limit_id": None,
                "level": "high",
                "text": "Trading in this symbol is under watch.",
                "text_fa": "معاملات این نماد زیر نظر است.",
            }
        }
    )

    symbol: str | None = Field(description="The symbol on the list, or null.")
    limit_id: int | None = Field(description="The limit that was passed, or null.")
    level: RiskSeverity
    text: str
    text_fa: str


_TRADE: dict[str, JsonValue] = {
    "id": 9,
    "reference": "T-1405-000417",
    "member_id": 12,
    "symbol": "وپترو",
    "side": "buy",
    "units": 1000,
    "amount": 45000000,
    "at": "2026-03-21T06:30:00Z",
    "told_at": "2026-03-21T06:30:01Z",
    "limits_passed": [],
}


class ToldTradeRead(BaseModel):
    """A trade."""

    model_config = ConfigDict(json_schema_extra={"example": _TRADE})

    id: int
    reference: str
    member_id: int
    symbol: str
    side: RiskTradeSide
    units: int
    amount: int
    at: datetime
    told_at: datetime
    limits_passed: list[int] = Field(description="Limits that this trade has passed.")


class ToldTradeAnswer(ToldTradeRead):
    """A trade that was told, and what its member is to be warned of."""

    model_config = ConfigDict(json_schema_extra={"example": {**_TRADE, "warnings": []}})

    warnings: list[TradeWarning]


class RiskySymbolCreate(BaseModel):
    """A symbol whose buyers are warned."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "symbol": "وپترو",
                "level": "high",
                "text": "Trading in this symbol is under watch.",
                "text_fa": "معاملات این نماد زیر نظر است.",
            }
        },
    )

    symbol: Symbol
    level: RiskSeverity = RiskSeverity.MEDIUM
    text: Text
    text_fa: Text
    tells_member: bool = Field(default=True, description="Whether buyers get the text as a message, too.")


class RiskySymbolUpdate(BaseModel):
    """What is to be different."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"level": "low"}})

    level: RiskSeverity | None = None
    text: Text | None = None
    text_fa: Text | None = None
    tells_member: bool | None = None


class RiskySymbolRead(BaseModel):
    """A symbol on the list."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 2,
                "symbol": "وپترو",
                "level": "high",
                "text": "Trading in this symbol is under watch.",
                "text_fa": "معاملات این نماد زیر نظر است.",
                "tells_member": True,
                "created_at": "2026-03-21T06:30:00Z",
            }
        }
    )

    id: int
    symbol: str
    level: RiskSeverity
    text: str
    text_fa: str
    tells_member: bool
    created_at: datetime


class CreditEfficiencyRead(BaseModel):
    """What a member did with the credit they had."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "credit": 50_000_000,
                "turnover": 175_000_000,
                "trades": 4,
                "ratio_percent": 350,
            }
        }
    )

    member_id: int
    credit: int = Field(description="Rials of trading credit that counted at some time of the period.")
    turnover: int = Field(description="Rials bought and sold within the period.")
    trades: int
    ratio_percent: int = Field(description="Turnover for each hundred rials of credit, rounded down.")
