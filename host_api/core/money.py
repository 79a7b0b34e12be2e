"""Amounts of money: whole rials inside; tomans, grouping and Persian digits at the edge only.

Ten rials are a toman, a word of the street and no unit of account (ISO 4217 knows IRR, 364).
"""

import re
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from host_api.core.persian_text import fold_digits, persian_digits

RIALS_PER_TOMAN: Final = 10
LARGEST_AMOUNT: Final = 999_999_999_999  # twelve digits, as the switch's messages carry them

Language = Literal["en", "fa"]


class MoneyUnit(StrEnum):
    """What an amount is counted in where people read or write it."""

    RIAL = "rial"
    TOMAN = "toman"


_UNIT_NAMES: Final[dict[Language, dict[MoneyUnit, str]]] = {
    "en": {MoneyUnit.RIAL: "IRR", MoneyUnit.TOMAN: "toman"},
    "fa": {MoneyUnit.RIAL: "ریال", MoneyUnit.TOMAN: "تومان"},
}
_UNIT_WORDS: Final = {
    **dict.fromkeys(("ریال", "rial", "rials", "irr"), MoneyUnit.RIAL),
    **dict.fromkeys(("تومان", "تومن", "toman", "tomans"), MoneyUnit.TOMAN),
}
_GROUPING: Final = {"en": ",", "fa": "\u066c"}  # Arabic thousands separator, as CLDR has it for Persian
_DECIMAL: Final = {"en": ".", "fa": "\u066b"}
_MINUS: Final = {"en": "-", "fa": "\u200e\u2212"}  # CLDR: a mark keeps the sign left of its number
_WRITTEN: Final = re.compile(r"([0-9]+|[0-9]{1,3}(?:[,\u066c\u060c ][0-9]{3})+)\s*([A-Za-z\u0600-\u06ff]*)")
_LONGEST_WRITTEN: Final = 64


class AmountFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A text isn't an amount of money. Tells nothing of it."""

    message: Final = "Not an amount of money; write a whole number such as 1,250,000"
    message_fa: Final = "مبلغ باید عددی درست مانند ۱٬۲۵۰٬۰۰۰ باشد."

    def __init__(self) -> None:
        super().__init__("amount")


Rials = Annotated[
    int, Field(ge=0, le=LARGEST_AMOUNT, description="Amount in rials (IRR).", examples=[1_250_000])
]


def rials_of_tomans(tomans: int) -> int:
    """Rials of a whole number of tomans."""
    return tomans * RIALS_PER_TOMAN


def parse_amount(text: str, unit: MoneyUnit = MoneyUnit.RIAL) -> int:
    """The rials that `text` says: a whole number in digits of any script, in groups of three or in none.

    Parameters:
        unit: what a number without a unit counts; ``ریال`` and ``تومان`` behind it (or in Latin letters) win.

    Raises:
        AmountFault: it isn't a number, has another word behind it, or more than twelve digits in rials.
    """
    match = _WRITTEN.fullmatch(fold_digits(text).strip()) if len(text) <= _LONGEST_WRITTEN else None
    word = match[2].casefold() if match else ""
    said = _UNIT_WORDS.get(word.replace("ي", "ی")) if word else unit
    if match is None or said is None:
        raise AmountFault
    number = int(re.sub("[^0-9]", "", match[1]))
    rials = rials_of_tomans(number) if said is MoneyUnit.TOMAN else number
    if rials > LARGEST_AMOUNT:
        raise AmountFault
    return rials


def format_amount(
    rials: int, language: Language = "fa", unit: MoneyUnit = MoneyUnit.RIAL, *, with_unit: bool = True
) -> str:
    """``۱٬۲۵۰٬۰۰۰ ریال``, ``۱۲۵٬۰۰۰ تومان``, ``1,250,000 IRR``; rials beside whole tomans as a tenth.

    Parameters:
        rials: negative ones get a sign on their left in both languages.
    """
    whole, rest = divmod(abs(rials), RIALS_PER_TOMAN) if unit is MoneyUnit.TOMAN else (abs(rials), 0)
    text = f"{whole:,}".replace(",", _GROUPING[language])
    if rest:
        text += f"{_DECIMAL[language]}{rest}"
    if rials < 0:
        text = _MINUS[language] + text
    if with_unit:
        text += f" {_UNIT_NAMES[language][unit]}"
    return persian_digits(text) if language == "fa" else text
