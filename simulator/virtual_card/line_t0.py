"""The card's end of T=0 (ISO/IEC 7816-3:2006 clause 10): bytes in, bytes out."""

from collections.abc import Callable

from protocol.card_application.layout import CLASS_PLAIN, Instruction

_HEADER_BYTES = 5
_OUTGOING = {(CLASS_PLAIN, Instruction.READ_RECORD), (CLASS_PLAIN, Instruction.GET_RESPONSE)}


class T0Card:
    """Speaks T=0 for a card that `exchange`s APDUs.

    `byte_by_byte` asks for and gives data one byte at a time; `nulls` is how often it asks for more time
    before it answers.
    """

    def __init__(
        self, exchange: Callable[[bytes], bytes], *, byte_by_byte: bool = False, nulls: int = 0
    ) -> None:
        self._exchange = exchange
        self._byte_by_byte = byte_by_byte
        self._nulls = nulls
        self._taken = bytearray()
        self._waiting = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes from the line; what the card says to them."""
        said = b""
        for value in data:
            self._taken.append(value)
            said += self._next()
        return said

    def _next(self) -> bytes:
        taken = self._taken
        if len(taken) < _HEADER_BYTES:
            return b""
        instruction, length = taken[1], taken[4]
        if (taken[0] & ~0x10, instruction) in _OUTGOING:
            command = bytes(taken)
            taken.clear()
            return self._outgoing(command)
        missing = _HEADER_BYTES + length - len(taken)
        if missing == 0:
            command = bytes(taken)
            taken.clear()
            return self._incoming(command)
        if self._byte_by_byte:
            return bytes((instruction ^ 0xFF,))
        return bytes((instruction,)) if len(taken) == _HEADER_BYTES else b""

    def _incoming(self, command: bytes) -> bytes:
        # Without data it is case 1; with some it may be case 4, whose Le T=0 does not send.
        response = self._exchange(command[:4] if command[4] == 0 else command + b"\x00")
        self._waiting = response[:-2]
        if self._waiting:
            return self._time() + bytes((0x61, len(self._waiting) & 0xFF))
        return self._time() + response[-2:]

    def _outgoing(self, command: bytes) -> bytes:
        if command[1] == Instruction.GET_RESPONSE:
            data, status = self._waiting, b"\x90\x00"
            if not data:
                return b"\x69\x85"
        else:
            response = self._exchange(command)
            data, status = response[:-2], response[-2:]
            if not data:
                return self._time() + status
        wanted = command[4] or 256
        if wanted > len(data) or (command[1] != Instruction.GET_RESPONSE and wanted != len(data)):
            return self._time() + bytes((0x6C, len(data)))
        self._waiting = data[wanted:]
        if self._waiting:
            status = bytes((0x61, len(self._waiting) & 0xFF))
        return self._time() + self._in_pieces(command[1], data[:wanted]) + status

    def _in_pieces(self, instruction: int, data: bytes) -> bytes:
        if self._byte_by_byte:
            return b"".join(bytes((instruction ^ 0xFF, value)) for value in data)
        return bytes((instruction,)) + data

    def _time(self) -> bytes:
        return b"\x60" * self._nulls
