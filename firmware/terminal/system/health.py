"""The terminal's health as it tells it in an echo: tag DF5C, at most 64 bytes.

A row of elements: kind (1 byte), length (1 byte), number, big-endian without leading zeros.
"""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.system.memory import HeapGauge
    from terminal.transactions.journal import Journal

HEALTH_TAG = 0xDF5C
PAPER_OK = const(0)
PAPER_LOW = const(1)
PAPER_OUT = const(2)
_BYTES_LIMIT = const(64)
_NUMBER_LIMIT = 0xFFFFFFFF
_RESETS = const(2)
_FIRMWARE = const(10)


class Health:
    """What is known of the terminal; what is None is not told. Set the attributes, count by adding.

    `resets` by cause as in `boot_log.CAUSES`; `firmware` is major, minor, patch; `signal_dbm` is negative.
    `look` is called before a record is made, for what nobody tells by itself.
    """

    look: "Callable[[], None] | None" = None

    def __init__(self) -> None:
        self.boots: "int | None" = None
        self.resets: "list[int] | None" = None
        self.heap_free_least_bytes: "int | None" = None
        self.flash_erases: "int | None" = None
        self.link_failures = 0
        self.card_read_failures = 0
        self.paper: "int | None" = None
        self.battery_percent: "int | None" = None
        self.signal_dbm: "int | None" = None
        self.firmware: "tuple[int, int, int] | None" = None
        self.rule_table_version = 0
        self.parameter_sequence = 0
        self.journal_fill_percent: "int | None" = None

    def learn_rules(self, version: int) -> None:
        """Note the rule table that an answer of the switch names (tag DF07); the menu shows it."""
        if version:
            self.rule_table_version = version

    def note_heap(self, free_bytes: int) -> None:
        """Note how much heap is free now; the least is told."""
        least = self.heap_free_least_bytes
        if least is None or free_bytes < least:
            self.heap_free_least_bytes = free_bytes

    def pack(self) -> bytes:
        """The record."""
        if self.look:
            self.look()
        record = bytearray()
        _put(record, 1, self.boots)
        if self.resets is not None:
            _put_bytes(record, _RESETS, bytes(min(count, 0xFF) for count in self.resets))
        _put(record, 3, self.heap_free_least_bytes)
        _put(record, 4, self.flash_erases)
        _put(record, 5, self.link_failures)
        _put(record, 6, self.card_read_failures)
        _put(record, 7, self.paper)
        _put(record, 8, self.battery_percent)
        _put(record, 9, None if self.signal_dbm is None else max(-self.signal_dbm, 0))
        if self.firmware is not None:
            _put_bytes(record, _FIRMWARE, b"".join([part.to_bytes(2, "big") for part in self.firmware]))
        _put(record, 11, self.rule_table_version)
        _put(record, 12, self.parameter_sequence)
        _put(record, 13, self.journal_fill_percent)
        return bytes(record)


def health_of(version: str, heap: "HeapGauge", journal: "Journal") -> Health:
    """That of a terminal with this firmware, whose name ends in its version; looks at heap and journal."""
    health = Health()
    major, minor, patch = version.rpartition(" ")[2].split(".")
    health.firmware = (int(major), int(minor), int(patch))

    def look() -> None:
        health.note_heap(heap.limit_bytes() - heap.peak_bytes)
        health.journal_fill_percent = journal.fill_percent

    health.look = look
    return health


def _put(record: bytearray, kind: int, value: "int | None") -> None:
    if value is None:
        return
    content = min(max(value, 0), _NUMBER_LIMIT).to_bytes(4, "big")
    while content and not content[0]:
        content = content[1:]
    _put_bytes(record, kind, content)


def _put_bytes(record: bytearray, kind: int, content: bytes) -> None:
    if len(record) + 2 + len(content) <= _BYTES_LIMIT:
        record.append(kind)
        record.append(len(content))
        record.extend(content)
