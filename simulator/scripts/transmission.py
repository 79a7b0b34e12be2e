"""How a payload leaves, faults included: pieces with their delays, and whether the link ends behind them."""

from collections.abc import Callable
from dataclasses import dataclass

from protocol.framing import frame
from protocol.security.mac import MAC_BYTES
from simulator.scripts.model import (
    CutMidFrame,
    Delay,
    Drop,
    Duplicate,
    Fault,
    Garbage,
    LateReply,
    Overwrite,
    Reorder,
    Truncate,
    WrongLength,
)
from simulator.scripts.references import ReferenceFault


@dataclass(frozen=True, slots=True)
class Departure:
    """`data` leaves after `delay_ms`; the script waits for that where `waits`. `held_back` leaves behind the
    next frame instead. `payload` is what of it a peer could read, for the record."""

    data: bytes
    payload: bytes
    delay_ms: int = 0
    waits: bool = True
    held_back: bool = False
    closes: bool = False


def departure(
    payload: bytes,
    fault: Fault | None,
    resolve: Callable[[str | int], str],
    sign: Callable[[bytes], bytes],
) -> Departure:
    """How the payload leaves. `resolve` replaces references, `sign` makes the MAC of overwritten
    bytes. Raises ReferenceFault."""
    framed = frame(payload)
    match fault:
        case Delay(ms=ms):
            return Departure(framed, payload, delay_ms=ms)
        case LateReply(ms=ms):
            return Departure(framed, payload, delay_ms=ms, waits=False)
        case Drop():
            return Departure(b"", payload)
        case Duplicate(times=times):
            return Departure(framed * times, payload)
        case Truncate():
            kept = payload[: _number(fault.keep_bytes, resolve)]
            return Departure(frame(kept), kept)
        case Reorder():
            return Departure(framed, payload, held_back=True)
        case CutMidFrame():
            end = len(framed) // 2 if fault.at_byte is None else _number(fault.at_byte, resolve)
            return Departure(framed[:end], payload, closes=True)
        case Garbage():
            return Departure(frame(_bytes(fault.hex, resolve)) + framed, payload)
        case WrongLength():
            return Departure(fault.announce_bytes.to_bytes(2) + payload, payload)
        case Overwrite():
            other = _overwritten(payload, _number(fault.at_byte, resolve), _bytes(fault.hex, resolve))
            if fault.reseal and len(other) > MAC_BYTES:
                other = other[:-MAC_BYTES] + sign(other[:-MAC_BYTES])
            return Departure(frame(other), other)
        case _:
            return Departure(framed, payload)


def _number(amount: str | int, resolve: Callable[[str | int], str]) -> int:
    text = resolve(amount)
    if not (text.isascii() and text.isdecimal()):
        raise ReferenceFault(f"{amount} is no number")
    return int(text)


def _bytes(text: str, resolve: Callable[[str | int], str]) -> bytes:
    try:
        return bytes.fromhex(resolve(text))
    except ValueError:
        raise ReferenceFault(f"{text} gives no hexadecimal digits") from None


def _overwritten(payload: bytes, start: int, other: bytes) -> bytes:
    return payload[:start] + other + payload[start + len(other) :]
