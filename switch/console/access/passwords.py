"""Passwords: which may be chosen, and their Argon2id hashes (RFC 9106), made outside the event loop.

The costs are one of OWASP's choices for Argon2id (Password Storage Cheat Sheet): 46 MiB, one pass, one lane.
One is computed at a time, so logins take no more than one core and this memory from a busy switch.
"""

import asyncio
import os
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

FEWEST_CHARACTERS: Final = 12
MOST_CHARACTERS: Final = 128
WAITING_MAX: Final = 8

_FEWEST_DIFFERENT: Final = 6
_NICE: Final = 10
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
# Of no password: whoever isn't known takes as long as whoever is.
_NOBODY: Final = (
    "$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
# Arabic and Persian keyboards give different letters for one key.
_KEYBOARDS: Final = str.maketrans("يىك", "ییک")


class PasswordFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A password can't be chosen; the text tells why, and nothing of it."""


class PasswordsBusy(Exception):  # noqa: N818
    """So many logins are waiting that this one should come again."""


def check_password(password: str, name: str) -> None:
    """See that a password may be chosen by a user of this name. Raises PasswordFault."""
    plain = _normalised(password).casefold()
    if len(plain) < FEWEST_CHARACTERS:
        raise PasswordFault(f"a password has {FEWEST_CHARACTERS} characters or more")
    if len(password) > MOST_CHARACTERS:
        raise PasswordFault(f"a password has at most {MOST_CHARACTERS} characters")
    if len(set(plain)) < _FEWEST_DIFFERENT:
        raise PasswordFault(f"a password has {_FEWEST_DIFFERENT} different characters or more")
    if name in plain and 2 * len(name) >= len(plain):
        raise PasswordFault("a password is not made of its user's name")


def password_hash(password: str) -> str:
    """What to keep of a password, in the PHC string format. Takes some 50 ms."""
    return _HASHER.hash(_normalised(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password fits what is kept; None, which nothing fits, takes as long. Takes some 50 ms."""
    try:
        _HASHER.verify(kept or _NOBODY, _normalised(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


class PasswordChecks:
    """Compares passwords in a thread of its own, one after the other, for a bounded number of logins."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "password", _give_way)
        self._waiting = 0

    def close(self) -> None:
        """Compare no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def is_right(self, password: str, kept: str | None) -> bool:
        """As the function of this name. Raises PasswordsBusy."""
        if self._waiting > WAITING_MAX:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self._thread.submit(is_right, password, kept))
        finally:
            self._waiting -= 1


def _give_way() -> None:
    """Whoever floods the login gets only what the switch leaves; on Linux a priority is a thread's own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _normalised(password: str) -> str:
    """The same keys give the same text on every keyboard; a book isn't read to its end."""
    text = password[: MOST_CHARACTERS + 1].encode(errors="replace").decode()
    text = unicodedata.normalize("NFKC", text).translate(_KEYBOARDS)
    return "".join(str(unicodedata.digit(each)) if each.isdecimal() else each for each in text)
