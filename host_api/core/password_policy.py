"""Which passwords may be chosen: long ones that aren't on every list (NIST SP 800-63B, 3.1.1.2).

No rules about kinds of characters: they make passwords worse. A guess is bounded by rate limits, not by this.
"""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from host_api.core.persian_text import fold_digits

FEWEST_CHARACTERS: Final = 10
MOST_CHARACTERS: Final = 128

_FEWEST_DIFFERENT: Final = 5
_SHORTEST_PERSONAL_WORD: Final = 4

# Arabic and Persian keyboards give different codes for one key.
_KEYBOARDS: Final = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک"}

# Words that head the published lists of leaked passwords, ours, and the usual ones of Iran.
_COMMON_LIST: Final = """
    password passw0rd p@ssw0rd p@ssword pass admin administrator root user guest test demo default changeme
    letmein login master secret access system server manager operator welcome iloveyou iloveu
    monkey dragon football baseball basketball soccer superman batman starwars pokemon sunshine princess
    shadow michael jordan charlie summer winter spring autumn january february hello freedom whatever trustno
    qwerty qwertyuiop qwertyui asdfgh asdfghjkl asdfghjk zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc
    qwer asdf zxcv abc abcd abcdef abcdefgh abcdefghij aabbcc google facebook instagram telegram samsung apple
    computer internet mobile iran tehran persepolis perspolis esteghlal mohammad muhammad ali hossein hosein
    reza mahdi mehdi fatemeh zahra maryam sara salam salaam asheghetam eshgh irani isfahan shiraz tabriz
    mashhad vafa loyalty club bashgah
    رمز رمزعبور گذرواژه پسورد سلام ایران تهران پرسپولیس استقلال محمد علی حسین رضا مهدی فاطمه زهرا مریم عشق
    دوستت‌دارم وفا باشگاه
"""
_COMMON_WORDS: Final = frozenset(_COMMON_LIST.split())
_ROWS: Final = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


class PasswordFaultReason(StrEnum):
    """Why a password can't be chosen; also the code of the error in a problem document."""

    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    COMMON = "password_common"
    PERSONAL = "password_personal"


_MESSAGES: Final = {
    PasswordFaultReason.TOO_SHORT: ("The password is too short", "گذرواژه کوتاه است."),
    PasswordFaultReason.TOO_LONG: ("The password is too long", "گذرواژه بیش از اندازه بلند است."),
    PasswordFaultReason.COMMON: (
        "Too many people choose this password, or one like it",
        "این گذرواژه یا مانند آن را بسیاری برمی‌گزینند.",
    ),
    PasswordFaultReason.PERSONAL: (
        "The password is made of your own name or number",
        "گذرواژه از نام یا شمارهٔ خودتان ساخته شده است.",
    ),
}


class PasswordFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A password can't be chosen. Tells nothing of it."""

    def __init__(self, reason: PasswordFaultReason) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def message(self) -> str:
        """The fault in English."""
        return _MESSAGES[self.reason][0]

    @property
    def message_fa(self) -> str:
        """The fault in Persian."""
        return _MESSAGES[self.reason][1]


def normalised_password(password: str) -> str:
    """`password` as it is hashed: the same keys give the same text on every keyboard (NFKC, ASCII digits).

    More than any policy lets through is cut off, so that nobody makes us normalise and hash a book.
    """
    text = unicodedata.normalize("NFKC", password[: MOST_CHARACTERS + 1].encode(errors="replace").decode())
    return fold_digits(text).translate(_KEYBOARDS)


def check_password(
    password: str, *, personal: Iterable[str] = (), fewest_characters: int = FEWEST_CHARACTERS
) -> None:
    """See that `password` may be chosen.

    Parameters:
        personal: user name, mobile number, names: none may make up most of the password.

    Raises:
        PasswordFault
    """
    text = normalised_password(password)
    if len(text) < fewest_characters:
        raise PasswordFault(PasswordFaultReason.TOO_SHORT)
    if len(password) > MOST_CHARACTERS:
        raise PasswordFault(PasswordFaultReason.TOO_LONG)
    plain = text.casefold()
    if len(set(plain)) < _FEWEST_DIFFERENT or _is_common(plain):
        raise PasswordFault(PasswordFaultReason.COMMON)
    for word in personal:
        known = normalised_password(word).casefold()
        if len(known) >= _SHORTEST_PERSONAL_WORD and known in plain and 2 * len(known) >= len(plain):
            raise PasswordFault(PasswordFaultReason.PERSONAL)


def _is_common(plain: str) -> bool:
    """Whether it is a common word with digits and signs, something twice, or a walk on the keyboard."""
    bare = "".join(character for character in plain if character.isalpha())
    half = plain[: len(plain) // 2]
    return (
        bare in _COMMON_WORDS
        or plain.strip("0123456789!.@#$%^&*-_+= ") in _COMMON_WORDS
        or (plain == half * 2 and (half in _COMMON_WORDS or half.isdigit()))
        or any(plain in row * 3 or plain in row[::-1] * 3 for row in _ROWS)
    )
