"""Keys and what protects them, on flash: for boards without a secure element.

Every save writes the whole state into the next block and erases the one before, so that a used key is nowhere
on the part. What reads the flash has the keys: see the board's README. A record is big-endian: `VKS`, format,
number (4), flags, attempts left, keys (each: slot, length of 2 bytes, content; slot 0 ends), CRC-32.
"""

import struct
from binascii import crc32

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash

BLOCKS = const(2)  # of the part of a board's flash
# Slots.
TERMINAL_KEY = const(1)
TRANSPORT_KEY = const(2)
PIN_STATE = const(3)  # of DukptTerminal
ATTEMPTS = const(5)
_SLOTS = (TERMINAL_KEY, TRANSPORT_KEY, PIN_STATE)
_MAGIC = b"VKS"
_FORMAT = const(1)
_HEAD = ">3sBIBB"
_HEAD_BYTES = const(10)
_LIMIT = const(1408)
_PIECE = const(256)
_UNIT = const(16)  # what flash that is enciphered takes
_CLEAR_CLOSED = const(1)
_TAMPERED = const(2)
_ASKED = const(4)


class KeyStore:
    """The state; keys are in bytearrays that `wipe` overwrites. Change, then `save`.

    `tampered` stays until a terminal key was injected; `service_asked` tells the next start not to sell.

    Args:
        flash: at least two blocks of its own.
    """

    def __init__(self, flash: "Flash") -> None:
        self.attempts_left = ATTEMPTS
        self.clear_closed = False
        self.tampered = False
        self.service_asked = False
        self._keys: "dict[int, bytearray]" = {}
        self._flash = flash
        self._number = 0
        self._block = -1
        self._record = bytearray(_LIMIT)
        self._piece = memoryview(bytearray(_PIECE))
        for block in range(flash.block_count):
            self._look(block)
        _overwrite(self._record)
        # A power cut may have left the record before.
        for block in range(flash.block_count):
            if block != self._block and not self._is_blank(block):
                flash.erase(block)
        # So may it have come between the last attempt and its end.
        if self._keys and ((self.tampered and self.clear_closed) or not self.attempts_left):
            self.wipe()

    @property
    def is_empty(self) -> bool:
        """Whether there is no key at all."""
        return not self._keys

    def forget(self) -> None:
        """Overwrite the keys in memory; those on flash stay. The store is of no use after it."""
        for key in self._keys.values():
            _overwrite(key)
        self._keys.clear()

    def key(self, slot: int) -> "bytearray | None":
        """The key itself, not a copy: for the key slot and the injection only."""
        return self._keys.get(slot)

    def put(self, slot: int, key: bytearray) -> None:
        """Take a key over; the one before is overwritten. `save` makes it last."""
        held = self._keys.get(slot)
        if held is not None and held is not key:
            _overwrite(held)
        self._keys[slot] = key

    def save(self) -> None:
        """Write the state; durable on return, and nothing of the one before is left. Raises OSError."""
        record = self._record
        flags = (_CLEAR_CLOSED if self.clear_closed else 0) | (_TAMPERED if self.tampered else 0)
        flags |= _ASKED if self.service_asked else 0
        struct.pack_into(_HEAD, record, 0, _MAGIC, _FORMAT, self._number + 1, flags, self.attempts_left)
        at = _HEAD_BYTES
        for slot, key in self._keys.items():
            struct.pack_into(">BH", record, at, slot, len(key))
            record[at + 3 : at + 3 + len(key)] = key
            at += 3 + len(key)
        record[at] = 0
        struct.pack_into(">I", record, at + 1, crc32(memoryview(record)[: at + 1]))
        end = at + 5
        while end % _UNIT:
            record[end] = 0xFF
            end += 1
        flash = self._flash
        target = (self._block + 1) % flash.block_count
        if not self._is_blank(target):
            flash.erase(target)
        flash.program(target * flash.block_bytes, memoryview(record)[:end])
        _overwrite(record)
        before, self._block = self._block, target
        self._number += 1
        if before >= 0:
            flash.erase(before)

    def wipe(self) -> None:
        """Overwrite every key, in memory and on flash. Raises OSError; those in memory are gone even so."""
        self.forget()
        self.save()

    def _look(self, block: int) -> None:
        record = self._record
        self._flash.read(block * self._flash.block_bytes, record)
        magic, version, number, flags, attempts = struct.unpack_from(_HEAD, record, 0)
        if magic != _MAGIC or version != _FORMAT or number <= self._number:
            return
        keys: "dict[int, bytearray]" = {}
        at = _HEAD_BYTES
        while at + 5 <= _LIMIT and record[at]:
            slot, size = struct.unpack_from(">BH", record, at)
            if slot not in _SLOTS or at + 3 + size + 5 > _LIMIT:
                return
            keys[slot] = record[at + 3 : at + 3 + size]
            at += 3 + size
        if at + 5 > _LIMIT or struct.unpack_from(">I", record, at + 1)[0] != crc32(
            memoryview(record)[: at + 1]
        ):
            return
        self.forget()
        self._keys = keys
        self._number = number
        self._block = block
        self.attempts_left = attempts
        self.clear_closed = bool(flags & _CLEAR_CLOSED)
        self.tampered = bool(flags & _TAMPERED)
        self.service_asked = bool(flags & _ASKED)

    def _is_blank(self, block: int) -> bool:
        base = block * self._flash.block_bytes
        for offset in range(0, self._flash.block_bytes, _PIECE):
            self._flash.read(base + offset, self._piece)
            if self._piece != b"\xff" * _PIECE:
                return False
        return True


def _overwrite(buffer: bytearray) -> None:
    for index in range(len(buffer)):
        buffer[index] = 0
