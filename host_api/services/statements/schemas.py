"""What the statements service gives."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing


class MovementKind(StrEnum):
    """Why a purse changed, as the journal's transfers say."""

    EARN = "earn"
    SPEND = "spend"
    COST = "cost"
    REVERSE = "reverse"
    RETURN = "return"
    EXPIRE = "expire"
    TRANSFER = "transfer"
    CONVERT = "convert"
    ADJUST = "adjust"
    LOAD = "load"
    HOLD = "hold"
    RELEASE = "release"
    OTHER = "other"


_TITLES = {
    MovementKind.EARN: ("Earned", "کسب‌شده"),
    MovementKind.SPEND: ("Spent", "خرج‌شده"),
    MovementKind.COST: ("Paid for rewards", "بهای جایزه"),
    MovementKind.REVERSE: ("Reversed", "برگشت تراکنش"),
    MovementKind.RETURN: ("Returned", "مرجوعی"),
    MovementKind.EXPIRE: ("Expired", "منقضی‌شده"),
    MovementKind.TRANSFER: ("Transferred", "انتقال"),
    MovementKind.CONVERT: ("Converted", "تبدیل"),
    MovementKind.ADJUST: ("Adjusted", "اصلاح"),
    MovementKind.LOAD: ("Loaded", "شارژ"),
    MovementKind.HOLD: ("Held and freed", "نگه‌داشت"),
    MovementKind.RELEASE: ("Released", "آزادسازی"),
    MovementKind.OTHER: ("Other", "دیگر"),
}


class Turnover(BaseModel):
    """What one kind of movement gave and took in the period."""

    kind: MovementKind
    title: str
    title_fa: str
    received: int
    spent: int = Field(description="What went out, as a positive number.")


class Expiring(BaseModel):
    """What runs out on a day."""

    day: date = Field(description="The last day on which it can be spent, by the calendar of Tehran.")
    amount: int


class PurseStatement(BaseModel):
    """One purse in the period; `closing` is `opening` with all turnover."""

    purse: str
    is_household: bool = Field(description="Whether the household holds it together.")
    opening: int
    closing: int
    turnover: list[Turnover]
    expiring: list[Expiring] = Field(description="What runs out within the days asked for, from today.")


class StatementRead(BaseModel):
    """A member's turnover of points by purse and kind."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "member_id": 12,
                "day_from": "2026-03-21",
                "day_to": "2026-04-20",
                "purses": [
                    {
                        "purse": "points",
                        "is_household": False,
                        "opening": 100,
                        "closing": 300,
                        "turnover": [
                            {
                                "kind": "earn",
                                "title": "Earned",
                                "title_fa": "کسب‌شده",
                                "received": 250,
                                "spent": 0,
                            },
                            {
                                "kind": "expire",
                                "title": "Expired",
                                "title_fa": "منقضی‌شده",
                                "received": 0,
                                "spent": 50,
                            },
                        ],
                        "expiring": [{"day": "2026-05-21", "amount": 50}],
                    }
                ],
            }
        }
    )

    member_id: int
    day_from: date
    day_to: date
    purses: list[PurseStatement]


class TimelineMovement(BaseModel):
    """What an entry added to one purse of the member."""

    purse: str
    kind: MovementKind
    amount: int = Field(description="Negative where it was taken.")


class TimelineEntry(BaseModel):
    """Something that happened to the member; without a transaction it was time itself: points expired."""

    position: int = Field(description="Position in the journal.")
    at: datetime
    rrn: str | None
    operation: Operation | None
    approved: bool | None
    standing: Standing | None
    response_code: str | None
    amount: int | None = Field(description="Of the sale or request, minor units; null of another's.")
    merchant_id: str | None
    terminal_id: str | None
    movements: list[TimelineMovement]


class TimelineRead(BaseModel):
    """One page of a member's history, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "position": 17,
                        "at": "2026-03-21T06:31:12.345000Z",
                        "rrn": "000000000017",
                        "operation": "purchase",
                        "approved": True,
                        "standing": "stands",
                        "response_code": "00",
                        "amount": 2500000,
                        "merchant_id": "SHOP01",
                        "terminal_id": "TERM0001",
                        "movements": [{"purse": "points", "kind": "earn", "amount": 250}],
                    }
                ],
                "next_before": None,
            }
        }
    )

    items: list[TimelineEntry]
    next_before: int | None = Field(description="Send as `before` for the next page; null on the last one.")


def titles_of(kind: MovementKind) -> tuple[str, str]:
    """What a person calls it, in English and Persian."""
    return _TITLES[kind]
