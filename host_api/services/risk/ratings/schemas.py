"""What ratings give."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from host_api.services.risk.ratings.score import AnomalyFlag, RiskClass, RiskReasonCode

REASON_TEXTS: Final = {
    RiskReasonCode.CONFIRMED_ALERTS: ("Right alerts of the last year", "هشدارهای درستِ یک سال گذشته"),
    RiskReasonCode.OPEN_ALERTS: ("Alerts that nobody has looked at yet", "هشدارهای بررسی‌نشده"),
    RiskReasonCode.RETURNED_SALES: ("Percent of sales returned in 90 days", "درصد خریدهای برگشتی در ۹۰ روز"),
    RiskReasonCode.REFUSALS: ("Refusals in 90 days", "تراکنش‌های ردشده در ۹۰ روز"),
    RiskReasonCode.DEBT: ("Points owed after returns", "بدهی امتیاز پس از برگشت خرید"),
    RiskReasonCode.NEW: ("Days as a member", "روزهای عضویت"),
    RiskReasonCode.THIN_PROFILE: ("Percent of the record filled in", "درصد تکمیل پرونده"),
}


class RiskReasonRead(BaseModel):
    """A part of a score."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "confirmed_alerts",
                "count": 1,
                "points": 30,
                "text": "Right alerts of the last year",
                "text_fa": "هشدارهای درستِ یک سال گذشته",
            }
        }
    )

    code: RiskReasonCode
    count: int = Field(description="What was counted.")
    points: int = Field(description="What it adds to the score.")
    text: str
    text_fa: str


_RATING: dict[str, JsonValue] = {
    "member_id": 12,
    "score": 40,
    "risk_class": "medium",
    "quality": 37,
    "flags": ["thin_profile"],
    "score_version": 1,
    "rated_at": "2026-03-21T23:10:00Z",
    "reasons": [
        {
            "code": "confirmed_alerts",
            "count": 1,
            "points": 30,
            "text": "Right alerts of the last year",
            "text_fa": "هشدارهای درستِ یک سال گذشته",
        },
        {
            "code": "thin_profile",
            "count": 37,
            "points": 10,
            "text": "Percent of the record filled in",
            "text_fa": "درصد تکمیل پرونده",
        },
    ],
}


class RiskRatingRead(BaseModel):
    """A member's risk class, and why."""

    model_config = ConfigDict(json_schema_extra={"example": _RATING})

    member_id: int
    score: int = Field(description="0 to 100; the sum of the reasons' points, cut at 100.")
    risk_class: RiskClass = Field(description="As rules of the switch know it; low is none there.")
    quality: int = Field(description="How much of the record is filled in, percent.")
    flags: list[AnomalyFlag]
    reasons: list[RiskReasonRead]
    score_version: int = Field(description="Of the formula.")
    rated_at: datetime


class RiskFlagCount(BaseModel):
    """How many members stand out by something."""

    model_config = ConfigDict(json_schema_extra={"example": {"flag": "thin_profile", "members": 240}})

    flag: AnomalyFlag
    members: int


class RiskClassCount(BaseModel):
    """How many members are of a class."""

    model_config = ConfigDict(json_schema_extra={"example": {"risk_class": "high", "members": 7}})

    risk_class: RiskClass
    members: int


class RiskPanel(BaseModel):
    """How things stand now, for the first page of whoever watches."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "open_alerts": 3,
                "open_high": 1,
                "alerts_today": 5,
                "asked_acts": 1,
                "failed_acts": 0,
                "asked_limits": 0,
                "trades_today": 240,
                "trade_amount_today": 9_400_000_000,
                "classes": [{"risk_class": "high", "members": 7}],
                "flags": [{"flag": "thin_profile", "members": 240}],
            }
        }
    )

    open_alerts: int
    open_high: int
    alerts_today: int
    asked_acts: int
    failed_acts: int
    asked_limits: int
    trades_today: int
    trade_amount_today: int
    classes: list[RiskClassCount]
    flags: list[RiskFlagCount]
