"""What a machine can tell of a text before a person reads it."""

import hashlib
import re
from typing import Final

from host_api.core.persian_text import fold_digits, name_key

_DIGEST_BYTES: Final = 16
# An address of the web, of a channel, or a telephone number.
_LINK: Final = re.compile(
    r"https?:|www\.|\bt\.me/|(?<![\w@])@[a-z0-9_]{4,}"
    r"|\b[a-z0-9-]{2,}\.(com|ir|net|org|info|shop|xyz|site|online|app|me)\b"
    r"|(?<!\d)(\+98|0098|0)?9\d{9}(?!\d)",
    re.ASCII | re.IGNORECASE,
)


def has_link(text: str) -> bool:
    """Whether a text leads elsewhere."""
    return _LINK.search(fold_digits(text)) is not None


def digest_of(text: str) -> str:
    """The same for texts that differ in spelling only."""
    return hashlib.blake2b(name_key(text).encode(), digest_size=_DIGEST_BYTES).hexdigest()
