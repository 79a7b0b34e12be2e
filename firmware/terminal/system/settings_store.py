"""What is set on the terminal itself, and its offline table: each as two copies on flash, the newer counts.

A copy is one block: sequence number, size of the content, CRC-32 of sequence number and content, the content.
The older copy's block is erased and written, so a power cut at any byte leaves the newer one as it was.
"""

import json
import struct
from binascii import crc32

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash

_HEAD = "<III"
_HEAD_BYTES = const(12)
_SETTINGS = const(0)
_TABLE = const(2)
_PIECE_BYTES = const(64)
_LAST = 0xFFFFFFFF


class SettingsStore:
    """Parameters that survive a power cut.

    Args:
        flash: four blocks, two for the parameters and two for the table.
        defaults: what a parameter is as long as nothing was put.
    """

    def __init__(self, flash: "Flash", defaults: "dict[str, object]") -> None:
        self._flash = flash
        self._defaults = defaults
        # Only the names are kept in memory: most of the time nobody asks.
        self._names = tuple(self._kept())

    def get(self, name: str, default: object = None) -> object:
        """The value, or `default` where there is none."""
        return self._kept().get(name) if name in self._names else self._defaults.get(name, default)

    def put(self, name: str, value: object) -> None:
        """Set it; durable on return.

        Raises:
            OSError: it could not be kept: no room, or the flash fails.
        """
        kept = self._kept()
        kept[name] = value
        self._write(_SETTINGS, json.dumps(kept).encode())
        self._names = tuple(kept)

    def table(self) -> bytes:
        """The offline table that was kept; empty where there is none."""
        return self._read(_TABLE)

    def put_table(self, data: bytes) -> None:
        """Keep an offline table; durable on return. Raises OSError as `put` does."""
        self._write(_TABLE, data)

    def _kept(self) -> "dict[str, object]":
        content = self._read(_SETTINGS)
        kept = json.loads(content.decode()) if content else {}
        return kept if isinstance(kept, dict) else {}

    def _read(self, pair: int) -> bytes:
        block, _, size = self._newest(pair)
        content = bytearray(size)
        self._flash.read(block * self._flash.block_bytes + _HEAD_BYTES, content)
        return bytes(content)

    def _write(self, pair: int, content: bytes) -> None:
        flash = self._flash
        if len(content) > flash.block_bytes - _HEAD_BYTES:
            raise OSError("more than there is room for")
        block, sequence, size = self._newest(pair)
        if size:
            block = 2 * pair + 1 - block
        sequence = sequence + 1 & _LAST
        check = crc32(content, crc32(struct.pack("<I", sequence)))
        place = block * flash.block_bytes
        flash.erase(block)
        flash.program(place + _HEAD_BYTES, content)
        # Last, for it is what makes the copy count.
        flash.program(place, struct.pack(_HEAD, sequence, len(content), check))

    def _newest(self, pair: int) -> "tuple[int, int, int]":
        """Block, sequence number and size of the copy that counts; size 0 where there is none."""
        found = (pair, 0, 0)
        for block in (pair, pair + 1):
            sequence, size = self._head(block)
            # Numbers go round.
            if size and (not found[2] or 0 < (sequence - found[1] & _LAST) < _LAST // 2):
                found = (block, sequence, size)
        return found

    def _head(self, block: int) -> "tuple[int, int]":
        """Sequence number and size of a copy; size 0 where it is not whole."""
        flash = self._flash
        piece = bytearray(_PIECE_BYTES)
        place = block * flash.block_bytes
        flash.read(place, memoryview(piece)[:_HEAD_BYTES])
        sequence, size, check = struct.unpack_from(_HEAD, piece)
        if not 0 < size <= flash.block_bytes - _HEAD_BYTES:
            return 0, 0
        found = crc32(struct.pack("<I", sequence))
        for at in range(0, size, _PIECE_BYTES):
            view = memoryview(piece)[: min(_PIECE_BYTES, size - at)]
            flash.read(place + _HEAD_BYTES + at, view)
            found = crc32(view, found)
        return (sequence, size) if found == check else (0, 0)
