"""Protocol and parameters selection (ISO/IEC 7816-3:2006 clause 9): a request of four bytes, its answer."""

from terminal.constant import const
from terminal.devices.chip.atr import DEFAULT_SPEED
from terminal.devices.chip.fault import ChipFault

_PPSS = const(0xFF)
_HAS_PPS1 = const(0x10)
_RESERVED = const(0x80)


def request(protocol: int, speed: int) -> bytes:
    """Ask for T=`protocol` at the speed of a TA1."""
    pps0 = _HAS_PPS1 | protocol
    return bytes((_PPSS, pps0, speed, _PPSS ^ pps0 ^ speed))


class PpsAnswer:
    """Takes the answer to a request byte by byte."""

    def __init__(self, protocol: int, speed: int) -> None:
        self._protocol = protocol
        self._asked = speed
        self._taken = bytearray()
        self.speed = speed

    def feed(self, value: int) -> bool:
        """Take the next byte; True when the chip has agreed, at the speed `speed`.

        Raises:
            ChipFault: pps. The chip must be reset.
        """
        taken = self._taken
        taken.append(value)
        if len(taken) == 1:
            if value != _PPSS:
                raise ChipFault("pps")
            return False
        length = 3
        for place in (4, 5, 6):
            length += taken[1] >> place & 1
        if len(taken) < length:
            return False
        check = 0
        for byte in taken:
            check ^= byte
        # PPS2 and PPS3 were not asked for.
        if check or length > 4 or taken[1] & 15 != self._protocol or taken[1] & _RESERVED:
            raise ChipFault("pps")
        if taken[1] & _HAS_PPS1:
            if taken[2] != self._asked:
                raise ChipFault("pps")
        else:
            self.speed = DEFAULT_SPEED
        return True
