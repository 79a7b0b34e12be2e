"""Links that let whoever has them download one file until they expire.

A link names programme, file and expiry and carries the keyed digest of these three (HMAC-SHA-256 under the
programme's index key, `FieldCipher.index`). Nothing is stored; a deleted file ends its links.
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import INDEX_BYTES, FieldCipher

LONGEST_TOKEN: Final = 88

_FIELD: Final = "files.link"
_NUMBERS_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class FileLink:
    """What a valid link says."""

    programme_id: int
    file_id: int
    expires_at: datetime


def link_token(cipher: FieldCipher, link: FileLink) -> str:
    """The link as text that can stand in an address.

    Raises:
        SealFault: key, for a programme without keys.
    """
    expires_s = int(link.expires_at.timestamp())
    digest = cipher.index(link.programme_id, _FIELD, f"{link.file_id}.{expires_s}")
    numbers = b"".join(number.to_bytes(8) for number in (link.programme_id, link.file_id, expires_s))
    return base64.urlsafe_b64encode(numbers + digest).decode().rstrip("=")


def read_link(cipher: FieldCipher, token: str, now: datetime) -> FileLink | None:
    """What `token` says, None where it is no link of ours or has expired."""
    try:
        data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    if len(data) != _NUMBERS_BYTES + INDEX_BYTES:
        return None
    programme_id, file_id, expires_s = (int.from_bytes(data[at : at + 8]) for at in (0, 8, 16))
    try:
        digests = cipher.indexes(programme_id, _FIELD, f"{file_id}.{expires_s}")
    except (SealFault, OverflowError):
        return None
    # All are compared, so that time tells nothing.
    is_ours = sum([hmac.compare_digest(data[_NUMBERS_BYTES:], digest) for digest in digests]) > 0
    if not is_ours or expires_s <= now.timestamp():
        return None
    return FileLink(programme_id, file_id, datetime.fromtimestamp(expires_s, UTC))
