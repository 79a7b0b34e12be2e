"""Why a number isn't accepted. Neither text nor `repr` holds the number: it may be a card number."""

from enum import StrEnum
from typing import Final


class NumberKind(StrEnum):
    """What the number was to be; also the code of the error in a problem document."""

    NATIONAL_ID = "national_id"
    LEGAL_PERSON_ID = "legal_person_id"
    SHEBA = "sheba"
    MOBILE_NUMBER = "mobile_number"
    LANDLINE_NUMBER = "landline_number"
    POSTAL_CODE = "postal_code"
    BANK_CARD_NUMBER = "bank_card_number"
    CARD_NUMBER = "card_number"


class FaultReason(StrEnum):
    """What is wrong with it."""

    CHARACTERS = "characters"
    LENGTH = "length"
    PREFIX = "prefix"
    REPEATED = "repeated"
    CHECK_DIGIT = "check_digit"


_FORMS: Final = {
    NumberKind.NATIONAL_ID: (
        "A national id has 10 digits; the last one checks the others",
        "کد ملی ۱۰ رقم دارد و رقم آخر آن رقم کنترل است",
    ),
    NumberKind.LEGAL_PERSON_ID: (
        "A national id of a legal person has 11 digits; the last one checks the others",
        "شناسهٔ ملی اشخاص حقوقی ۱۱ رقم دارد و رقم آخر آن رقم کنترل است",
    ),
    NumberKind.SHEBA: (
        "A Sheba is IR and 24 digits; the first two check the others",
        "شبا IR و ۲۴ رقم است و دو رقم نخست آن رقم کنترل است",
    ),
    NumberKind.MOBILE_NUMBER: (
        "An Iranian mobile number is written like 09123456789",
        "شمارهٔ همراه ایران مانند ۰۹۱۲۳۴۵۶۷۸۹ نوشته می‌شود",
    ),
    NumberKind.LANDLINE_NUMBER: (
        "An Iranian landline number is written with its area code, like 02123456789",
        "شمارهٔ تلفن ثابت با پیش‌شمارهٔ استان، مانند ۰۲۱۲۳۴۵۶۷۸۹ نوشته می‌شود",
    ),
    NumberKind.POSTAL_CODE: (
        "A postal code has 10 digits, with no 0 and no 2 among the first five",
        "کد پستی ۱۰ رقم دارد و در پنج رقم نخست آن ۰ و ۲ نیست",
    ),
    NumberKind.BANK_CARD_NUMBER: (
        "A bank card's number has 16 digits and ends with its Luhn digit",
        "شمارهٔ کارت بانکی ۱۶ رقم دارد و رقم آخر آن رقم کنترل است",
    ),
    NumberKind.CARD_NUMBER: (
        "A card number has 16 digits, begins with 9364 and ends with its Luhn digit",
        "شمارهٔ کارت باید ۱۶ رقم با پیش‌شمارهٔ ۹۳۶۴ و رقم کنترل درست باشد",
    ),
}
_REASONS: Final = {
    FaultReason.CHARACTERS: ("There is a character that doesn't belong here", "نویسه‌ای نابجا در آن است"),
    FaultReason.LENGTH: ("The number of digits is wrong", "تعداد رقم‌ها درست نیست"),
    FaultReason.PREFIX: ("It can't begin like this", "آغاز آن درست نیست"),
    FaultReason.REPEATED: ("One digit over and over is nobody's number", "تکرار یک رقم شمارهٔ کسی نیست"),
    FaultReason.CHECK_DIGIT: (
        "The check digit doesn't fit: a digit is mistyped",
        "رقم کنترل جور نیست؛ رقمی اشتباه است",
    ),
}


class NumberFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A text isn't a number of this kind.

    Attributes:
        kind: what it was to be; stable, so programs may look at it.
        reason: what is wrong; likewise.
    """

    def __init__(self, kind: NumberKind, reason: FaultReason) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason

    @property
    def message(self) -> str:
        """The fault in English."""
        return f"{_REASONS[self.reason][0]}. {_FORMS[self.kind][0]}"

    @property
    def message_fa(self) -> str:
        """The fault in Persian."""
        return f"{_REASONS[self.reason][1]}. {_FORMS[self.kind][1]}."
