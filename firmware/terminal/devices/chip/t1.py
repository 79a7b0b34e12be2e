"""T=1, the block protocol (ISO/IEC 7816-3:2006 clause 11), as the interface device speaks it; no I/O.

After damage a block is asked for again, at most twice; then both sides are resynchronised. What became of the
command is unknown then, and it is never sent a second time by itself: ChipFault("lost").
"""

from terminal.constant import const
from terminal.devices.chip.fault import ChipFault
from terminal.devices.chip.t1_block import BROKEN, DAMAGED, INFORMATION_MOST, WHOLE, BlockParser, block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_ASKED_AGAIN_MOST = const(2)
_RESYNCHRONISED_MOST = const(3)
# Bounds what a chip can make of one command: extensions of the wait, and pieces of a byte each.
_BLOCKS_MOST = const(600)
_RESPONSE_MOST = const(258)

_R_BLOCK = const(0x80)
_R_DAMAGED = const(0x01)
_R_OTHER = const(0x02)
_MORE_BIT = const(0x20)
_RESYNCH = const(0xC0)
_IFS = const(0xC1)
_ABORT = const(0xC2)
_WTX = const(0xC3)
_RESPONSE_BIT = const(0x20)


class T1:
    """One T=1 connection, whose first exchange tells the chip how long the terminal's blocks may be.

    Bytes to send stand in `output` until `sent`; `wait_etu` is how long the chip may stay silent.

    Args:
        card_size: IFSC of the answer to reset.
        block_wait_etu, character_wait_etu: BWT and CWT.
        with_crc: the error code is a CRC, not an LRC.
    """

    def __init__(self, card_size: int, block_wait_etu: int, character_wait_etu: int, with_crc: bool) -> None:
        self.wait_etu = block_wait_etu
        self.output = b""
        self.response: "bytes | None" = None
        self._card_size = card_size
        self._block_wait_etu = block_wait_etu
        self._character_wait_etu = character_wait_etu
        self._with_crc = with_crc
        self._parser = BlockParser(with_crc)
        self._busy = False
        self._skipping = False
        self._told_size = False
        self._sequence = 0  # N(S) of the piece that is, or will be, in flight
        self._expected = 0  # N(S) of the chip's next one
        self._command = b""
        self._from = 0  # the piece of the command that was last sent
        self._to = 0
        self._in_flight = False  # the chip has not said that it has that piece
        self._answer = bytearray()
        self._last = b""
        self._last_pcb = 0
        self._failures = 0
        self._resynchronising = 0
        self._blocks = 0

    def start(self, apdu: "bytes | bytearray | memoryview") -> None:
        """Begin to exchange an APDU."""
        self._command = bytes(apdu)
        self._from = self._to = 0
        self._in_flight = False
        self._answer = bytearray()
        self.response = None
        self._failures = 0
        self._resynchronising = 0
        self._blocks = 0
        self._skipping = False
        self._busy = True
        self._parser.restart()
        if self._told_size:
            self._send_next_piece()
        else:
            self._send(_IFS, bytes((INFORMATION_MOST,)))

    def sent(self) -> None:
        """The output has been handed over."""
        self.output = b""

    def feed(self, value: int) -> None:
        """Take the next byte from the chip. `response` is the answer with its status as soon as it is whole.

        Raises:
            ChipFault: block, length, silent or lost.
        """
        # What the chip says out of turn answers nothing.
        if self.output or not self._busy:
            return
        self.wait_etu = self._character_wait_etu
        if self._skipping:
            return
        state = self._parser.feed(value)
        if state == BROKEN:
            self._skipping = True
        elif state == DAMAGED:
            self._ask_again(_R_DAMAGED)
        elif state == WHOLE:
            self.wait_etu = self._block_wait_etu
            self._take(self._parser.pcb, self._parser.information)

    def timed_out(self) -> None:
        """The chip stayed silent for `wait_etu`.

        Raises:
            ChipFault: silent.
        """
        self._skipping = False
        self._parser.restart()
        self._ask_again(_R_OTHER)

    def _take(self, pcb: int, information: bytes) -> None:
        self._blocks += 1
        if self._blocks > _BLOCKS_MOST:
            self._fail("block")
        if self._resynchronising:
            if pcb == _RESYNCH | _RESPONSE_BIT and not information:
                self._sequence = self._expected = 0
                self._told_size = False
                self._fail("lost")
            self._ask_again(_R_OTHER)
        elif not pcb & 0x80:
            self._take_piece(pcb, information)
        elif pcb & 0x40:
            self._take_control(pcb, information)
        elif pcb & 0x2C or information:
            self._ask_again(_R_OTHER)
        else:
            self._take_receipt(pcb >> 4 & 1)

    def _take_piece(self, pcb: int, information: bytes) -> None:
        in_turn = self._told_size and self._to == len(self._command)
        if not in_turn or pcb & 0x1F or pcb >> 6 != self._expected:
            self._ask_again(_R_OTHER)
            return
        if len(self._answer) + len(information) > _RESPONSE_MOST:
            self._fail("length")
        self._failures = 0
        self._received()
        self._expected ^= 1
        self._answer.extend(information)
        if pcb & _MORE_BIT:
            self._send(_R_BLOCK | self._expected << 4, b"")
            return
        if len(self._answer) < 2:
            self._fail("length")
        self._busy = False
        self.response = bytes(self._answer)

    def _take_receipt(self, expected: int) -> None:
        """An R-block: the chip is ready for the piece numbered `expected`, or has missed our last block."""
        if self._last_pcb & 0xE0 == _RESYNCH:
            self._repeat(self._last)
        elif self._in_flight and expected == self._sequence:
            self._repeat(self._piece())
        elif self._in_flight and self._to < len(self._command):
            self._failures = 0
            self._received()
            self._send_next_piece()
        elif self._last_pcb & 0x80:
            self._repeat(self._last)
        else:
            self._ask_again(_R_OTHER)

    def _take_control(self, pcb: int, information: bytes) -> None:
        value = information[0] if len(information) == 1 else 0
        if pcb == _IFS | _RESPONSE_BIT and self._last_pcb == _IFS and value == INFORMATION_MOST:
            self._failures = 0
            self._told_size = True
            self._send_next_piece()
        elif pcb == _IFS and 1 <= value <= INFORMATION_MOST:
            self._card_size = value
            self._send(pcb | _RESPONSE_BIT, information)
        elif pcb == _WTX and value:
            self._send(pcb | _RESPONSE_BIT, information)
            self.wait_etu = self._block_wait_etu * value
        elif pcb == _ABORT:
            # Half an APDU is of no use; the chip is reset.
            self._fail("block")
        else:
            self._ask_again(_R_OTHER)

    def _received(self) -> None:
        """The chip has the piece in flight."""
        if self._in_flight:
            self._in_flight = False
            self._sequence ^= 1

    def _send_next_piece(self) -> None:
        self._from = self._to
        self._to = min(self._from + self._card_size, len(self._command))
        self._in_flight = True
        self._last_pcb = 0
        self._put(self._piece())

    def _piece(self) -> bytes:
        pcb = self._sequence << 6 | (_MORE_BIT if self._to < len(self._command) else 0)
        return block(pcb, memoryview(self._command)[self._from : self._to], self._with_crc)

    def _send(self, pcb: int, information: bytes) -> None:
        self._last_pcb = pcb
        self._put(block(pcb, information, self._with_crc))

    def _put(self, text: bytes) -> None:
        self._last = text
        self.output = text
        self.wait_etu = self._block_wait_etu

    def _repeat(self, text: bytes) -> None:
        if not self._failed():
            if text is not self._last:
                self._last_pcb = text[1]
            self._put(text)

    def _ask_again(self, reason: int) -> None:
        if self._failed():
            return
        if self._last_pcb & 0xE0 == _RESYNCH:
            # A request of ours is repeated until it is answered; anything else is asked for.
            self._put(self._last)
        else:
            self._send(_R_BLOCK | self._expected << 4 | reason, b"")

    def _failed(self) -> bool:
        """Count a failure; whether it was one too many and a resynchronisation is under way."""
        if self._resynchronising:
            self._resynchronising += 1
            if self._resynchronising > _RESYNCHRONISED_MOST:
                self._fail("silent")
            self._put(self._last)
            return True
        self._failures += 1
        if self._failures <= _ASKED_AGAIN_MOST:
            return False
        self._resynchronising = 1
        self._send(_RESYNCH, b"")
        return True

    def _fail(self, reason: str) -> "NoReturn":
        self._busy = False
        raise ChipFault(reason)
