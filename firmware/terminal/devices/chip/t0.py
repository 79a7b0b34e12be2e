"""T=0, the character protocol (ISO/IEC 7816-3:2006 clause 10): one command, one answer, no I/O.

A command with data and an answer to be fetched (case 4) is sent without its Le: the chip says 61xx, and who
exchanges APDUs asks for the rest (`terminal.cards.apdu`), as it does for 6Cxx.
"""

from terminal.constant import const
from terminal.devices.chip.fault import ChipFault

_NULL = const(0x60)
# Each NULL prolongs the wait: some minutes at the usual waiting time.
_NULLS_MOST = const(250)
_HEADER_BYTES = const(5)

_IDLE = const(0)
_PROCEDURE = const(1)
_RECEIVING = const(2)
_STATUS = const(3)


class T0:
    """One T=0 connection.

    Bytes to send stand in `output` until `sent`; `wait_etu` is how long the chip may stay silent.

    Args:
        waiting_integer: WI of the answer to reset.
        baud: Di, for the wait is told in clocks.
    """

    def __init__(self, waiting_integer: int, baud: int) -> None:
        self.wait_etu = 960 * waiting_integer * baud
        self.output = b""
        self.response: "bytes | None" = None
        self._state = _IDLE
        self._command = b""
        self._instruction = 0
        self._sent = 0  # of the command's data
        self._receives = 0  # bytes of the answer that are still to come
        self._one = False  # the chip asked for the next byte alone
        self._answer = bytearray()
        self._nulls = 0

    def start(self, apdu: "bytes | bytearray | memoryview") -> None:
        """Begin to exchange a short APDU. Raises ChipFault("length") if it is none."""
        command = bytes(apdu)
        size = len(command)
        if size < 4:
            raise ChipFault("length")
        if size == 4:
            command += b"\x00"
            self._receives = 0
        elif size == _HEADER_BYTES:
            self._receives = command[4] or 256
        else:
            length = command[4]
            if not length or size not in (_HEADER_BYTES + length, _HEADER_BYTES + length + 1):
                raise ChipFault("length")
            command = command[: _HEADER_BYTES + length]
            self._receives = 0
        self._command = command
        self._instruction = command[1]
        if self._instruction & 0xF0 in (0x60, 0x90):
            raise ChipFault("length")
        self._sent = _HEADER_BYTES
        self._answer = bytearray()
        self._nulls = 0
        self.response = None
        self.output = command[:_HEADER_BYTES]
        self._state = _PROCEDURE

    def sent(self) -> None:
        """The output has been handed over."""
        self.output = b""

    def feed(self, value: int) -> None:
        """Take the next byte from the chip. `response` is the answer with its status as soon as it is whole.

        Raises:
            ChipFault: procedure: the chip did not keep to the protocol.
        """
        if self._state == _PROCEDURE:
            self._procedure(value)
        elif self._state == _RECEIVING:
            self._answer.append(value)
            self._receives -= 1
            if self._one or not self._receives:
                self._state = _PROCEDURE
        elif self._state == _STATUS:
            self._answer.append(value)
            self.response = bytes(self._answer)
            self._state = _IDLE
        else:
            # Nobody asked: noise, or a chip that is out of step.
            raise ChipFault("procedure")

    def timed_out(self) -> None:
        """The chip stayed silent for `wait_etu`. Raises ChipFault("silent"): nothing can be repeated."""
        self._state = _IDLE
        raise ChipFault("silent")

    def _procedure(self, value: int) -> None:
        if value == _NULL:
            self._nulls += 1
            if self._nulls > _NULLS_MOST:
                raise ChipFault("silent")
            return
        if value & 0xF0 in (0x60, 0x90):
            self._answer.append(value)
            self._state = _STATUS
            return
        self._one = value == self._instruction ^ 0xFF
        if not self._one and value != self._instruction:
            raise ChipFault("procedure")
        if self._receives:
            self._state = _RECEIVING
        elif self._sent < len(self._command):
            end = self._sent + 1 if self._one else len(self._command)
            self.output = self._command[self._sent : end]
            self._sent = end
        else:
            raise ChipFault("procedure")
