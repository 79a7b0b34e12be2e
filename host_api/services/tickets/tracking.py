"""Tracking codes: short enough to be told on the phone, and a mistyped one is known as such.

Nine characters of Crockford's base 32 (no I, L, O, U) at random and one to check them, modulo the prime 37. A
code whose check would need one of Crockford's five signs more isn't given out. Every single wrong character
and every exchange of two neighbours changes the check.
"""

import secrets
from collections.abc import Callable
from typing import Final

from host_api.core.persian_text import fold_digits

LENGTH: Final = 10

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {sign: value for value, sign in enumerate(_SIGNS)}
# What people read for one another.
_MISREAD: Final = str.maketrans("OIL", "011", " -\u200c\u200e\u200f")
_PRIME: Final = 37
_LONGEST_WRITTEN: Final = 40


def new_tracking_code(random_below: Callable[[int], int] = secrets.randbelow) -> str:
    """A fresh code."""
    while True:
        body = "".join(_SIGNS[random_below(len(_SIGNS))] for _ in range(LENGTH - 1))
        check = _check_of(body)
        if check < len(_SIGNS):
            return body + _SIGNS[check]


def read_tracking_code(written: str) -> str | None:
    """The code as it is kept, however it was typed; None where it can't be one."""
    code = fold_digits(written[:_LONGEST_WRITTEN]).upper().translate(_MISREAD)
    if len(code) != LENGTH or any(sign not in _VALUES for sign in code):
        return None
    return code if _check_of(code[:-1]) == _VALUES[code[-1]] else None


def _check_of(body: str) -> int:
    number = 0
    for sign in body:
        number = number * len(_SIGNS) + _VALUES[sign]
    return number % _PRIME
