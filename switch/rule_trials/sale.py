"""Requests as people write them: one sale, visit or birthday, with what should come of it.

A file of sales is TOML (`[[sales]]`), JSON (an object with `sales`, or a list) or JSON lines. Unknown keys
are refused.
"""

import re
from datetime import date, datetime, time, tzinfo
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from switch.rules.compiler.dates import gregorian
from switch.rules.facts import LINES_MAX
from switch.rules.schema.rule import TriggerName

# Requests of these say by themselves what they are; all others name an event.
_WITHOUT_EVENT = frozenset(("purchase", "burn_request", "conversion"))
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_Amount = Annotated[int, Field(strict=True, ge=0, le=999_999_999_999)]
_Number = Annotated[int, Field(strict=True, ge=0, le=0xFFFF_FFFF)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaleLine(_Part):
    """One basket line; `amount` is its whole price in rial."""

    sku: str = ""
    category: str = ""
    labels: tuple[str, ...] = ()
    quantity: Annotated[int, Field(strict=True, ge=1)] = 1
    amount: _Amount


class Payment(_Part):
    """What the member wants to pay from a purse: `amount` of the bill in rial, or `units` of the purse; all
    that can be paid where neither is given. For a conversion `units` is what is given up."""

    purse: str
    amount: _Amount | None = None
    units: _Amount | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.amount is not None and self.units is not None:
            raise ValueError("give amount or units, not both")
        return self


class Expectation(_Part):
    """What should come of a sale. Grants, discounts, costs and tender are lines as `vafa rules explain` has
    them, and all of them must be there; `net`, `discount`, `fa` and `en` are looked at where they are given.

    `refused` is the response code, empty for a sale that is not refused.
    """

    net: _Amount | None = None
    discount: _Amount | None = None
    discounts: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    tender: str = ""
    grants: tuple[str, ...] = ()
    refused: str = ""
    fa: tuple[str, ...] | None = None
    en: tuple[str, ...] | None = None


class Sale(_Part):
    """One request. `at` without an offset is local time, Jalali where its year is below 1700.

    Amounts are in rial. `member`, `card`, `household` and `uplines` are numbers that only have to differ.
    What is left out is unknown; balances and the days since the last purchase come from the sales before.
    `reward` is the rule that a member asks for, or the purse that a conversion fills.
    """

    note: str = ""
    trigger: TriggerName = "purchase"
    at: str | None = None
    amount: _Amount = 0
    lines: tuple[SaleLine, ...] = Field(default=(), max_length=LINES_MAX)
    member: _Number = 1
    card: _Number = 0
    household: _Number = 0
    uplines: tuple[_Number, ...] = ()
    merchant: str = ""
    branch: str = ""
    terminal: str = ""
    guild: str = ""
    sector: str = ""
    city: str = ""
    operator: str = ""
    channel: str = "pos"
    entry_mode: str = ""
    card_type: str = ""
    status: str = "active"
    tier: str = ""
    group: str = ""
    organisation: str = ""
    club_level: str = ""
    enrol_channel: str = ""
    risk_class: str = ""
    code: str = ""
    event: str = ""
    segments: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    balances: dict[str, int] = Field(default_factory=dict)
    metrics: dict[str, int] = Field(default_factory=dict)
    days_since_last: _Number | None = None
    enrolled_days: _Number | None = None
    birthday_distance: _Number | None = None
    referral_depth: _Number | None = None
    pin: bool = False
    reward: str = ""
    pay: Payment | None = None
    expect: Expectation | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _a_time(cls, value: object) -> object:
        # TOML has dates and times of its own.
        text = value.isoformat() if isinstance(value, date) else value
        if isinstance(text, str):
            _read_time(text)
        return text

    @model_validator(mode="after")
    def _branch_names_its_merchant(self) -> Self:
        if self.branch and not self.branch.startswith(f"{self.merchant}/") and self.merchant:
            raise ValueError(f'a branch is written "{self.merchant}/1": merchant, stroke, number')
        return self

    @model_validator(mode="after")
    def _an_event_is_its_trigger(self) -> Self:
        if self.named_event and self.event not in ("", self.named_event):
            raise ValueError("an event is what triggers: leave `event` out, or name another trigger")
        return self

    @property
    def named_event(self) -> str:
        """The event as the switch is told it, and rules see it; empty where the request is none."""
        return "" if self.trigger in _WITHOUT_EVENT else self.trigger

    def at_s(self, zone: tzinfo, now_s: int) -> int:
        """UTC seconds of the sale, `now_s` where it says nothing."""
        if self.at is None:
            return now_s
        moment = _read_time(self.at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return int(moment.timestamp())


class SalesFile(_Part):
    """Sales in the order in which they happen."""

    title: str = ""
    sales: tuple[Sale, ...] = Field(min_length=1)


def _read_time(text: str) -> datetime:
    """A time in ISO 8601; a date alone is its noon. Raises ValueError."""
    day, separator, clock = text.strip().replace("T", " ", 1).partition(" ")
    if not _DATE.fullmatch(day):
        raise ValueError("a time is written 2026-11-01T18:30 or 1405-08-10T18:30, or is a date alone")
    return datetime.combine(gregorian(day), time.fromisoformat(clock) if separator else time(12))
