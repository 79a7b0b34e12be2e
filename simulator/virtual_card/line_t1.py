"""The card's end of T=1 (ISO/IEC 7816-3:2006 clause 11): bytes in, bytes out."""

from collections.abc import Callable

_MORE_BIT = 0x20
_R_BLOCK = 0x80
_RESPONSE_BIT = 0x20
_RESYNCH, _IFS, _WTX = 0xC0, 0xC1, 0xC3


def epilogue(text: bytes, *, with_crc: bool) -> bytes:
    """The error code of a block: LRC, or CRC of ISO/IEC 13239."""
    if not with_crc:
        check = 0
        for value in text:
            check ^= value
        return bytes((check,))
    remainder = 0xFFFF
    for value in text:
        remainder ^= value
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x8408 if remainder & 1 else 0)
    return (remainder ^ 0xFFFF).to_bytes(2, "little")


class T1Card:
    """Speaks T=1 for a card that `exchange`s APDUs.

    `card_size` bounds the blocks that it takes (IFSC). Before each answer it asks for more time `extensions`
    times, and once, with `new_size`, for blocks of another size.
    """

    def __init__(
        self, exchange: Callable[[bytes], bytes], *, card_size: int = 32, with_crc: bool = False,
        extensions: int = 0, new_size: int | None = None,
    ) -> None:  # fmt: skip
        self.card_size = card_size
        self._exchange = exchange
        self._with_crc = with_crc
        self._extensions = extensions
        self._new_size = new_size
        self._taken = bytearray()
        self._reset()
        self._terminal_size = 32

    def _reset(self) -> None:
        self._sequence = 0
        self._expected = 0
        self._command = bytearray()
        self._answer = b""
        self._asks: list[tuple[int, int]] = []
        self._asking = False
        self._last = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the line; what the card says to them."""
        said = b""
        for value in data:
            self._taken.append(value)
            epilogue_bytes = 2 if self._with_crc else 1
            if len(self._taken) >= 3 and len(self._taken) == 3 + self._taken[2] + epilogue_bytes:
                block = bytes(self._taken)
                self._taken.clear()
                said += self._block(block[:-epilogue_bytes], block[-epilogue_bytes:])
        return said

    def silence(self) -> None:
        """The line was silent: a block that was begun is forgotten."""
        self._taken.clear()

    def _block(self, text: bytes, check: bytes) -> bytes:
        pcb, information = text[1], text[3:]
        if epilogue(text, with_crc=self._with_crc) != check or text[0]:
            return self._say(_R_BLOCK | self._expected << 4 | 1, b"")
        if pcb == _RESYNCH:
            self._reset()
            return self._say(pcb | _RESPONSE_BIT, b"")
        if pcb == _IFS:
            self._terminal_size = information[0]
            return self._say(pcb | _RESPONSE_BIT, information)
        if pcb in (_WTX | _RESPONSE_BIT, _IFS | _RESPONSE_BIT):
            return self._ask_or_answer()
        if pcb & 0xC0 == _R_BLOCK:
            return self._receipt(pcb >> 4 & 1)
        if pcb & 0x80 or pcb >> 6 != self._expected:
            return self._say(_R_BLOCK | self._expected << 4 | 2, b"")
        self._expected ^= 1
        self._command += information
        if pcb & _MORE_BIT:
            return self._say(_R_BLOCK | self._expected << 4, b"")
        self._answer = self._exchange(bytes(self._command))
        self._command.clear()
        self._asks = [(_WTX, 2)] * self._extensions
        if self._new_size is not None:
            self._asks.append((_IFS, self._new_size))
            self._new_size = None
        return self._ask_or_answer()

    def _receipt(self, expected: int) -> bytes:
        if self._asking or expected != self._sequence:
            return self._last
        if self._answer:
            return self._piece()
        return self._say(_R_BLOCK | self._expected << 4, b"")

    def _ask_or_answer(self) -> bytes:
        self._asking = bool(self._asks)
        if self._asks:
            kind, value = self._asks.pop(0)
            if kind == _IFS:
                self.card_size = value
            return self._say(kind, bytes((value,)))
        return self._piece()

    def _piece(self) -> bytes:
        piece, self._answer = self._answer[: self._terminal_size], self._answer[self._terminal_size :]
        said = self._say(self._sequence << 6 | (_MORE_BIT if self._answer else 0), piece)
        self._sequence ^= 1
        return said

    def _say(self, pcb: int, information: bytes) -> bytes:
        text = bytes((0, pcb, len(information))) + information
        block = text + epilogue(text, with_crc=self._with_crc)
        # An R-block that asks for something is no answer, so it is not what would be repeated.
        if pcb & 0xC0 != _R_BLOCK or not pcb & 3:
            self._last = block
        return block
