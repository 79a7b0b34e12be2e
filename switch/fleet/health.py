"""Health records, tag DF5C of an echo: read, and the last one of each terminal kept in memory.

A record is a row of elements: kind (1 byte), length (1 byte), number, big-endian without leading zeros. Kinds
that are not known here are kept out; what is no such row is refused as a whole.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, NamedTuple

TERMINALS_MAX: Final = 20_000
_RECORD_BYTES_MAX = 64
_NUMBER_BYTES_MAX = 4
RESETS = ("power", "watchdog", "software", "other")
PAPER = ("ok", "low", "out", "unknown")
_VERSION_BYTES = 6
_RESETS_KIND = 2
_PAPER_KIND = 7
_SIGNAL_KIND = 9
_FIRMWARE_KIND = 10
_NUMBERS = {
    1: "boots",
    3: "heap_free_least_bytes",
    4: "flash_erases",
    5: "link_failures",
    6: "card_read_failures",
    8: "battery_percent",
    11: "rule_table_version",
    12: "parameter_sequence",
    13: "journal_fill_percent",
}

Told = int | str | dict[str, int]


class HealthFault(Exception):  # noqa: N818  (not an error of ours)
    """What a terminal sent is no health record."""


class Health(NamedTuple):
    """The last record of a terminal, and when it came, epoch milliseconds."""

    at_ms: int
    told: dict[str, Told]


class HealthBook:
    """The last record of each terminal; of very many, those that were heard last."""

    def __init__(self) -> None:
        self._by_terminal: OrderedDict[str, Health] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_terminal)

    def note(self, terminal_id: str, record: bytes, now_ms: int) -> None:
        """Keep a terminal's record. Raises HealthFault."""
        told = read_health(record)
        self._by_terminal[terminal_id] = Health(now_ms, told)
        self._by_terminal.move_to_end(terminal_id)
        if len(self._by_terminal) > TERMINALS_MAX:
            self._by_terminal.popitem(last=False)

    def of(self, terminal_id: str) -> Health | None:
        """What a terminal told last."""
        return self._by_terminal.get(terminal_id)

    def by_silence(self) -> Iterator[tuple[str, Health]]:
        """Those first that have been silent for the longest time."""
        return iter(self._by_terminal.items())

    def page(self, after: str, limit: int) -> list[tuple[str, Health]]:
        """By terminal id, those behind `after`, so many at most."""
        names = sorted(name for name in self._by_terminal if name > after)[:limit]
        return [(name, self._by_terminal[name]) for name in names]


def read_health(record: bytes) -> dict[str, Told]:
    """What a record tells, by name. Raises HealthFault."""
    if len(record) > _RECORD_BYTES_MAX:
        raise HealthFault
    found: dict[str, Told] = {}
    at = 0
    while at < len(record):
        if at + 2 > len(record) or at + 2 + record[at + 1] > len(record):
            raise HealthFault
        kind, content = record[at], record[at + 2 : at + 2 + record[at + 1]]
        at += 2 + len(content)
        if kind == _RESETS_KIND and len(content) == len(RESETS):
            found["resets"] = dict(zip(RESETS, content, strict=True))
        elif kind == _FIRMWARE_KIND and len(content) == _VERSION_BYTES:
            parts = (int.from_bytes(content[part : part + 2]) for part in (0, 2, 4))
            found["firmware"] = ".".join(map(str, parts))
        elif kind == _PAPER_KIND and content[1:] == b"":
            number = int.from_bytes(content)
            found["paper"] = PAPER[number] if number < len(PAPER) else "unknown"
        elif len(content) <= _NUMBER_BYTES_MAX:
            if kind == _SIGNAL_KIND:
                found["signal_dbm"] = -int.from_bytes(content)
            elif kind in _NUMBERS:
                found[_NUMBERS[kind]] = int.from_bytes(content)
    return found
