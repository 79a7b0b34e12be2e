"""NOR flash in memory that loses its power at a chosen byte."""


class PowerCut(Exception):  # noqa: N818
    """The supply is gone; nothing happens after this."""


class NorFlash:
    """Erased bytes are 0xFF; each may be programmed once. `fuel` counts bytes until the power is cut.

    `torn` is what the byte at the cut becomes: None leaves it as it was. `backward_erase` begins at the end.
    """

    def __init__(self, block_bytes: int = 1024, block_count: int = 6) -> None:
        self.block_bytes = block_bytes
        self.block_count = block_count
        self.content = bytearray(block_bytes * block_count)
        for at in range(0, len(self.content), 256):  # a small heap has no room for two of them
            self.content[at : at + 256] = b"\xff" * 256
        self.fuel: int | None = None
        self.torn: int | None = None
        self.backward_erase = False
        self.used = 0
        self.programmed = 0
        self.erases = 0

    def read(self, address: int, into: bytearray | memoryview) -> None:
        into[:] = self.content[address : address + len(into)]

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        new = bytes(data)
        if bytes(self.content[address : address + len(new)]) != b"\xff" * len(new):
            raise OSError("not erased")
        self.programmed += len(new)
        self._set(address, new, False)

    def erase(self, block: int) -> None:
        self.erases += 1
        self._set(block * self.block_bytes, b"\xff" * self.block_bytes, self.backward_erase)

    def _set(self, address: int, new: bytes, backward: bool) -> None:
        size = len(new)
        done = size if self.fuel is None else min(size, self.fuel)
        self.used += done
        if self.fuel is not None:
            self.fuel -= done
        if backward:
            self.content[address + size - done : address + size] = new[size - done :]
        else:
            self.content[address : address + done] = new[:done]
        if done < size:
            if self.torn is not None:
                place = address + (size - done - 1 if backward else done)
                # An erase only sets bits.
                erases = new[0] == 0xFF and size == self.block_bytes
                self.content[place] = self.content[place] | self.torn if erases else self.torn
            raise PowerCut
