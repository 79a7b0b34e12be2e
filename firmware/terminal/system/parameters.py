"""Parameters over the air: signed documents, the one before kept, and a trial before a new one counts.

A document is big-endian: `VPD`, format version, terminal id (8 characters, spaces where it is for all),
sequence (4), size of the body (2), the body (a JSON object with the settings that change), and the RSA
signature (256) of the SHA-256 of all that.

It lies in one of two flash blocks: 16 bytes (`VPS`, format, CRC-32 of the document, its size, erased ones),
the document, and at the block's end four marks of 16 bytes, each programmed once: two starts, confirmed,
withdrawn. A new document that was started twice and not confirmed is withdrawn, and the one before is back.
"""

import hashlib
import json
import struct
from binascii import crc32

from terminal.constant import const
from terminal.security.signature import SIGNATURE_BYTES, is_signed
from terminal.system.config import Config, ConfigFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Flash

    Settings = dict[str, object]

_MAGIC = b"VPD"
_STORED = b"VPS"
_FORMAT = const(1)
_HEAD = ">3sB8sIH"
_HEAD_BYTES = const(18)
_LIMIT = const(3072)
_UNIT = const(16)
_MARKS = const(4)
_CONFIRMED = const(2)
_WITHDRAWN = const(3)
_EVERYONE = b" " * 8
# What makes a terminal this one, or belongs to the board, is not changed from afar.
_FIXED = ("terminal_id", "devices", "board", "update_key", "slot_blocks")


class ParameterFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A document is refused.

    `reason` is size, format, signature, terminal, sequence, fixed, trial, or what a setting must be.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ParameterDocument:
    """A document, checked against the key and this terminal.

    Args:
        data: as it came.
        modulus: public key that signs it.
        terminal_id: whose it must be, unless it is for all.

    Raises:
        ParameterFault: see there.
    """

    def __init__(self, data: "bytes | bytearray", modulus: bytes, terminal_id: str) -> None:
        if not _HEAD_BYTES + SIGNATURE_BYTES < len(data) <= _LIMIT:
            raise ParameterFault("size")
        magic, version, scope, self.sequence, size = struct.unpack_from(_HEAD, data, 0)
        if magic != _MAGIC or version != _FORMAT:
            raise ParameterFault("format")
        end = _HEAD_BYTES + size
        if end + SIGNATURE_BYTES != len(data):
            raise ParameterFault("size")
        view = memoryview(data)
        if not is_signed(hashlib.sha256(view[:end]).digest(), view[end:], modulus):
            raise ParameterFault("signature")
        if scope not in (_EVERYONE, terminal_id.encode()):
            raise ParameterFault("terminal")
        try:
            settings = json.loads(bytes(view[_HEAD_BYTES:end]))
        except (ValueError, RuntimeError):
            raise ParameterFault("format") from None
        if not isinstance(settings, dict):
            raise ParameterFault("format")
        self.settings: "Settings" = settings

    def over(self, base: "Settings") -> "Settings":
        """The settings of the board with those of the document. Raises ParameterFault."""
        for name in self.settings:
            if name in _FIXED:
                raise ParameterFault("fixed")
        merged = dict(base)
        merged.update(self.settings)
        try:
            Config(merged)
        except ConfigFault as fault:
            raise ParameterFault(str(fault)) from None
        return merged


class ParameterStore:
    """The documents on flash, and the settings that count.

    Args:
        flash: two blocks of its own.
        base: the board's own settings.
        modulus: public key that signs documents.
    """

    def __init__(self, flash: "Flash", base: "Settings", modulus: bytes) -> None:
        self._flash = flash
        self._base = base
        self._modulus = modulus
        self._terminal_id = str(base.get("terminal_id", ""))
        self._block = -1
        self._found = [self._read(block) for block in (0, 1)]
        self._choose()

    @property
    def sequence(self) -> int:
        """Of the document in force; 0 where there is none."""
        found = self._found[self._block] if self._block >= 0 else None
        return found.sequence if found else 0

    def start(self) -> "Settings":
        """The settings to begin with; a document on trial is counted first. Raises OSError."""
        while self._block >= 0:
            document = self._found[self._block]
            assert document is not None  # noqa: S101  (`_choose` saw to it)
            if not self._is_marked(self._block, _CONFIRMED):
                if self._is_marked(self._block, 1):
                    self.withdraw()
                    continue
                self._mark(self._block, 1 if self._is_marked(self._block, 0) else 0)
            try:
                return document.over(self._base)
            except ParameterFault:  # the board's own settings are others than they were
                self.withdraw()
        return self._base

    def adopt(self, data: "bytes | bytearray", is_idle: "Callable[[], bool]") -> bool:
        """Keep a document for the next start; False where this is no moment for it.

        Raises:
            ParameterFault: it is refused, or the one before is still on trial.
            OSError: the flash failed.
        """
        document = ParameterDocument(data, self._modulus, self._terminal_id)
        newest = max([found.sequence for found in self._found if found] or [0])
        if document.sequence <= newest:
            raise ParameterFault("sequence")
        document.over(self._base)
        if self._block >= 0 and not self._is_marked(self._block, _CONFIRMED):
            raise ParameterFault("trial")
        if not is_idle():
            return False
        target = 0 if self._block < 0 else 1 - self._block
        self._write(target, data)
        self._found[target] = document
        self._block = target
        return True

    def confirm(self) -> None:
        """The switch was reached with these settings: they stay. Raises OSError."""
        if self._block >= 0 and not self._is_marked(self._block, _CONFIRMED):
            self._mark(self._block, _CONFIRMED)

    def withdraw(self) -> None:
        """Go back to the document before, or to the board's own settings, from the next start on."""
        if self._block >= 0:
            self._mark(self._block, _WITHDRAWN)
            self._choose()

    def _choose(self) -> None:
        self._block = -1
        for block in (0, 1):
            found = self._found[block]
            if found and not self._is_marked(block, _WITHDRAWN) and found.sequence > self.sequence:
                self._block = block

    def _read(self, block: int) -> "ParameterDocument | None":
        head = bytearray(_UNIT)
        base = block * self._flash.block_bytes
        self._flash.read(base, head)
        magic, version, check, size = struct.unpack_from(">3sBIH", head, 0)
        if magic != _STORED or version != _FORMAT or size > _LIMIT:
            return None
        data = bytearray(size)
        self._flash.read(base + _UNIT, data)
        if crc32(data) != check:
            return None
        try:
            return ParameterDocument(data, self._modulus, self._terminal_id)
        except ParameterFault:
            return None

    def _write(self, block: int, data: "bytes | bytearray") -> None:
        flash = self._flash
        if 2 * _UNIT + len(data) + _MARKS * _UNIT > flash.block_bytes:
            raise ParameterFault("size")
        flash.erase(block)
        base = block * flash.block_bytes
        flash.program(base + _UNIT, data)
        # Its head comes last: what has one is whole.
        flash.program(base, struct.pack(">3sBIH", _STORED, _FORMAT, crc32(data), len(data)))

    def _mark_place(self, block: int, mark: int) -> int:
        return (block + 1) * self._flash.block_bytes - (_MARKS - mark) * _UNIT

    def _is_marked(self, block: int, mark: int) -> bool:
        # A torn mark counts as one.
        unit = bytearray(_UNIT)
        self._flash.read(self._mark_place(block, mark), unit)
        return unit != b"\xff" * _UNIT

    def _mark(self, block: int, mark: int) -> None:
        if not self._is_marked(block, mark):
            self._flash.program(self._mark_place(block, mark), bytes(_UNIT))
