"""Links that let whoever has them download one file until they expire; a deleted file ends its links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from host_api.core import signed_link
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.signed_link import SignedLink, longest_token

LONGEST_TOKEN: Final = longest_token(1)

_FIELD: Final = "files.link"


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
    return signed_link.link_token(
        cipher, _FIELD, SignedLink(link.programme_id, (link.file_id,), link.expires_at)
    )


def read_link(cipher: FieldCipher, token: str, now: datetime) -> FileLink | None:
    """What `token` says, None where it is no link of ours or has expired."""
    link = signed_link.read_link(cipher, _FIELD, token, now, numbers=1)
    return None if link is None else FileLink(link.programme_id, link.numbers[0], link.expires_at)
