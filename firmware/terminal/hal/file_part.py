"""A part of a Unix terminal's flash beside the journal: slots, boot log, parameters, keys; one file each."""

import os

from terminal.constant import const

BLOCK_BYTES = const(4096)
_PIECE = const(64)
_BLANK = b"\xff" * 256  # one for all parts


class FilePart:
    """A file of whole blocks that behaves as NOR flash; made, and blank, where there is none.

    Args:
        path: its name.
        block_count: how many blocks it has.

    Raises:
        OSError: it can't be opened, or has another size.
    """

    block_bytes = BLOCK_BYTES

    def __init__(self, path: str, block_count: int) -> None:
        self.block_count = block_count
        self._piece = memoryview(bytearray(_PIECE))
        try:
            self._file = open(path, "r+b")  # noqa: SIM115  (held as long as the terminal runs)
        except OSError:
            fresh = path + ".new"
            with open(fresh, "wb") as file:
                for _ in range(block_count * BLOCK_BYTES // len(_BLANK)):
                    file.write(_BLANK)
                file.flush()
            os.rename(fresh, path)
            self._file = open(path, "r+b")  # noqa: SIM115
        if self._file.seek(0, 2) != block_count * BLOCK_BYTES:
            raise OSError("flash file has the wrong size")

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""
        self._file.seek(address)
        if self._file.readinto(into) != len(into):
            raise OSError("flash read past the end")

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write over erased bytes and reach the disk before returning."""
        at = 0
        while at < len(data):
            step = min(_PIECE, len(data) - at)
            self.read(address + at, self._piece[:step])
            if self._piece[:step] != _BLANK[:step]:
                raise OSError("flash is not erased")
            at += step
        self._file.seek(address)
        self._file.write(data)
        self._file.flush()

    def erase(self, block: int) -> None:
        """Set one block to 0xFF."""
        if not 0 <= block < self.block_count:
            raise OSError("no such flash block")
        self._file.seek(block * BLOCK_BYTES)
        for _ in range(BLOCK_BYTES // len(_BLANK)):
            self._file.write(_BLANK)
        self._file.flush()
