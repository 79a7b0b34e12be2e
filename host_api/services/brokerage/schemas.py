"""What is taken and given of sources, trades and portfolios."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from host_api.core.name_type import kept_name
from host_api.core.short_code import ShortCode
from host_api.services.earning_events.types.schemas import EventCode

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]


class BrokerageSourceKind(StrEnum):
    """What a source is."""

    BROKER = "broker"
    FUND = "fund"


class AssetType(StrEnum):
    """What is traded or held."""

    SHARE = "share"
    RIGHT = "right"
    BOND = "bond"
    FUND_UNIT = "fund_unit"
    OPTION = "option"
    FUTURE = "future"
    COMMODITY = "commodity"
    OTHER = "other"


class TradeSide(StrEnum):
    """A buy or an issue of units, or a sale or a redemption of them."""

    BUY = "buy"
    SELL = "sell"


class TradeReportState(StrEnum):
    """What became of a row that was imported.

    WAITING is for the job; APPLIED is, or was, how the trade stands; SUPERSEDED came after a later revision.
    """

    WAITING = "waiting"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


class TradeRefusal(StrEnum):
    """Why a row changed nothing."""

    SOURCE_UNKNOWN = "source-unknown"
    MEMBER_NOT_FOUND = "member-not-found"
    IN_THE_FUTURE = "trade-in-the-future"
    TOLD_OTHERWISE = "revision-told-otherwise"


_SOURCE: JsonDict = {
    "code": "TEHRAN",
    "kind": "broker",
    "title": "Tehran brokers",
    "title_fa": "کارگزاری تهران",
    "event_code": "trade",
}


class BrokerageSourceCreate(BaseModel):
    """A broker or fund whose files are imported."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _SOURCE})

    code: ShortCode
    kind: BrokerageSourceKind
    title: Title
    title_fa: Title
    event_code: EventCode | None = Field(
        default="trade", description="Type of events by which its trades earn; null for none."
    )


class BrokerageSourceUpdate(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"is_active": False}})

    title: Title | None = None
    title_fa: Title | None = None
    event_code: EventCode | None = Field(default=None, description="Null: its trades earn no more.")
    is_active: bool | None = Field(default=None, description="Whether its trades are taken.")


class BrokerageSourceRead(BaseModel):
    """A broker or fund."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_SOURCE, "id": 1, "is_active": True, "created_at": "2026-03-21T06:30:00Z"}
        }
    )

    id: int
    code: str
    kind: BrokerageSourceKind
    title: str
    title_fa: str
    event_code: str | None
    is_active: bool
    created_at: datetime


_TRADE: JsonDict = {
    "id": 41,
    "source": "TEHRAN",
    "reference": "T-1405-0001",
    "revision": 1,
    "member_id": 12,
    "symbol": "فولاد",
    "asset_type": "share",
    "side": "buy",
    "traded_at": "2026-04-04T06:30:00Z",
    "quantity": 1000,
    "price_rials": 5200,
    "turnover_rials": 5_200_000,
    "commission_rials": 19_292,
    "is_cancelled": False,
}


class TradeRead(BaseModel):
    """A trade as its last revision has it."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_TRADE, "told_at": "2026-04-04T12:30:00Z", "event_id": 31}}
    )

    id: int
    source: str
    reference: str
    revision: int = Field(description="Above 1 where a later row corrected or cancelled it.")
    member_id: int
    symbol: str
    asset_type: AssetType
    side: TradeSide
    traded_at: datetime
    quantity: int
    price_rials: int
    turnover_rials: int
    commission_rials: int
    is_cancelled: bool
    told_at: datetime
    event_id: int | None = Field(description="The event by which it earned, or why it didn't.")


class TradeReportRead(BaseModel):
    """A row that was imported, and what became of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_TRADE, "told_at": "2026-04-04T12:30:00Z", "state": "applied", "refusal": None}
        }
    )

    id: int
    source: str
    reference: str
    revision: int
    member_id: int
    symbol: str
    asset_type: AssetType
    side: TradeSide
    traded_at: datetime
    quantity: int
    price_rials: int
    turnover_rials: int
    commission_rials: int
    is_cancelled: bool
    told_at: datetime
    state: TradeReportState
    refusal: TradeRefusal | None


class PositionRead(BaseModel):
    """What a member holds of a symbol at a source."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 7,
                "source": "TEHRAN",
                "member_id": 12,
                "symbol": "فولاد",
                "asset_type": "share",
                "as_of": "2026-04-04T12:30:00Z",
                "quantity": 1000,
                "value_rials": 5_250_000,
                "cost_rials": 5_200_000,
            }
        }
    )

    id: int
    source: str
    member_id: int
    symbol: str
    asset_type: AssetType
    as_of: datetime
    quantity: int
    value_rials: int
    cost_rials: int | None


