"""What a scanned code says: a member's card, or why it is none.

A scanner may put an AIM identifier (ISO/IEC 15424) before the data: `]`, a letter for the symbology, a digit.
"""

from terminal.constant import const
from terminal.devices.card_number import CardNumber, from_digits, from_payload, is_digits, is_payload
from terminal.devices.entry_mode import BARCODE
from terminal.devices.misread import Misread

_EAN = "E"
_EAN_13 = const(13)
_UPC_A = const(12)
# GS1 General Specifications, 1.4: numbers for use within a company or a region, never on a product sold
# elsewhere.
_OWN_USE = ("02", "04", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29")


def read_code(text: str) -> CardNumber:
    """The member's card in one scanned line.

    Accepted are `vafa:CARDNUMBER`, card numbers with their Luhn digit, and EAN-13 numbers for own use.
    Without an AIM identifier, 12 or 13 digits that end in an EAN check digit are taken for an EAN.

    Raises:
        Misread: form, pan, luhn, ean (its check digit) or product (the bar code of something for sale).
    """
    symbology = ""
    if text[:1] == "]" and len(text) > 3:
        symbology = text[1]
        text = text[3:]
    if is_payload(text):
        return from_payload(text, BARCODE)
    if symbology == _EAN or (not symbology and len(text) in (_UPC_A, _EAN_13) and ean_holds(text)):
        return _ean(text)
    return from_digits(text, BARCODE)


def ean_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of GS1 General Specifications, 7.9."""
    if not is_digits(digits):
        return False
    total = 0
    weight = 1
    for at in range(len(digits) - 1, -1, -1):
        total += weight * (ord(digits[at]) - 48)
        weight = 4 - weight
    return total % 10 == 0


def _ean(digits: str) -> CardNumber:
    if not ean_holds(digits):
        raise Misread("ean")
    if len(digits) != _EAN_13 or digits[:2] not in _OWN_USE:
        raise Misread("product")
    return CardNumber(digits, BARCODE)
