"""The card's contacts: answer to reset, PPS, and one of both protocols, as bytes on one line."""

from collections.abc import Callable
from dataclasses import dataclass

from protocol.card_application.layout import APPLICATION_IDENTIFIER
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.line_t0 import T0Card
from simulator.virtual_card.line_t1 import T1Card
from simulator.virtual_card.memory import PowerLost

_PPSS = 0xFF
# ISO/IEC 7816-4 clause 12.1.1: compact TLV, the card issuer's data.
HISTORICAL = b"\x80\x54" + APPLICATION_IDENTIFIER[1:5]


@dataclass(frozen=True, slots=True)
class ChipTraits:
    """How a chip behaves on its line.

    `speed` is its TA1. `inverse`: its bytes come as a line of the direct convention sees those of the inverse
    one. `refuses_pps`: it is silent to a PPS. The rest is as T0Card and T1Card have it.
    """

    protocol: int = 1
    speed: int = 0x11
    inverse: bool = False
    refuses_pps: bool = False
    with_crc: bool = False
    card_size: int = 254
    extensions: int = 0
    new_size: int | None = None
    byte_by_byte: bool = False
    nulls: int = 0


def answer_to_reset(traits: ChipTraits) -> bytes:
    """ISO/IEC 7816-3 clause 8, in the direct convention."""
    if traits.protocol == 0:
        answer = bytes((0x90 | len(HISTORICAL), traits.speed, 0x00)) + HISTORICAL
        return (b"\x3f" if traits.inverse else b"\x3b") + answer
    # T=1 in TD1 and TD2, then IFSC, the waiting times' defaults and the error code.
    interface = bytes((traits.speed, 0x81, 0x71, traits.card_size, 0x4D, int(traits.with_crc)))
    answer = bytes((0x90 | len(HISTORICAL),)) + interface + HISTORICAL
    check = 0
    for value in answer:
        check ^= value
    return (b"\x3f" if traits.inverse else b"\x3b") + answer + bytes((check,))


def turned(data: bytes) -> bytes:
    """Bytes of the inverse convention as a line of the direct one sees them, and back."""
    return bytes(int(f"{value:08b}"[::-1], 2) ^ 0xFF for value in data)


class VirtualChip:
    """A card with contacts. A chip that is torn out, or was never powered, is silent."""

    def __init__(self, application: CardApplication, traits: ChipTraits | None = None) -> None:
        self.traits = traits or ChipTraits()
        self._application = application
        self.powered = False
        self._feed: Callable[[bytes], bytes] = self._negotiate
        self._first = b""

    def power_on(self) -> bytes:
        """Reset; the answer."""
        self._application.power_on()
        self.powered = True
        self._feed = self._negotiate
        self._first = b""
        answer = answer_to_reset(self.traits)
        return turned(answer) if self.traits.inverse else answer

    def power_off(self) -> None:
        """Out of the slot."""
        self._application.power_off()
        self.powered = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the line; what the chip says to them."""
        if not self.powered:
            return b""
        try:
            said = self._feed(turned(data) if self.traits.inverse else data)
        except PowerLost:
            self.powered = False
            return b""
        return turned(said) if self.traits.inverse else said

    def _negotiate(self, data: bytes) -> bytes:
        self._first += data
        if self._first[0] != _PPSS:
            self._feed = self._protocol()
            return self._feed(self._first)
        if len(self._first) < 4:
            return b""
        answer, rest = self._first[:4], self._first[4:]
        if self.traits.refuses_pps:
            self._first = rest
            return b""
        self._feed = self._protocol()
        return answer + self._feed(rest)

    def _protocol(self) -> Callable[[bytes], bytes]:
        traits = self.traits
        if traits.protocol == 0:
            return T0Card(
                self._application.exchange, byte_by_byte=traits.byte_by_byte, nulls=traits.nulls
            ).feed
        return T1Card(
            self._application.exchange, card_size=traits.card_size, with_crc=traits.with_crc,
            extensions=traits.extensions, new_size=traits.new_size,
        ).feed  # fmt: skip