_PORTFOLIO_SOURCE: JsonDict = {
    "source": "TEHRAN",
    "kind": "broker",
    "title": "Tehran brokers",
    "title_fa": "کارگزاری تهران",
    "member_id": 12,
    "as_of": "2026-04-04T12:30:00Z",
    "told_at": "2026-04-04T12:40:00Z",
    "last_trade_at": "2026-04-04T06:30:00Z",
    "position_count": 1,
    "value_rials": 5_250_000,
    "positions": [],
}


class PortfolioSourceRead(BaseModel):
    """What a member holds at one broker or fund."""

    model_config = ConfigDict(json_schema_extra={"example": _PORTFOLIO_SOURCE})

    source: str
    kind: BrokerageSourceKind
    title: str
    title_fa: str
    member_id: int = Field(description="The record it was told of: the member's, or one that went into it.")
    as_of: datetime | None = Field(description="Of when the holdings are; null where none were told.")
    told_at: datetime | None = Field(description="When they came.")
    last_trade_at: datetime | None
    position_count: int
    value_rials: int
    positions: list[PositionRead] = Field(description="The 200 of the highest value; all are in the list.")


class PortfolioRead(BaseModel):
    """A member's holdings at brokers and in funds, side by side."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "broker_rials": 5_250_000,
                "fund_rials": 0,
                "sources": [_PORTFOLIO_SOURCE],
            }
        }
    )

    member_id: int
    broker_rials: int
    fund_rials: int
    sources: list[PortfolioSourceRead]


class TurnoverSide(BaseModel):
    """Sums of buys, or of sales."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"trades": 1, "turnover_rials": 5_200_000, "commission_rials": 19_292}}
    )

    trades: int
    turnover_rials: int
    commission_rials: int


class TurnoverRead(BaseModel):
    """Sums of trades that were not cancelled."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "buy": {"trades": 1, "turnover_rials": 5_200_000, "commission_rials": 19_292},
                "sell": {"trades": 0, "turnover_rials": 0, "commission_rials": 0},
            }
        }
    )

    buy: TurnoverSide
    sell: TurnoverSide


class SymbolDayRead(BaseModel):
    """A symbol's trades at a source on a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "day": "2026-04-04",
                "source": "TEHRAN",
                "symbol": "فولاد",
                "asset_type": "share",
                "buy_count": 1,
                "buy_rials": 5_200_000,
                "sell_count": 0,
                "sell_rials": 0,
                "turnover_rials": 5_200_000,
                "commission_rials": 19_292,
            }
        }
    )

    id: int
    day: date = Field(description="In Tehran.")
    source: str
    symbol: str
    asset_type: AssetType
    buy_count: int
    buy_rials: int
    sell_count: int
    sell_rials: int
    turnover_rials: int
    commission_rials: int


class SymbolRank(BaseModel):
    """A symbol among those that were traded most."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "symbol": "فولاد",
                "asset_type": "share",
                "trades": 1,
                "buy_rials": 5_200_000,
                "sell_rials": 0,
                "turnover_rials": 5_200_000,
                "commission_rials": 19_292,
            }
        }
    )

    symbol: str
    asset_type: AssetType
    trades: int
    buy_rials: int
    sell_rials: int
    turnover_rials: int
    commission_rials: int


class TraderRank(BaseModel):
    """A member among those who traded most."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "trades": 1,
                "turnover_rials": 5_200_000,
                "commission_rials": 19_292,
            }
        }
    )

    member_id: int = Field(description="As told; a record that went into another is ranked by itself.")
    trades: int
    turnover_rials: int
    commission_rials: int


class ClubTemplate(StrEnum):
    """Ready-made clubs."""

    BROKER_CLUB = "broker-club"
    FUND_CLUB = "fund-club"


class ClubTemplateUse(BaseModel):
    """Which ready-made club is wanted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"template": "fund-club"}})

    template: ClubTemplate


class ClubTemplateRead(BaseModel):
    """A ready-made club: a source, the events by which its trades earn, and rules for the draft."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "template": "fund-club",
                "title": "Club of an investment fund",
                "title_fa": "باشگاه صندوق سرمایه‌گذاری",
                "source": {**_SOURCE, "code": "FUND", "kind": "fund", "event_code": "custom:fundtrade"},
                "event_type": {"code": "custom:fundtrade", "title": "Units", "title_fa": "واحدها"},
                "rules": [{"rule_id": "FUND-ISSUE"}],
            }
        }
    )

    template: ClubTemplate
    title: str
    title_fa: str
    source: BrokerageSourceCreate
    event_type: dict[str, JsonValue]
    rules: list[dict[str, JsonValue]]
