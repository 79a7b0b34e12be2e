"""How a MAC that does not fit was made: with other keys, over other bytes, another part of it."""

from collections.abc import Iterable, Iterator

from protocol.security.mac import MAC_BYTES, Mac
from protocol.spec import SpecDocument

_MTI_BYTES = 2


def mac_mistake(
    spec: SpecDocument, payload: bytes, key: bytes, others: Iterable[tuple[str, bytes]]
) -> str | None:
    """Name of the hint that explains the payload's MAC; None where none does.

    `key` is the right one, `others` are keys that one might take by mistake, by the hint that tells so.
    """
    if len(payload) <= MAC_BYTES or not spec.sealed:
        return None
    found, covered = payload[-MAC_BYTES:], payload[:-MAC_BYTES]
    for rule, other in others:
        if Mac(other).verify(payload):
            return rule
    right = Mac(key)
    if right.digest(covered)[MAC_BYTES:] == found:
        return "mac_wrong_half"
    if any(right.sign(over) == found for over in _ranges(payload, covered)):
        return "mac_wrong_range"
    return None


def _ranges(payload: bytes, covered: bytes) -> Iterator[bytes]:
    bitmap_end = _MTI_BYTES + (16 if payload[_MTI_BYTES] & 0x80 else 8)
    yield covered + bytes(MAC_BYTES)
    yield len(payload).to_bytes(2) + covered
    yield len(covered).to_bytes(2) + covered
    yield covered[_MTI_BYTES:]
    yield covered[bitmap_end:]
    yield covered[:_MTI_BYTES] + covered[bitmap_end:]
    yield covered.hex().encode()
    yield covered.hex().upper().encode()
