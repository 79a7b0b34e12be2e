"""Digits as people write them: in three scripts, in groups, with marks that can't be seen."""

import re
from typing import Final

from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.persian_text import fold_digits

LONGEST_WRITTEN: Final = 64

# Classes of a regular expression, in the syntax that Python and ECMA-262 (thus JSON Schema) share.
DIGIT: Final = r"[0-9\u06f0-\u06f9\u0660-\u0669]"
# Spaces, hyphens, stops, slashes, brackets, ZWNJ and the direction marks of UAX #9 that copying brings.
SEPARATOR: Final = (
    r"[\t \u00a0\u202f()./\u2010-\u2013\u200b\u200c\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\-]"
)

_SEPARATORS = re.compile(f"{SEPARATOR}+")
_DIGITS = re.compile("[0-9]*")


def without_separators(text: str, kind: NumberKind) -> str:
    """`text` with ASCII digits and nothing between them.

    Raises:
        NumberFault: it is longer than anybody writes a number.
    """
    if len(text) > LONGEST_WRITTEN:
        raise NumberFault(kind, FaultReason.LENGTH)
    return fold_digits(_SEPARATORS.sub("", text))


def exact_digits(text: str, count: int, kind: NumberKind) -> str:
    """The `count` digits that `text` consists of.

    Raises:
        NumberFault: something else stands in it, or there are more or fewer.
    """
    digits = without_separators(text, kind)
    if not _DIGITS.fullmatch(digits):
        raise NumberFault(kind, FaultReason.CHARACTERS)
    if len(digits) != count:
        raise NumberFault(kind, FaultReason.LENGTH)
    return digits


def written_pattern(fewest: int, most: int, before: str = "") -> str:
    """A JSON Schema pattern that every accepted writing of `fewest` to `most` digits matches.

    Parameters:
        before: a pattern of what may stand before the digits, separators apart.
    """
    return f"^{SEPARATOR}*{before}{SEPARATOR}*(?:{DIGIT}{SEPARATOR}*){{{fewest},{most}}}$"
