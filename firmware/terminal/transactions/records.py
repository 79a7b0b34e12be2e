"""What the journal's records stand on: room for them, copies of what lives on, and what they hide.

The block that is opened next never holds anything that is needed: when a block is opened, what lives on in
the one after it is copied into it first, and a STATE record ends that. A block in which no STATE follows the
copies was being opened when the power went; it is as if it had never been. So neither a cut nor any number
of them can use up the room that open sales need to be finished.
"""

import struct
from binascii import crc32

from terminal.constant import const
from terminal.transactions.batch import PACKED_LIMIT, Batch
from terminal.transactions.blocks import HEADER_BYTES, TRACE, JournalFault, space_of
from terminal.transactions.record_cipher import NONCE_BYTES, RecordCipher
from terminal.transactions.ring import RecordRing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Flash, MacKey

STATE = const(9)
COPY = const(0x40)  # beside the kind
# A record with a message begins with its trace number, whose highest byte tells of a copy how far its sale
# had come, and the nonce (zeros: in clear).
HEAD_BYTES = const(12)
_NONCE = const(4)
_CHECK_BYTES = const(4)
_STATE_HEAD = const(8)  # trace number (0), sequence of the offline table
_ATTEMPTS = const(4)


class JournalFull(JournalFault):
    """No room to promise that another sale could be finished."""


class RecordUnreadable(JournalFault):
    """The message of a record can't be uncovered: its key was erased."""


