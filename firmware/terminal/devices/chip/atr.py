"""The answer to reset (ISO/IEC 7816-3:2006 clause 8): its bytes as they come in, and what they say."""

from terminal.constant import const
from terminal.devices.chip.fault import ChipFault

_LONGEST = const(33)  # TS and at most 32 characters
_TS_DIRECT = const(0x3B)
_TS_INVERSE = const(0x3F)
# TS of the inverse convention, as a UART of the direct one receives it.
_TS_INVERSE_RAW = const(0x03)
_GLOBAL = const(15)  # T=15 stands before interface bytes that concern no protocol
_CLOCKS = (372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0)
_BAUDS = (0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0)

_TS = const(0)
_T0 = const(1)
_INTERFACE = const(2)
_HISTORICAL = const(3)
_TCK = const(4)
_DONE = const(5)

DEFAULT_SPEED = 0x11


def clocks_and_baud(speed: int) -> "tuple[int, int]":
    """Fi and Di of a TA1 (tables 7 and 8). Raises ChipFault("atr") for a value that is reserved."""
    clocks = _CLOCKS[speed >> 4]
    baud = _BAUDS[speed & 15]
    if not clocks or not baud:
        raise ChipFault("atr")
    return clocks, baud


def mirrored(value: int) -> int:
    """A byte of the inverse convention: bits turned round and inverted. Twice gives the byte again."""
    turned = 0
    for _ in range(8):
        turned = turned << 1 | value & 1
        value >>= 1
    return turned ^ 0xFF


class Atr:
    """What a chip says of itself, with the standard's defaults where it says nothing.

    `protocols`: T in the order offered. `speed`: TA1. `specific`: the only protocol, if TA2 is there, with
    `implicit` if its speed isn't that of TA1. `extra_guard_etu`: TC1. `waiting_integer`: WI of T=0.
    `card_size`, `block_integer`, `character_integer`, `crc`: IFSC, BWI, CWI and error code of T=1.
    """

    def __init__(self) -> None:
        self.inverse = False
        self.protocols: "list[int]" = []
        self.speed = DEFAULT_SPEED
        self.specific: "int | None" = None
        self.implicit = False
        self.extra_guard_etu = 0
        self.waiting_integer = 10
        self.card_size = 32
        self.block_integer = 4
        self.character_integer = 13
        self.crc = False
        self.historical = b""


class AtrParser:
    """Takes an answer to reset byte by byte; holds at most 33 bytes.

    `mirrored`: the line gives bytes of the inverse convention as they are, so what follows is turned too.
    """

    def __init__(self) -> None:
        self.atr = Atr()
        self._state = _TS
        self._count = 0
        self.mirrored = False
        self._check = 0
        self._group = 1  # i of TAi, TBi, TCi, TDi
        self._following = 0  # which of them are still to come
        self._protocol = 0
        self._wants_check = False
        self._seen_t1 = False
        self._historical = bytearray()
        self._historical_length = 0

    @property
    def done(self) -> bool:
        """Whether the answer is whole."""
        return self._state == _DONE

    def feed(self, value: int) -> bool:
        """Take the next byte; True when the answer is whole, after which further bytes are ignored.

        Raises:
            ChipFault: atr.
        """
        if self._state == _DONE:
            return True
        if self._state == _TS:
            self._first(value)
            return False
        if self.mirrored:
            value = mirrored(value)
        self._count += 1
        if self._count >= _LONGEST:
            raise ChipFault("atr")
        self._check ^= value
        if self._state == _T0:
            self._historical_length = value & 15
            self._following = value >> 4
            self._state = _INTERFACE
        elif self._state == _INTERFACE:
            self._interface(value)
        elif self._state == _HISTORICAL:
            self._historical.append(value)
        elif self._check:
            raise ChipFault("atr")
        else:
            self._finish()
            return True
        return self._advance()

    def _first(self, value: int) -> None:
        if value == _TS_INVERSE_RAW:
            self.mirrored = True
        elif value not in (_TS_DIRECT, _TS_INVERSE):
            raise ChipFault("atr")
        self.atr.inverse = value != _TS_DIRECT
        self._state = _T0

    def _advance(self) -> bool:
        if self._state == _INTERFACE and not self._following:
            self._state = _HISTORICAL
        if self._state == _HISTORICAL and len(self._historical) == self._historical_length:
            if not self._wants_check:
                self._finish()
                return True
            self._state = _TCK
        return False

    def _interface(self, value: int) -> None:
        if self._following & 1:
            self._following &= ~1
            self._ta(value)
        elif self._following & 2:
            self._following &= ~2
            self._tb(value)
        elif self._following & 4:
            self._following &= ~4
            self._tc(value)
        else:
            self._td(value)

    def _ta(self, value: int) -> None:
        atr = self.atr
        if self._group == 1:
            atr.speed = value
        elif self._group == 2:
            atr.specific = value & 15
            atr.implicit = bool(value & 0x10)
        elif self._first_of_t1():
            if not 1 <= value <= 254:
                raise ChipFault("atr")
            atr.card_size = value

    def _tb(self, value: int) -> None:
        # TB1 and TB2 spoke of a programming voltage that no chip needs any more.
        if self._group > 2 and self._first_of_t1():
            if value >> 4 > 9:
                raise ChipFault("atr")
            self.atr.block_integer = value >> 4
            self.atr.character_integer = value & 15

    def _tc(self, value: int) -> None:
        if self._group == 1:
            self.atr.extra_guard_etu = value
        elif self._group == 2:
            if not value:
                raise ChipFault("atr")
            self.atr.waiting_integer = value
        elif self._first_of_t1():
            self.atr.crc = bool(value & 1)

    def _td(self, value: int) -> None:
        if self._protocol == 1 and self._group > 2:
            self._seen_t1 = True
        self._protocol = value & 15
        if self._protocol:
            self._wants_check = True
        if self._protocol != _GLOBAL and self._protocol not in self.atr.protocols:
            self.atr.protocols.append(self._protocol)
        self._following = value >> 4
        self._group += 1

    def _first_of_t1(self) -> bool:
        return self._protocol == 1 and not self._seen_t1

    def _finish(self) -> None:
        atr = self.atr
        if not atr.protocols:
            atr.protocols.append(0)
        atr.historical = bytes(self._historical)
        if atr.extra_guard_etu == 255:
            # T=0: as little as without; T=1: one etu less, which a UART needn't make use of.
            atr.extra_guard_etu = 0
        self._state = _DONE
