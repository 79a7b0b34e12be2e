"""First passwords: made by the system for a user who has none, told once, and good until one is chosen.

It has 80 bits from the system's random source, so a plain SHA-256 of it can be kept: there is nothing to
guess, and hundreds of users are made at once without hashing for minutes.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from host_api.core.access.users import User
from host_api.core.password_policy import normalised_password

VALID_FOR: Final = timedelta(days=7)

_BYTES: Final = 10
_GROUP: Final = 4
_NO_SUCH: Final = bytes(32)
_LONGEST_TYPED: Final = 40


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A fresh one, and what is kept of it."""

    text: str = field(repr=False)
    sha256: bytes = field(repr=False)
    expires_at: datetime


def new_first_password(now: datetime) -> FirstPassword:
    """A first password that is good from `now` on."""
    text = base64.b32encode(secrets.token_bytes(_BYTES)).decode().lower()
    grouped = "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))
    return FirstPassword(grouped, _sha256(text), now + VALID_FOR)


def is_first_password(user: User | None, typed: str, now: datetime) -> bool:
    """Whether `typed` is the user's first password and still good. As much is computed for nobody."""
    kept = None if user is None else user.first_password_sha256
    expires_at = None if user is None else user.first_password_expires_at
    fits = hmac.compare_digest(kept or _NO_SUCH, _sha256(typed))
    return fits and kept is not None and expires_at is not None and now < expires_at


def _sha256(typed: str) -> bytes:
    plain = normalised_password(typed[:_LONGEST_TYPED]).casefold().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode(errors="replace")).digest()
