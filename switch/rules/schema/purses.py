"""Purses as a rule document declares them, and those that are there where it declares none."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from switch.rules.purses import PURSE_CODE_MAX, PURSE_CODE_MIN
from switch.rules.schema.values import Amount, AmountOrZero, Days, Part, PurseName, Text

PurseUnitName = Literal["points", "money", "count"]
# ISO 4217: the Iranian rial, and "no currency".
RIAL = "364"
NO_CURRENCY = "999"


class PurseValue(Part):
    """`give` minor units of rial are owed for every `per` units."""

    give: AmountOrZero
    per: Amount = 1


def _currency(data: dict[str, object]) -> str:
    return RIAL if data.get("unit") == "money" else NO_CURRENCY


def _value(data: dict[str, object]) -> PurseValue:
    return PurseValue(give=1 if data.get("unit") == "money" else 0)


class PurseSpec(Part):
    """One purse; see `switch.rules.purses.Purse` for the meaning of its policy.

    Money is rial worth itself where nothing else is said; points and counts are worth nothing.
    """

    code: Annotated[StrictInt, Field(ge=PURSE_CODE_MIN, le=PURSE_CODE_MAX)]
    name: PurseName
    title: Text
    unit: PurseUnitName = "points"
    currency: Annotated[str, Field(pattern=r"^[0-9]{3}$")] = Field(default_factory=_currency)
    value: PurseValue = Field(default_factory=_value)
    overdraft_max: AmountOrZero = 0
    return_may_overdraw: StrictBool = True
    pooled: StrictBool = False
    transferable: StrictBool = False
    inactivity_days: Days = 0
    restore_grace_days: Days = 0


def _built_in(
    code: int,
    name: str,
    title_fa: str,
    title_en: str,
    unit: PurseUnitName,
    *,
    value_give: int = 0,
    return_may_overdraw: bool = True,
    transferable: bool = False,
) -> PurseSpec:
    return PurseSpec(
        code=code,
        name=name,
        title=Text(fa=title_fa, en=title_en),
        unit=unit,
        currency=RIAL if unit == "money" else NO_CURRENCY,
        value=PurseValue(give=value_give),
        return_may_overdraw=return_may_overdraw,
        transferable=transferable,
    )


BUILT_IN_PURSES = (
    _built_in(91, "points", "امتیاز", "points", "points", value_give=1000, transferable=True),
    _built_in(92, "credit", "اعتبار", "credit", "money", value_give=1),
    _built_in(93, "coins", "سکه", "coins", "points", transferable=True),
    # What was paid in with money is never owed back by the member.
    _built_in(
        94, "wallet", "کیف پول", "wallet", "money", value_give=1, return_may_overdraw=False, transferable=True
    ),
    _built_in(95, "tier_points", "امتیاز سطح", "tier points", "points"),
    _built_in(96, "gift", "کارت هدیه", "gift card", "money", value_give=1, return_may_overdraw=False),
    _built_in(97, "stamps", "مهر", "stamps", "count"),
    _built_in(98, "vouchers", "بن", "vouchers", "count"),
    _built_in(99, "tickets", "بلیت قرعه‌کشی", "lottery tickets", "count"),
    _built_in(90, "items", "کالای رایگان", "free items", "count"),
)
