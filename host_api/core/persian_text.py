"""Folding of Persian and Arabic writing to one form, so that the same word is the same text."""

import re
import unicodedata

_DIGITS = {
    **{ord("۰") + digit: ord("0") + digit for digit in range(10)},
    **{ord("٠") + digit: ord("0") + digit for digit in range(10)},
}
# Arabic yeh, alef maksura and kaf come from Arabic keyboard layouts; Persian has its own letters for them.
_LETTERS = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک"}
_ZERO_WIDTH_NON_JOINER = "\u200c"
_MOBILE = re.compile(r"(?:\+98|0098|98|0)?(9\d{9})", re.ASCII)
_MOBILE_SEPARATORS = re.compile(r"[\s\-().\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def fold_digits(text: str) -> str:
    """Replace Persian and Arabic digits by ASCII digits."""
    return text.translate(_DIGITS)


def fold_name(text: str) -> str:
    """A name in Unicode NFC with Persian letters, single spaces and no control or direction characters."""
    folded = unicodedata.normalize("NFC", text).translate(_LETTERS)
    kept = "".join(
        character
        for character in folded
        if character == _ZERO_WIDTH_NON_JOINER
        or character.isspace()
        or unicodedata.category(character)[0] != "C"
    )
    return " ".join(kept.split()).strip(_ZERO_WIDTH_NON_JOINER)


def normalise_mobile(text: str) -> str | None:
    """An Iranian mobile number as ``+989…`` (E.164, 13 characters), or None if it isn't one."""
    match = _MOBILE.fullmatch(_MOBILE_SEPARATORS.sub("", fold_digits(text)))
    return f"+98{match[1]}" if match else None


def shorten_to_bytes(text: str, limit_bytes: int) -> str:
    """The longest prefix of `text`, in whole characters, of at most `limit_bytes` bytes in UTF-8."""
    return text.encode()[:limit_bytes].decode(errors="ignore")
