"""What start-up must remember, in a raw journal of its own: every record is the whole state.

A record has 48 bytes, little-endian: CRC-32 of the rest, number of the record, format version, anti-rollback
counter, then slot and identity of the confirmed image and of the candidate, trial boots of the candidate, the
slot that was started last, boots, and resets by cause. Blocks are filled in turn; the oldest is erased only
when the newest record stands safely in another one.
"""

import struct
from binascii import crc32

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash

NO_SLOT = const(0xFF)
CAUSES = ("power", "watchdog", "software", "other")
_NO_IDENTITY = bytes(8)
_FORM = "<IBIB8sB8sBBIHHHH"  # without the CRC
_FORMAT = const(1)
_RECORD_BYTES = const(48)
_FILLED_BYTES = const(45)
_SIXTEEN_BITS = const(0xFFFF)


class BootLogFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The log is of a format that this firmware does not know. Nothing was changed."""


class BootLog:
    """The state, and the flash that keeps it. Change the attributes, then `save`.

    Args:
        flash: at least two blocks of its own.

    Raises:
        BootLogFault: see there.
    """

    def __init__(self, flash: "Flash") -> None:
        self.counter = 0
        self.confirmed_slot = NO_SLOT
        self.confirmed_identity = _NO_IDENTITY
        self.candidate_slot = NO_SLOT
        self.candidate_identity = _NO_IDENTITY
        self.trials = 0
        self.running_slot = NO_SLOT
        self.boots = 0
        self.resets = [0] * len(CAUSES)
        self._flash = flash
        self._number = 0
        self._block = flash.block_count - 1
        self._offset = flash.block_bytes
        self._record = bytearray(_RECORD_BYTES)
        self._check = bytearray(_RECORD_BYTES)
        self._scan()

    def save(self) -> None:
        """Write the state; it is durable on return. A power cut leaves the one before.

        Raises:
            OSError: the flash takes no record.
        """
        struct.pack_into(
            _FORM,
            self._record,
            4,
            self._number + 1,
            _FORMAT,
            self.counter,
            self.confirmed_slot,
            self.confirmed_identity,
            self.candidate_slot,
            self.candidate_identity,
            self.trials,
            self.running_slot,
            self.boots,
            *self.resets,
        )
        struct.pack_into("<I", self._record, 0, crc32(memoryview(self._record)[4:_FILLED_BYTES]))
        for _ in range(3):
            address = self._next_place()
            self._offset += _RECORD_BYTES
            self._flash.program(address, self._record)
            self._flash.read(address, self._check)
            if self._check == self._record:
                self._number += 1
                return
        raise OSError("boot log can't be written")

    def count_boot(self, cause: str) -> None:
        """Count a start, and the reset that led to it: one of CAUSES."""
        self.boots += 1
        at = CAUSES.index(cause) if cause in CAUSES else len(CAUSES) - 1
        self.resets[at] = min(self.resets[at] + 1, _SIXTEEN_BITS)

    def _next_place(self) -> int:
        flash = self._flash
        base = self._block * flash.block_bytes
        while self._offset + _RECORD_BYTES <= flash.block_bytes:
            if self._is_blank(base + self._offset):
                return base + self._offset
            self._offset += _RECORD_BYTES
        self._block = (self._block + 1) % flash.block_count
        self._offset = 0
        flash.erase(self._block)
        return self._block * flash.block_bytes

    def _is_blank(self, address: int) -> bool:
        self._flash.read(address, self._check)
        return all(value == 0xFF for value in self._check)

    def _scan(self) -> None:
        flash = self._flash
        record = self._check
        for block in range(flash.block_count):
            for offset in range(0, flash.block_bytes - _RECORD_BYTES + 1, _RECORD_BYTES):
                flash.read(block * flash.block_bytes + offset, record)
                check, number, version = struct.unpack_from("<IIB", record, 0)
                if number <= self._number or crc32(memoryview(record)[4:_FILLED_BYTES]) != check:
                    continue
                if version != _FORMAT:
                    raise BootLogFault("boot log format %d is not known to this firmware" % version)
                self._number = number
                self._block = block
                self._offset = offset + _RECORD_BYTES
                self._take(record)

    def _take(self, record: bytearray) -> None:
        fields = struct.unpack_from(_FORM, record, 4)
        self.counter, self.confirmed_slot, self.confirmed_identity = fields[2:5]
        self.candidate_slot, self.candidate_identity, self.trials = fields[5:8]
        self.running_slot, self.boots = fields[8:10]
        self.resets = list(fields[10:])
