"""NOR flash of a terminal that can lose its power at any byte."""

from random import Random


class PowerLost(BaseException):
    """The supply is gone; nothing happens after this."""


class Flash:
    """Erased bytes are 0xFF, each may be programmed once.

    `fuel` counts bytes until the power is cut; None: it isn't.
    """

    block_bytes = 1024
    block_count = 8

    def __init__(self, random: Random) -> None:
        self.content = bytearray(b"\xff" * (self.block_bytes * self.block_count))
        self.fuel: int | None = None
        self._random = random

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""
        into[:] = self.content[address : address + len(into)]

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write over erased bytes. Raises OSError where they are not."""
        before = self.content[address : address + len(data)]
        if before.count(0xFF) != len(data):
            raise OSError("flash is not erased")
        self._set(address, bytes(data))

    def erase(self, block: int) -> None:
        """Set every byte of a block to 0xFF."""
        self._set(block * self.block_bytes, b"\xff" * self.block_bytes)

    def _set(self, address: int, data: bytes) -> None:
        if self.fuel is None or self.fuel >= len(data):
            if self.fuel is not None:
                self.fuel -= len(data)
            self.content[address : address + len(data)] = data
            return
        done, self.fuel = self.fuel, None
        self.content[address : address + done] = data[:done]
        if self._random.random() < 0.5:
            # The byte at the cut has some of its bits.
            old, new = self.content[address + done], data[done]
            mask = self._random.randrange(256)
            self.content[address + done] = old & ~mask | new & mask
        raise PowerLost
