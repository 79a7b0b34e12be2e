"""Referrer codes: seven random letters and a check letter, of an alphabet in which nothing looks alike.

The alphabet has a prime number of letters and the check letter weighs each place differently, so any one
letter that is wrong and any two that are exchanged are found out without a look into the database.
"""

import secrets
from collections.abc import Callable
from typing import Final

from host_api.core.persian_text import fold_digits

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LETTERS: Final = 8

_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_BETWEEN: Final = str.maketrans("", "", " -_\u200c")


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A code that nobody can guess from another."""
    body = "".join(choose(ALPHABET) for _ in range(CODE_LETTERS - 1))
    return body + _check_letter(body)


def read_code(typed: str) -> str | None:
    """The code that somebody typed, however grouped and in either case; None where it can't be one."""
    code = fold_digits(typed).translate(_BETWEEN).upper()
    if len(code) != CODE_LETTERS or not set(code) <= _VALUES.keys():
        return None
    return code if code[-1] == _check_letter(code[:-1]) else None


def _check_letter(body: str) -> str:
    total = sum(place * _VALUES[letter] for place, letter in enumerate(body, 2))
    return ALPHABET[total % len(ALPHABET)]
