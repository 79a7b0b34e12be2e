"""Parameter documents as terminals take them: see firmware/terminal/system/parameters.py for the layout."""

import json
import re
import struct
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tools.update.signing_key import SIGNATURE_BYTES, UpdateFault, is_signed, sign

DOCUMENT_BYTES_MAX = 3072
SEQUENCE_MAX = 0xFFFFFFFF
EVERYONE = ""
_MAGIC = b"VPD"
_FORMAT = 1
_HEAD = struct.Struct(">3sB8sIH")
_TERMINAL_ID = re.compile(r"[A-Za-z0-9]{1,8}")


class ParameterDocument(NamedTuple):
    """A document taken apart; `terminal_id` is empty where it is for all."""

    terminal_id: str
    sequence: int
    settings: dict[str, object]
    signed: bytes
    signature: bytes

    def is_signed(self, modulus: bytes) -> bool:
        """Whether a public key's owner signed it."""
        return is_signed(modulus, self.signature, self.signed)


def pack(settings: dict[str, object], terminal_id: str, sequence: int, key: RSAPrivateKey) -> bytes:
    """A signed document. Raises UpdateFault."""
    if terminal_id != EVERYONE and not _TERMINAL_ID.fullmatch(terminal_id):
        raise UpdateFault("a terminal id has 1 to 8 letters and digits")
    if not 1 <= sequence <= SEQUENCE_MAX:
        raise UpdateFault(f"the sequence is from 1 to {SEQUENCE_MAX:,}")
    body = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > DOCUMENT_BYTES_MAX - _HEAD.size - SIGNATURE_BYTES:
        raise UpdateFault(f"{len(body):,} bytes of parameters are too many")
    head = _HEAD.pack(_MAGIC, _FORMAT, terminal_id.ljust(8).encode(), sequence, len(body))
    return head + body + sign(key, head + body)


def unpack(data: bytes) -> ParameterDocument:
    """A document taken apart; who signed it is not looked at. Raises UpdateFault."""
    if len(data) < _HEAD.size + SIGNATURE_BYTES or data[:3] != _MAGIC:
        raise UpdateFault("not a parameter document")
    if data[3] != _FORMAT:
        raise UpdateFault(f"format {data[3]} of parameter documents is not known here")
    _, _, scope, sequence, size = _HEAD.unpack_from(data)
    end = _HEAD.size + size
    if end + SIGNATURE_BYTES != len(data):
        raise UpdateFault("the document's size is not what it says")
    try:
        settings = json.loads(data[_HEAD.size : end])
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise UpdateFault("no JSON object in the document")
    return ParameterDocument(scope.decode("latin-1").strip(), sequence, settings, data[:end], data[end:])
