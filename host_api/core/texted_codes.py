"""One-time codes sent by SMS: six digits, for one purpose and one receiver, a few minutes and a few tries.

Six digits are soon guessed from a plain hash, so what is kept is an HMAC-SHA-256 under a key of the server,
bound to purpose and receiver: a code for a login can't confirm a payment, nor another number.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from host_api.core.persian_text import fold_digits

DIGITS: Final = 6
VALID_FOR: Final = timedelta(minutes=2)
TRIES: Final = 5

_SALT_BYTES: Final = 16
_LONGEST_WRITTEN: Final = 40
_SEPARATORS: Final = str.maketrans("", "", " -\u200e\u200f\u200c")


class CodeOutcome(StrEnum):
    """What became of a typed code."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"  # used before, or no tries left


@dataclass(frozen=True, slots=True)
class TextedCode:
    """What is kept of a code that was sent.

    Attributes:
        salt, digest: 16 and 32 bytes.
        tries_left: 0 when it was used or guessed at too often.
    """

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    expires_at: datetime
    tries_left: int


def issue_code(
    key: bytes,
    *,
    purpose: str,
    receiver: str,
    now: datetime,
    random_below: Callable[[int], int],
    random_bytes: Callable[[int], bytes],
    valid_for: timedelta = VALID_FOR,
    tries: int = TRIES,
) -> tuple[str, TextedCode]:
    """A fresh code to be sent, and what to keep of it in place of any earlier one.

    Parameters:
        key: the server's key for texted codes, 32 bytes.
        purpose: what the code is for, such as ``login``.
        receiver: the number it is sent to, in canonical form.
        random_below: a source as `secrets.randbelow`.
        random_bytes: a source as `secrets.token_bytes`.
    """
    code = f"{random_below(10**DIGITS):0{DIGITS}d}"
    salt = random_bytes(_SALT_BYTES)
    return code, TextedCode(salt, _digest(key, salt, purpose, receiver, code), now + valid_for, tries)


def try_code(
    key: bytes, kept: TextedCode, typed: str, *, purpose: str, receiver: str, now: datetime
) -> tuple[CodeOutcome, TextedCode]:
    """Compare what was typed, and what to keep from now on.

    The caller stores the latter before it answers, in one transaction with a lock on the row: else many tries
    at once would count as one.
    """
    if kept.tries_left <= 0:
        return CodeOutcome.SPENT, kept
    if now >= kept.expires_at:
        return CodeOutcome.EXPIRED, kept
    code = fold_digits(typed[:_LONGEST_WRITTEN]).translate(_SEPARATORS)
    if hmac.compare_digest(_digest(key, kept.salt, purpose, receiver, code), kept.digest):
        return CodeOutcome.ACCEPTED, replace(kept, tries_left=0)
    return CodeOutcome.WRONG, replace(kept, tries_left=kept.tries_left - 1)


def _digest(key: bytes, salt: bytes, purpose: str, receiver: str, code: str) -> bytes:
    # Each part says its length, so no two challenges give the same bytes.
    parts = (salt, purpose.encode(), receiver.encode(), code.encode(errors="replace"))
    message = b"".join(len(part).to_bytes(4) + part for part in parts)
    return hmac.digest(key, b"vafa texted code 1\0" + message, "sha256")
