"""Links that prove what they say: numbers and an expiry, with the keyed digest of these.

The digest is HMAC-SHA-256 under the programme's index key (`FieldCipher.index`); `field` keeps links of one
kind from being read as another's. Nothing is stored: what a link opens is to be looked at when it is used.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import INDEX_BYTES, FieldCipher

_NUMBER_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What a valid link says.

    Parameters:
        numbers: what it opens, as ids.
    """

    programme_id: int
    numbers: tuple[int, ...]
    expires_at: datetime


def longest_token(numbers: int) -> int:
    """Characters of a link with so many numbers."""
    return -(-_bytes_of(numbers) * 4 // 3)


def link_token(cipher: FieldCipher, field: str, link: SignedLink) -> str:
    """The link as text that can stand in an address.

    Raises:
        SealFault: key, for a programme without keys.
    """
    signed = (*link.numbers, int(link.expires_at.timestamp()))
    digest = cipher.index(link.programme_id, field, _text(signed))
    numbers = b"".join(number.to_bytes(_NUMBER_BYTES) for number in (link.programme_id, *signed))
    return base64.urlsafe_b64encode(numbers + digest).decode().rstrip("=")


def read_link(
    cipher: FieldCipher, field: str, token: str, now: datetime, *, numbers: int
) -> SignedLink | None:
    """What `token` says, None where it is no such link of ours or has expired."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(data) != _bytes_of(numbers):
        return None
    split = len(data) - INDEX_BYTES
    programme_id, *signed = (
        int.from_bytes(data[at : at + _NUMBER_BYTES]) for at in range(0, split, _NUMBER_BYTES)
    )
    try:
        digests = cipher.indexes(programme_id, field, _text(signed))
    except (SealFault, OverflowError):
        return None
    # All are compared, so that time tells nothing.
    is_ours = sum([hmac.compare_digest(data[split:], digest) for digest in digests]) > 0
    *named, expires_s = signed
    if not is_ours or expires_s <= now.timestamp():
        return None
    return SignedLink(programme_id, tuple(named), datetime.fromtimestamp(expires_s, UTC))


def _bytes_of(numbers: int) -> int:
    return (numbers + 2) * _NUMBER_BYTES + INDEX_BYTES


def _text(numbers: "tuple[int, ...] | list[int]") -> str:
    return ".".join(str(number) for number in numbers)
