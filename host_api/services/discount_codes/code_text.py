"""Codes that people read out and type: an alphabet without doubles, and a character that tells slips.

The check character is a weighted sum modulo 29, the number of characters, which is prime: any one character
wrong and any two changed over are found (ISO 7064 has the like for other alphabets).
"""

import secrets
from typing import Final

from host_api.core.persian_text import fold_digits

# Without 0, 1, I, L, O, S and U, which are read as others.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRTVWXYZ"
SECRET_CHARACTERS: Final = 11

_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_LEFT_OUT: Final = str.maketrans("", "", " -\u200c\u200e\u200f")


def new_code(prefix: str = "", characters: int = SECRET_CHARACTERS) -> str:
    """A new code: `prefix`, characters that nobody can guess, and the check character of these."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(characters))
    return prefix + body + check_character(body)


def check_character(body: str) -> str:
    """What follows `body`, which has at most 28 characters of the alphabet."""
    total = sum((place + 1) * _VALUES[character] for place, character in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def is_sound(code: str, prefix: str = "", characters: int = SECRET_CHARACTERS) -> bool:
    """Whether `new_code` with the same prefix may have made `code`, which is written as it is kept."""
    body = code.removeprefix(prefix)
    return (
        code.startswith(prefix)
        and len(body) == characters + 1
        and set(body) <= _VALUES.keys()
        and check_character(body[:-1]) == body[-1]
    )


def as_kept(typed: str) -> str:
    """A code as a person types it, in the form that it is kept in: capitals, no spaces, Latin digits."""
    return fold_digits(typed).translate(_LEFT_OUT).upper()
