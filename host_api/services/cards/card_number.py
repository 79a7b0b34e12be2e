"""Numbers of the club's cards: 16 digits, prefix 9364, last digit by Luhn (ISO/IEC 7812-1, annex B)."""

import secrets

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.written_digits import exact_digits

CARD_NUMBER_DIGITS = 16
CARD_NUMBER_PREFIX = "9364"


def check_digit(payload: str) -> str:
    """The Luhn digit to be appended to `payload`."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_card_number(text: str) -> bool:
    """Whether `text` is a number that the club may issue."""
    return (
        len(text) == CARD_NUMBER_DIGITS
        and text.isascii()
        and text.isdigit()
        and text.startswith(CARD_NUMBER_PREFIX)
        and check_digit(text[:-1]) == text[-1]
    )


def parse_card_number(text: str) -> str:
    """The 16 ASCII digits of a card of the club.

    Raises:
        NumberFault: characters, length, prefix or check_digit.
    """
    digits = exact_digits(text, CARD_NUMBER_DIGITS, NumberKind.CARD_NUMBER)
    if not digits.startswith(CARD_NUMBER_PREFIX):
        raise NumberFault(NumberKind.CARD_NUMBER, FaultReason.PREFIX)
    if check_digit(digits[:-1]) != digits[-1]:
        raise NumberFault(NumberKind.CARD_NUMBER, FaultReason.CHECK_DIGIT)
    return digits


def new_card_number(product_digits: str = "", digits: int = CARD_NUMBER_DIGITS) -> str:
    """A random number: an issued one tells nothing of the next.

    Parameters:
        product_digits: behind the club's prefix.
        digits: of the whole number, at most 19.
    """
    begin = CARD_NUMBER_PREFIX + product_digits
    free_digits = digits - len(begin) - 1
    payload = f"{begin}{secrets.randbelow(10**free_digits):0{free_digits}d}"
    return payload + check_digit(payload)


def mask_card_number(number: str) -> str:
    """First six and last four digits."""
    return masked(number[:6], number[-4:])


def masked(first_six: str, last_four: str) -> str:
    """How a card's number is shown where these digits of it are known."""
    return f"{first_six}{'*' * (CARD_NUMBER_DIGITS - 10)}{last_four}"
