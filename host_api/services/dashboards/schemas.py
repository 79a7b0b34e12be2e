"""What the dashboards service gives."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from host_api.services.transactions.meanings import CodeMeaning


class PeriodSales(BaseModel):
    """Approved transactions of a period, in minor units."""

    sales: int = Field(description="How many.")
    amount: int
    discount: int
    paid_from_purses: int
    left_to_pay: int
    returns: int = Field(description="Returns of sales and voids of holds.")
    returned_amount: int
    reversals: int
    reversed_amount: int


class PurseTurnover(BaseModel):
    """What all purses of one name got and gave in a period."""

    purse: str
    earned: int
    spent: int
    expired: int
    taken_back: int = Field(description="By reversals and returns, less what these gave back.")
    other: int = Field(description="Adjustments, loads, conversions and the like, in less out.")


class CodeCount(BaseModel):
    """How often a code was the answer."""

    response_code: str
    count: int
    meaning: CodeMeaning


class PeriodFigures(BaseModel):
    """The figures of one period, days of Tehran."""

    day_from: date
    day_to: date
    sales: PeriodSales
    points: list[PurseTurnover]
    new_members: int
    active_members: int = Field(description="Members with an approved sale.")
    first_sales: int = Field(description="Members whose first sale it was.")
    approved: int
    declined: int
    declines: list[CodeCount]


class RuleFigures(BaseModel):
    """What a rule did in the last seven days."""

    rule: str
    type: str
    purse: str | None = Field(description="Null for a discount, which is in minor units.")
    count: int
    granted: int


class BranchFigures(BaseModel):
    """What a branch sold in the last seven days."""

    merchant_id: str
    branch_number: int
    merchant_name: str | None
    branch_name: str | None
    sales: int
    amount: int


class Liability(BaseModel):
    """What the club owes in a purse."""

    purse: str
    amount: int = Field(description="All lots, those that can be spent only later among them, less debt.")
    never_expires: int
    debt: int = Field(description="What members owe, as a positive number.")


class ExpiringMonth(BaseModel):
    """What runs out in a month of the Jalali calendar."""

    purse: str
    month: str = Field(description="Year and month.", examples=["1405-06"])
    amount: int


class NewsItem(BaseModel):
    """Something that happened in a module."""

    at: datetime
    type: str
    title: str
    title_fa: str
    subject_kind: str
    subject_id: str


class Waiting(BaseModel):
    """What waits for somebody."""

    voids_and_returns: int = Field(description="Wait for a second person.")
    points_acts: int = Field(description="Wait for a second person.")
    disputes: int = Field(description="Not decided yet.")
    overdue_disputes: int
    faults: int = Field(description="Faults that nobody has acknowledged.")


_PERIOD: JsonDict = {
    "day_from": "2026-03-21",
    "day_to": "2026-03-21",
    "sales": {
        "sales": 1,
        "amount": 2500000,
        "discount": 0,
        "paid_from_purses": 0,
        "left_to_pay": 2500000,
        "returns": 0,
        "returned_amount": 0,
        "reversals": 0,
        "reversed_amount": 0,
    },
    "points": [{"purse": "points", "earned": 250, "spent": 0, "expired": 0, "taken_back": 0, "other": 0}],
    "new_members": 1,
    "active_members": 1,
    "first_sales": 1,
    "approved": 1,
    "declined": 0,
    "declines": [],
}


class DashboardRead(BaseModel):
    """The club at a glance."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "at": "2026-03-21T06:31:12Z",
                "position": 17,
                "today": _PERIOD,
                "yesterday": {**_PERIOD, "day_from": "2026-03-20", "day_to": "2026-03-20"},
                "week": {**_PERIOD, "day_from": "2026-03-15"},
                "top_rules": [
                    {"rule": "EARN-01", "type": "earn", "purse": "points", "count": 1, "granted": 250}
                ],
                "top_branches": [],
                "liability": [{"purse": "points", "amount": 250, "never_expires": 0, "debt": 0}],
                "expiring": [{"purse": "points", "month": "1406-01", "amount": 250}],
                "news": [],
                "waiting": {
                    "voids_and_returns": 0,
                    "points_acts": 0,
                    "disputes": 0,
                    "overdue_disputes": 0,
                    "faults": 0,
                },
            }
        }
    )

    at: datetime
    position: int = Field(description="The journal position that the figures have come to.")
    today: PeriodFigures
    yesterday: PeriodFigures
    week: PeriodFigures = Field(description="Today and the six days before.")
    top_rules: list[RuleFigures]
    top_branches: list[BranchFigures]
    liability: list[Liability]
    expiring: list[ExpiringMonth] = Field(description="From this month on, a year ahead.")
    news: list[NewsItem] = Field(description="The latest of each kind, the latest first.")
    waiting: Waiting
