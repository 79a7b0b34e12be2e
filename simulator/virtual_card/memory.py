"""The memory of a card that may be pulled out at any byte of a write."""

import zlib
from collections.abc import Callable

_GENERATION_BYTES = 4
_CRC_BYTES = 4


class PowerLost(Exception):  # noqa: N818  (the card's own end of things)
    """The card was pulled out during a write: it says nothing more until it is powered on again."""


class CardMemory:
    """Bytes that are written one after the other; 0xFF where nothing was written.

    `tear_after` is how many more bytes can be written: the byte after them is left half-programmed and
    PowerLost is raised. None is a card that stays in the reader. `saved`, if given, is told the whole content
    after each write.
    """

    def __init__(self, content: bytes, saved: Callable[[bytes], None] | None = None) -> None:
        self._content = bytearray(content)
        self._saved = saved
        self.tear_after: int | None = None
        self.written = 0

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from `address`."""
        return bytes(self._content[address : address + size])

    def write(self, address: int, data: bytes) -> None:
        """Write byte by byte. Raises PowerLost where the card is torn out."""
        for place, value in enumerate(data, address):
            if self.tear_after == 0:
                self._content[place] = (self._content[place] & 0x0F) | (value & 0xF0)
                self._keep()
                raise PowerLost
            if self.tear_after is not None:
                self.tear_after -= 1
            self._content[place] = value
            self.written += 1
        self._keep()

    @property
    def content(self) -> bytes:
        """All of it, as another card's memory could be made of."""
        return bytes(self._content)

    def _keep(self) -> None:
        if self._saved is not None:
            self._saved(self.content)


class CheckedCell:
    """`size` bytes followed by their CRC-32: whole or not there."""

    def __init__(self, memory: CardMemory, address: int, size: int) -> None:
        self._memory = memory
        self._address = address
        self._size = size

    @staticmethod
    def room(size: int) -> int:
        """Bytes that a cell of `size` takes."""
        return size + _CRC_BYTES

    def read(self) -> bytes | None:
        """The content, or None if it was never written or torn."""
        data = self._memory.read(self._address, self._size)
        crc = self._memory.read(self._address + self._size, _CRC_BYTES)
        return data if zlib.crc32(data).to_bytes(_CRC_BYTES) == crc else None

    def write(self, data: bytes) -> None:
        """Replace the content; torn, there is none."""
        assert len(data) == self._size  # noqa: S101  (the card checks lengths before it writes)
        self._memory.write(self._address, data + zlib.crc32(data).to_bytes(_CRC_BYTES))


class TwinCell:
    """`size` bytes in two cells, written in turn: torn, the older content is still there."""

    def __init__(self, memory: CardMemory, address: int, size: int) -> None:
        cell_room = CheckedCell.room(_GENERATION_BYTES + size)
        self._cells = tuple(
            CheckedCell(memory, address + place * cell_room, _GENERATION_BYTES + size) for place in (0, 1)
        )

    @staticmethod
    def room(size: int) -> int:
        """Bytes that a twin of `size` takes."""
        return 2 * CheckedCell.room(_GENERATION_BYTES + size)

    def read(self) -> bytes | None:
        """The newest content that is whole, or None."""
        newest, _ = self._newest()
        return newest[_GENERATION_BYTES:] if newest is not None else None

    def write(self, data: bytes) -> None:
        """Replace the content, all or nothing."""
        newest, place = self._newest()
        generation = int.from_bytes(newest[:_GENERATION_BYTES]) + 1 if newest is not None else 1
        self._cells[1 - place].write(generation.to_bytes(_GENERATION_BYTES) + data)

    def _newest(self) -> tuple[bytes | None, int]:
        found = [(cell.read(), place) for place, cell in enumerate(self._cells)]
        whole = [(content, place) for content, place in found if content is not None]
        # Generations stand first and big-endian, so the contents compare as they do.
        return max(whole) if whole else (None, 1)
