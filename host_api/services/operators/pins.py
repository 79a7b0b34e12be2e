"""PINs of operators, in the form in which terminals check them. No PIN is kept, logged or told twice."""

import hashlib
import secrets
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

# As terminals compute it: PBKDF2 with HMAC-SHA-256 (RFC 8018, clause 5.2).
ROUNDS: Final = 1000
SALT_BYTES: Final = 16

_GIVEN_DIGITS: Final = 6


def _is_guessed_first(pin: str) -> bool:
    """Whether it is one digit again and again, or digits in their order."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({0}, {1}, {9})


def _check_strength(pin: str) -> str:
    if _is_guessed_first(pin):
        raise PydanticCustomError("pin_weak", "One digit again and again, or digits in their order")
    return pin


Pin = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4,12}$",
        description="4 to 12 digits, not in order nor all the same.",
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
    AfterValidator(_check_strength),
]


class PinCheck(BaseModel):
    """What a terminal compares a keyed PIN with; hexadecimal."""

    salt: str
    check: str
    rounds: int


def new_pin() -> str:
    """A PIN that the club gives."""
    while True:
        pin = f"{secrets.randbelow(10**_GIVEN_DIGITS):0{_GIVEN_DIGITS}d}"
        if not _is_guessed_first(pin):
            return pin


def check_of(pin: str) -> PinCheck:
    """A check value of `pin` under a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    check = hashlib.pbkdf2_hmac("sha256", pin.encode("ascii"), salt, ROUNDS)
    return PinCheck(salt=salt.hex(), check=check.hex(), rounds=ROUNDS)
