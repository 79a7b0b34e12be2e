"""Card numbers that come alone, without a track: from bar codes, QR codes and tags.

The written form of a number, in QR codes and NDEF records, is `vafa:` and its digits: a URI scheme, whose
letters may be capital (RFC 3986, 3.1), so that a QR code can hold it in the denser alphanumeric mode.
"""

from terminal.constant import const
from terminal.devices.misread import Misread
from terminal.devices.track2 import luhn_holds

_SCHEME = "vafa:"
_SHORTEST = const(12)
_LONGEST = const(19)


class CardNumber:
    """A number and how it was read: `pan`, and `entry_mode` for field 22. There is no expiry."""

    def __init__(self, pan: str, entry_mode: str) -> None:
        self.pan = pan
        self.entry_mode = entry_mode


def is_payload(text: str) -> bool:
    """Whether `text` claims to be a card number in its written form."""
    return text[: len(_SCHEME)].lower() == _SCHEME


def from_payload(text: str, entry_mode: str) -> CardNumber:
    """Read `vafa:CARDNUMBER`.

    Raises:
        Misread: form, pan or luhn.
    """
    if not is_payload(text):
        raise Misread("form")
    return from_digits(text[len(_SCHEME) :], entry_mode)


def from_digits(digits: str, entry_mode: str) -> CardNumber:
    """Read 12 to 19 digits, the last a check digit (ISO/IEC 7812-1 annex B).

    Raises:
        Misread: form, pan or luhn.
    """
    if not is_digits(digits):
        raise Misread("form")
    if len(digits) < _SHORTEST or len(digits) > _LONGEST:
        raise Misread("pan")
    if not luhn_holds(digits):
        raise Misread("luhn")
    return CardNumber(digits, entry_mode)


def is_digits(text: str) -> bool:
    """Whether there is nothing but 0 to 9; `str.isdigit` also takes other scripts on CPython."""
    for character in text:
        if not "0" <= character <= "9":
            return False
    return bool(text)
