"""A PN532 on SPI, seen by a controller that shifts the most significant bit first: every byte is reversed."""

from collections import deque

from simulator.virtual_contactless.device import VirtualPn532

_WRITE, _STATUS, _READ = 0x01, 0x02, 0x03
_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


class SpiBus:
    """Select line and transfers.

    Args:
        device: the chip.
        busy_polls: how often the status says "not yet" before each frame.

    Attributes:
        open: whether the select line is low.
        unfinished_reads: frames that were not clocked out to the end.
    """

    def __init__(self, device: VirtualPn532, busy_polls: int = 2) -> None:
        self.open = False
        self.unfinished_reads = 0
        self._device = device
        self._busy_polls = busy_polls
        self._busy = 0
        self._frames: deque[bytes] = deque()
        self._mode = 0
        self._written = b""
        self._left = b""

    def select(self) -> None:
        """Pull the select line low."""
        if self.open:
            raise RuntimeError("selected twice")
        self.open = True
        self._device.wake()
        self._mode = 0
        self._written = b""

    def deselect(self) -> None:
        """Let it go."""
        self.open = False
        if self._mode == _WRITE:
            self._frames.clear()  # whatever the host sends ends what came before
            for output in self._device.receive(self._written):
                self._frames.append(output.data)
                self._busy = self._busy_polls
        elif self._mode == _READ:
            self.unfinished_reads += bool(self._left)
            self._left = b""

    def transfer(self, buffer: bytearray | memoryview) -> None:
        """Shift `buffer` out, and what comes in over it."""
        if not self.open:
            raise RuntimeError("nobody is selected")
        for at, value in enumerate(bytes(buffer)):
            buffer[at] = _REVERSED[self._shift(_REVERSED[value])]

    def _shift(self, value: int) -> int:
        if not self._mode:
            self._mode = value
            if value == _READ and self._frames:
                self._left = self._frames.popleft()
                self._busy = self._busy_polls
            return 0
        if self._mode == _WRITE:
            self._written += bytes([value])
        elif self._mode == _STATUS:
            self._busy -= 1
            return int(bool(self._frames) and self._busy < 0)
        elif self._left:
            value, self._left = self._left[0], self._left[1:]
            return value
        return 0