class Records:
    """Writing, copying and reading. Which records are needed, its heir says.

    Args:
        flash: the part.
        key: the flash key; without it messages lie in clear.
    """

    def __init__(self, flash: "Flash", key: "MacKey | None") -> None:
        self._ring = RecordRing(flash)
        self._cipher = RecordCipher(key) if key else None
        self._nonce = b""
        self.batch = Batch()
        self.table_sequence = 0
        self._trace = 0
        self._reserved = 0
        self._copies: "list[int]" = []
        self._is_opened = True
        # A block whose records all live on must fit into one with the longest STATE.
        state = space_of(_STATE_HEAD + PACKED_LIMIT)
        self._area = flash.block_bytes - HEADER_BYTES - state
        self._state_room = state

    @property
    def discarded_blocks(self) -> int:
        """Blocks found damaged at start, as a cut in an erase leaves them."""
        return self._ring.discarded_blocks

    def _boot(self) -> None:
        self._ring.scan(self._visit)
        if not self._is_opened:
            self._ring.abandon()
        self._copies = []
        self._reserved = self._trace

    def _visit(self, kind: int, location: int, payload: memoryview) -> None:
        if len(payload) < 4:
            return
        if kind == TRACE:
            self._trace = struct.unpack_from("<I", payload)[0]
            if location % self._ring.flash.block_bytes == 0:
                self._copies = []
                self._is_opened = False
                self._state_room = space_of(_STATE_HEAD + PACKED_LIMIT)
                return
        if kind & COPY:
            self._copies.append(location)
            return
        if not self._is_opened:
            self._is_opened = True
            if self._copies:
                payload = memoryview(bytes(payload))
            for copy in self._copies:
                copied, content = self._ring.read(copy)
                self._apply(copied, copy, content, space_of(len(content)))
        if kind == STATE:
            self._load_state(payload)
        elif kind != TRACE:
            self._apply(kind, location, payload, space_of(len(payload)))

    def _apply(self, kind: int, location: int, payload: "bytes | memoryview", space: int) -> None:
        """Take a record over, the same when it is written and when it is found at start.

        Of a message the payload is at least what it says in clear. `space` is what the record takes on flash.
        """
        raise NotImplementedError

    def _living(self, block: int) -> "list[int]":
        """Locations of the records in a block that are needed."""
        raise NotImplementedError

    def _renew(self, kind: int, content: bytearray) -> None:
        """Put what later records said of a record into its copy."""
        raise NotImplementedError

    def _moved(self, location: int, copy: int) -> None:
        """A record that is needed stands somewhere else now."""
        raise NotImplementedError

    def _recycled(self, block: int) -> None:
        """A block was erased."""
        raise NotImplementedError

    def _load_state(self, payload: memoryview) -> None:
        if len(payload) >= _STATE_HEAD:
            self.table_sequence = struct.unpack_from("<I", payload, 4)[0]
            self.batch.load(payload[_STATE_HEAD:])
        self._state_room -= space_of(len(payload))

    def _turn(self) -> None:
        """Open the next block, with all that it must begin with."""
        ring = self._ring
        self._recycled(ring.open(self._reserved, self._living))
        for location in self._living(ring.next_block):
            kind, payload = ring.read(location)
            # The nonce stays: what is hidden is the same.
            content = bytearray(payload)
            self._renew(kind & ~COPY, content)
            self._moved(location, self._put(kind | COPY, content))
        state = struct.pack("<II", 0, self.table_sequence) + self.batch.pack()
        self._put(STATE, state)
        self._state_room = space_of(_STATE_HEAD + PACKED_LIMIT) - space_of(len(state))

    def _put(self, kind: int, payload: "bytes | bytearray") -> int:
        while self._ring.room >= space_of(len(payload)):
            location = self._ring.append(kind, (payload,))
            if location >= 0:
                return location
        raise JournalFault("the flash does not take records")

    def _make_room(self, payload_bytes: int) -> None:
        space = space_of(payload_bytes)
        if space > self._area:
            raise JournalFault("a record is too long")
        turns = 0
        while self._ring.room < space + self._state_room:
            turns += 1
            if turns > 2 * self._ring.flash.block_count:
                raise JournalFull("journal is full")
            self._turn()

    def _write(self, kind: int, payload: bytes) -> None:
        """Add a record that hides nothing, and take it over."""
        for _ in range(_ATTEMPTS):
            self._make_room(len(payload))
            location = self._ring.append(kind, (payload,))
            if location >= 0:
                if kind != TRACE:
                    self._apply(kind, location, payload, space_of(len(payload)))
                return
        raise JournalFault("the flash does not take records")

    def _write_message(self, kind: int, stan: int, clear: bytes, message: "bytes | memoryview") -> None:
        """Add a record with a message behind what it says in clear, and take it over.

        Raises:
            JournalFault: the key was erased, or the flash fails.
        """
        size = HEAD_BYTES + len(clear) + len(message) + _CHECK_BYTES
        check = struct.pack("<I", crc32(message))
        for _ in range(_ATTEMPTS):
            self._make_room(size)
            self._nonce = struct.pack("<II", *self._ring.place()) if self._cipher else bytes(NONCE_BYTES)
            head = struct.pack("<I", stan) + self._nonce + clear
            cover = self._cover if self._cipher else None
            location = self._ring.append(kind, (head, message, check), cover, len(head))
            if location >= 0:
                self._apply(kind, location, head, space_of(size))
                return
        raise JournalFault("the flash does not take records")

    def _cover(self, data: memoryview) -> None:
        assert self._cipher is not None  # noqa: S101  (asked for only where there is one)
        try:
            self._cipher.apply(self._nonce, data)
        except OSError:
            raise JournalFault("the flash key was erased") from None

    def _message(self, content: bytes, clear_bytes: int) -> bytes:
        """The message of a record, behind its head and what else it says in clear.

        Raises:
            RecordUnreadable: it is covered, and the key isn't there or is another.
        """
        hidden = bytearray(content[HEAD_BYTES + clear_bytes :])
        nonce = content[_NONCE:HEAD_BYTES]
        if any(nonce):
            if self._cipher is None:
                raise RecordUnreadable("no flash key")
            try:
                self._cipher.apply(nonce, memoryview(hidden))
            except OSError:
                raise RecordUnreadable("the flash key was erased") from None
        end = len(hidden) - _CHECK_BYTES
        if end < 0 or struct.unpack_from("<I", hidden, end)[0] != crc32(memoryview(hidden)[:end]):
            raise RecordUnreadable("another flash key")
        return bytes(memoryview(hidden)[:end])
