"""The few names, amounts and dates that random rules and random requests share, so that they meet."""

from collections.abc import Sequence

from hypothesis import strategies as st

Json = dict[str, object]

RULE_IDS = tuple(f"R-{number}" for number in range(1, 10))
PURSES: dict[str, Json] = {
    "points": {"code": 91, "unit": "points", "value": {"give": 1000, "per": 1}},
    "credit": {"code": 92, "unit": "money", "value": {"give": 1, "per": 1}},
    "coins": {"code": 93, "unit": "points", "value": {"give": 7, "per": 3}},
    "items": {"code": 90, "unit": "count", "value": {"give": 2500, "per": 1}},
    "vouchers": {"code": 98, "unit": "count", "value": {"give": 0, "per": 1}},
    "tickets": {"code": 99, "unit": "count", "value": {"give": 10, "per": 1}},
    "tier_points": {"code": 95, "unit": "points", "value": {"give": 0, "per": 1}},
}
SPENDABLE = ("points", "credit", "coins")
SEGMENTS = {"vip": 0, "young": 7, "far": 255}
AGREEMENTS = {"terms": 0, "A-3": 200}
GROUPS = ("base", "best", "other")
# Units of different purses can't be added: a budget in units is for one purse ("" for discounts).
UNIT_BUDGETS = {"B-2": "points", "B-3": ""}
BUDGETS = ("B-1", *UNIT_BUDGETS)
COUNTERS = ("visits", "spent")
METRICS = ("miles", "weight")
TRIGGERS = ("purchase", "enrol", "visit", "custom:spin")
SUBJECTS = ("member", "card", "household", "merchant", "branch", "terminal", "operator", "global")
ZONES = ("Asia/Tehran", "UTC", "Europe/London", "America/Havana", "Asia/Kathmandu")
DAYS = ("SAT", "SUN", "MON", "TUE", "WED", "THU", "FRI")

TEXTS: dict[str, tuple[str, ...]] = {
    "merchant": ("M1", "M2"),
    "branch": ("M1/1", "M1/2", "M2/1"),
    "terminal": ("T1", "T2"),
    "channel": ("pos", "app"),
    "guild": ("bakers", "grocers"),
    "sector": ("food", "fuel"),
    "city": ("Tehran", "Yazd"),
    "organisation": ("O1", "O2"),
    "card.type": ("gold", "plain"),
    "operator": ("op1", "op2"),
    "member.status": ("active", "blocked"),
    "tier": ("bronze", "silver"),
    "group": ("g1", "g2"),
    "club_level": ("l1", "l2"),
    "enrol_channel": ("sms", "pos"),
    "risk_class": ("low", "high"),
    "entry_mode": ("chip", "qr"),
    "code": ("NOWRUZ", "YALDA"),
    "event": ("spin", "win"),
}
SCOPES = {
    "merchants": "merchant",
    "branches": "branch",
    "terminals": "terminal",
    "guilds": "guild",
    "sectors": "sector",
    "cities": "city",
    "organisations": "organisation",
    "card_types": "card.type",
    "channels": "channel",
}
ITEMS: dict[str, tuple[str, ...]] = {
    "item.sku": ("tea", "rice", "card"),
    "item.category": ("food", "gift_card"),
    "item.label": ("fresh", "promo", "local"),
}
AMOUNTS = (0, 1, 99, 100, 101, 999, 1000, 1001, 5000, 10_000, 100_000, 2_500_000)
SMALL = (0, 1, 2, 3, 7)
# Dates about which calendars, leap years and clock changes meet.
DATES = (
    "2021-03-21",
    "2021-03-22",
    "2021-09-21",
    "2024-02-29",
    "2024-03-20",
    "2024-12-31",
    "2025-03-20",
    "2025-03-21",
    "2025-10-26",
    "2026-03-21",
)
JALALI_DATES = ("1400-01-02", "1400-06-31", "1403-12-30", "1404-01-01", "1404-07-30", "1405-01-01")

_ordinals = [st.integers(0, last) for last in range(65)]


class Dice:
    """Short words for what documents are drawn with."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def number(self, last: int) -> int:
        """One of 0..last, last included."""
        return self._draw(_ordinals[last])

    def one(self, values: Sequence[str]) -> str:
        """One of the values."""
        return values[self.number(len(values) - 1)]

    def amount(self, values: Sequence[int] = AMOUNTS) -> int:
        """One of the amounts."""
        return values[self.number(len(values) - 1)]

    def once_in(self, sides: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.number(sides - 1) == sides - 1

    def some(self, values: Sequence[str], least: int = 1) -> list[str]:
        """Different values in the order in which they stand, at least so many."""
        chosen = [value for value in values if self.number(1)]
        return chosen if len(chosen) >= least else list(values[:least])
