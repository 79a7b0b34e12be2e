"""Blocks of T=1 (ISO/IEC 7816-3:2006 clause 11.3): prologue NAD PCB LEN, information, epilogue."""

from terminal.constant import const

INFORMATION_MOST = const(254)
_PROLOGUE_BYTES = const(3)
_LONGEST = const(259)  # with a CRC

# What the parser says of the bytes that it was given.
MORE = const(0)
WHOLE = const(1)
BROKEN = const(2)  # wait until the chip is silent, then ask for the block again
DAMAGED = const(3)  # whole, but the error code is not that of its bytes


def lrc(data: "bytes | bytearray | memoryview") -> int:
    """Longitudinal redundancy code: all bytes by exclusive or."""
    check = 0
    for value in data:
        check ^= value
    return check


def crc(data: "bytes | bytearray | memoryview") -> int:
    """Cyclic redundancy code of ISO/IEC 13239, as CRC_B of ISO/IEC 14443-3 annex B; low byte first."""
    check = 0xFFFF
    for value in data:
        step = (value ^ check) & 0xFF
        step = (step ^ step << 4) & 0xFF
        check = check >> 8 ^ step << 8 ^ step << 3 ^ step >> 4
    return check ^ 0xFFFF


def block(pcb: int, information: "bytes | bytearray | memoryview", with_crc: bool) -> bytes:
    """A block to send; node address 0."""
    text = bytes((0, pcb, len(information))) + bytes(information)
    if with_crc:
        return text + crc(text).to_bytes(2, "little")
    return text + bytes((lrc(text),))


class BlockParser:
    """Takes a block byte by byte; holds one. `pcb` and `information` are those of the last WHOLE one."""

    def __init__(self, with_crc: bool) -> None:
        self.pcb = 0
        self.information = b""
        self._with_crc = with_crc
        self._frame = bytearray(_LONGEST)
        self._held = 0

    def restart(self) -> None:
        """Forget what was begun."""
        self._held = 0

    def feed(self, value: int) -> int:
        """Take the next byte; MORE, WHOLE, BROKEN or DAMAGED."""
        frame = self._frame
        held = self._held
        frame[held] = value
        held += 1
        self._held = held
        if held < _PROLOGUE_BYTES:
            return MORE
        if held == _PROLOGUE_BYTES and value > INFORMATION_MOST:
            self._held = 0
            return BROKEN
        text = _PROLOGUE_BYTES + frame[2]
        if held < text + (2 if self._with_crc else 1):
            return MORE
        self._held = 0
        if self._with_crc:
            good = crc(memoryview(frame)[:text]) == frame[text] | frame[text + 1] << 8
        else:
            good = lrc(memoryview(frame)[: text + 1]) == 0
        if not good:
            return DAMAGED
        if frame[0]:
            # No node addresses were agreed on.
            return BROKEN
        self.pcb = frame[1]
        self.information = bytes(memoryview(frame)[_PROLOGUE_BYTES:text])
        return WHOLE
