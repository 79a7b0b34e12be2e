"""What a rule can look at: the dimensions of a request, its member and its place.

Names are those of conditions in a rule (`f`). Where a fact is unknown, texts and sets are empty and numbers
None; an unknown fact fails every comparison.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class TextDimension(IntEnum):
    """Facts that are compared for equality; the value is the index in `Facts.texts`."""

    CHANNEL = 0
    MERCHANT = 1
    BRANCH = 2
    TERMINAL = 3
    GUILD = 4
    SECTOR = 5
    CITY = 6
    OPERATOR = 7
    CARD_TYPE = 8
    MEMBER_STATUS = 9
    TIER = 10
    GROUP = 11
    ORGANISATION = 12
    CLUB_LEVEL = 13
    ENROL_CHANNEL = 14
    RISK_CLASS = 15
    ENTRY_MODE = 16
    CODE = 17
    EVENT = 18


class NumberDimension(IntEnum):
    """Facts that are compared by size; the value is the index in `Facts.numbers`.

    Amounts are minor units; NET_AMOUNT is what is left to pay after discounts and points. WEEKDAY counts from
    Saturday = 1. Dates are YYYYMMDD. BIRTHDAY_DISTANCE is the days to the nearest birthday, before or after.
    POINTS_PAID is the share of the amount paid from purses, per thousand.
    """

    AMOUNT = 0
    NET_AMOUNT = 1
    POINTS_PAID = 2
    LINE_COUNT = 3
    ITEM_QUANTITY = 4
    DAYS_SINCE_LAST = 5
    ENROLLED_DAYS = 6
    BIRTHDAY_DISTANCE = 7
    REFERRAL_DEPTH = 8
    DATE = 9
    WEEKDAY = 10
    MINUTE = 11
    MONTH = 12
    DAY = 13
    JALALI_DATE = 14
    JALALI_MONTH = 15
    JALALI_DAY = 16


class SetDimension(IntEnum):
    """Facts that are sets of declared names, as bits; the value is the index in `Facts.sets`."""

    SEGMENT = 0
    AGREEMENT = 1


class ItemDimension(IntEnum):
    """What a basket line is matched by."""

    SKU = 0
    CATEGORY = 1
    LABEL = 2


# Names in conditions; `balance.<purse>`, `metric.<name>` and `counter.<id>` are numbers too.
TEXT_NAMES = {
    "channel": TextDimension.CHANNEL,
    "merchant": TextDimension.MERCHANT,
    "branch": TextDimension.BRANCH,
    "terminal": TextDimension.TERMINAL,
    "guild": TextDimension.GUILD,
    "sector": TextDimension.SECTOR,
    "city": TextDimension.CITY,
    "operator": TextDimension.OPERATOR,
    "card.type": TextDimension.CARD_TYPE,
    "member.status": TextDimension.MEMBER_STATUS,
    "tier": TextDimension.TIER,
    "group": TextDimension.GROUP,
    "organisation": TextDimension.ORGANISATION,
    "club_level": TextDimension.CLUB_LEVEL,
    "enrol_channel": TextDimension.ENROL_CHANNEL,
    "risk_class": TextDimension.RISK_CLASS,
    "entry_mode": TextDimension.ENTRY_MODE,
    "code": TextDimension.CODE,
    "event": TextDimension.EVENT,
}
NUMBER_NAMES = {
    "amount": NumberDimension.AMOUNT,
    "net_amount": NumberDimension.NET_AMOUNT,
    "points_paid": NumberDimension.POINTS_PAID,
    "basket.lines": NumberDimension.LINE_COUNT,
    "basket.quantity": NumberDimension.ITEM_QUANTITY,
    "days_since_last": NumberDimension.DAYS_SINCE_LAST,
    "enrolled_days": NumberDimension.ENROLLED_DAYS,
    "birthday_distance": NumberDimension.BIRTHDAY_DISTANCE,
    "referral.depth": NumberDimension.REFERRAL_DEPTH,
    "date": NumberDimension.DATE,
    "weekday": NumberDimension.WEEKDAY,
    "minute": NumberDimension.MINUTE,
    "month": NumberDimension.MONTH,
    "day": NumberDimension.DAY,
    "jalali.date": NumberDimension.JALALI_DATE,
    "jalali.month": NumberDimension.JALALI_MONTH,
    "jalali.day": NumberDimension.JALALI_DAY,
}
SET_NAMES = {"segment": SetDimension.SEGMENT, "agreement": SetDimension.AGREEMENT}
ITEM_NAMES = {
    "item.sku": ItemDimension.SKU,
    "item.category": ItemDimension.CATEGORY,
    "item.label": ItemDimension.LABEL,
}
SET_BITS = 256
LINES_MAX = 64


class Line(NamedTuple):
    """One basket line; `amount` is its whole price in minor units, `quantity` at least 1."""

    sku: str
    category: str
    labels: tuple[str, ...]
    quantity: int
    amount: int


class Subject(NamedTuple):
    """Whose numbers a cap counts; 0 where there is none. `branch` and `operator` are 56-bit keyed texts."""

    member: int
    card: int
    household: int
    merchant: int
    branch: int
    terminal: int
    operator: int


class Facts(NamedTuple):
    """Everything that rules may look at for one request.

    `at_s` is the time the rules look at, UTC seconds: now, or the terminal's time of an offline sale.
    `reward` names the rule that a burn request asks for, empty for none. `uplines` are the introducers by
    level, nearest first, only those whose branch is still valid.
    `tender_purse` is the purse a burn request pays from, 0 for none; at most one of `tender_amount` (minor
    units of the bill) and `tender_units` (units of the purse) says how much, None for both means all.
    """

    trigger: str
    at_s: int
    texts: tuple[str, ...]
    numbers: tuple[int | None, ...]
    sets: tuple[int, ...]
    balances: Mapping[int, int]
    metrics: Mapping[str, int]
    lines: tuple[Line, ...]
    subject: Subject
    uplines: tuple[int, ...]
    has_pin: bool
    reward: str
    tender_purse: int
    tender_amount: int | None
    tender_units: int | None
