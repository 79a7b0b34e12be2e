"""The keys that cards are issued and verified with, from files that only their owner may read."""

from pathlib import Path

from protocol.card_application.keys import MASTER_KEY_BYTES
from protocol.card_application.layout import KEY_BYTES
from protocol.security.key_text import KeyPurpose, read_key_text
from simulator.virtual_card.card import SAMPLE_MASTER_KEY, SAMPLE_TRANSPORT_KEY


class KeyFault(Exception):  # noqa: N818  (not an error in the program)
    """A key file cannot be used; the text is one line for the operator, and holds nothing of the key."""


def card_master_key(path: Path | None, *, virtual: bool) -> bytes:
    """The card master key of 32 bytes; the sample key for a virtual card without a file. Raises KeyFault."""
    if path is None:
        return _sample(SAMPLE_MASTER_KEY, "--master-key-file", virtual=virtual)
    return _read(path, MASTER_KEY_BYTES, virtual=virtual)


def transport_key(path: Path | None, *, virtual: bool) -> bytes:
    """The key of blank cards, 16 bytes. Raises KeyFault."""
    if path is None:
        return _sample(SAMPLE_TRANSPORT_KEY, "--transport-key-file", virtual=virtual)
    return _read(path, KEY_BYTES, virtual=virtual)


def _sample(key: bytes, option: str, *, virtual: bool) -> bytes:
    if not virtual:
        raise KeyFault(f"a real card wants {option}")
    return key


def _read(path: Path, size: int, *, virtual: bool) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFault(f"key file {path}: others may read it; it wants mode 0600")
        key, purpose = read_key_text(path.read_text("ascii"))
    except OSError as fault:
        raise KeyFault(f"key file {path}: {fault.strerror}") from None
    except ValueError:
        key, purpose = b"", KeyPurpose.NOT_STATED
    if virtual and purpose is KeyPurpose.PRODUCTION:
        raise KeyFault(f"key file {path}: a key of production has no place in a virtual card")
    if len(key) != size:
        raise KeyFault(f"key file {path}: not {2 * size} hexadecimal digits")
    return key
