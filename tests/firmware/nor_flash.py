"""NOR flash in memory that loses its power at a chosen byte."""


class PowerCut(Exception):  # noqa: N818
    """The supply is gone; nothing happens after this."""


class NorFlash:
    """Erased bytes are 0xFF; each may be programmed once. `fuel` counts bytes until the power is cut.

    `torn` is what the byte at the cut becomes: None leaves it as it was.
    """

    def __init__(self, block_bytes: int = 512, block_count: int = 4) -> None:
        self.block_bytes = block_bytes
        self.block_count = block_count
        self.content = bytearray(b"\xff" * (block_bytes * block_count))
        self.fuel: int | None = None
        self.torn: int | None = None
        self.backward_erase = False
        self.used = 0
        self.erases = 0

    def read(self, address: int, into: bytearray | memoryview) -> None:
        into[:] = self.content[address : address + len(into)]

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        if any(value != 0xFF for value in self.content[address : address + len(data)]):
            raise OSError("not erased")
        for offset, value in enumerate(data):
            self._set(address + offset, value)

    def erase(self, block: int) -> None:
        self.erases += 1
        start = block * self.block_bytes
        places = range(start, start + self.block_bytes)
        for address in reversed(places) if self.backward_erase else places:
            self._set(address, 0xFF)

    def _set(self, address: int, value: int) -> None:
        if self.fuel is not None:
            if self.fuel == 0:
                if self.torn is not None:
                    self.content[address] = self.torn
                raise PowerCut
            self.fuel -= 1
        self.used += 1
        self.content[address] = value
