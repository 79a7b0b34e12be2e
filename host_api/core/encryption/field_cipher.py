"""Seals single values for their place, and blinds values that are searched for.

A sealed value opens only where it was sealed: programme, field and row are authenticated with it, so it can't
be copied to another row. A blind index (HMAC-SHA-256, a key for each programme and field) is equal for equal
values and tells nothing else without the key.
"""

import hmac
import os
from typing import Final

from host_api.core.encryption.envelope import RandomBytes, key_number
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, derived

# Number of the key and the HMAC.
INDEX_BYTES: Final = 4 + 32

# An error of encoding would carry the value, so every `str` has an encoding.
_ERRORS: Final = "surrogatepass"


class FieldCipher:
    """Seals and opens with the keys of the programmes.

    A field's name, like ``members.national_id`` for table and column, is part of what is sealed: it stays the
    same for ever, also when the column is renamed.
    """

    def __init__(self, keys: ProgrammeKeys, random_bytes: RandomBytes = os.urandom) -> None:
        self._keys = keys
        self._random_bytes = random_bytes

    def require_keys(self, programme_id: int) -> None:
        """See that a programme has keys of both purposes.

        Raises:
            SealFault: key.
        """
        for purpose in KeyPurpose:
            self._keys.active(programme_id, purpose)

    def seal(self, programme_id: int, field: str, row_id: int, text: str) -> bytes:
        """`text` sealed for its place; `envelope.OVERHEAD_BYTES` longer than its UTF-8.

        Raises:
            SealFault: key, for a programme without keys.
        """
        key = self._keys.active(programme_id, KeyPurpose.FIELD)
        return key.seal(text.encode(errors=_ERRORS), _place(programme_id, field, row_id), self._random_bytes)

    def open(self, programme_id: int, field: str, row_id: int, envelope: bytes) -> str:
        """The text that was sealed for this place.

        Raises:
            SealFault: version, key or damaged.
        """
        key = self._keys.numbered(programme_id, KeyPurpose.FIELD, key_number(envelope))
        return key.open(envelope, _place(programme_id, field, row_id)).decode(errors=_ERRORS)

    def is_current(self, programme_id: int, envelope: bytes) -> bool:
        """Whether `envelope` was sealed by the key that seals now.

        Raises:
            SealFault: version, damaged, or key for a programme without keys.
        """
        return key_number(envelope) == self._keys.active(programme_id, KeyPurpose.FIELD).number

    def index(self, programme_id: int, field: str, value: str) -> bytes:
        """What to store to find `value` again, 36 bytes.

        Raises:
            SealFault: key, for a programme without keys.
        """
        return self._index(
            self._keys.active(programme_id, KeyPurpose.INDEX).number, programme_id, field, value
        )

    def indexes(self, programme_id: int, field: str, value: str) -> list[bytes]:
        """What may be stored for `value`: one index for each key, as long as a rotation is under way.

        Raises:
            SealFault: key, for a programme without keys.
        """
        keys = self._keys.all(programme_id, KeyPurpose.INDEX)
        return [self._index(key.number, programme_id, field, value) for key in keys]

    def is_current_index(self, programme_id: int, index: bytes) -> bool:
        """Whether `index` was made by the key that blinds now.

        Raises:
            SealFault: key, for a programme without keys.
        """
        number = self._keys.active(programme_id, KeyPurpose.INDEX).number
        return len(index) == INDEX_BYTES and index[:4] == number.to_bytes(4)

    def _index(self, number: int, programme_id: int, field: str, value: str) -> bytes:
        key = self._keys.numbered(programme_id, KeyPurpose.INDEX, number)
        blind = hmac.digest(
            derived(key, b"vafa blind index 1\0" + field.encode()), value.encode(errors=_ERRORS), "sha256"
        )
        return number.to_bytes(4) + blind


def _place(programme_id: int, field: str, row_id: int) -> bytes:
    # Numbers of fixed length before the one text: no two places give the same bytes.
    return b"vafa field 1\0" + programme_id.to_bytes(8) + row_id.to_bytes(8) + field.encode()
