"""An entry in a list, and its plain fields by name."""

from enum import Enum

from switch.console.story.titles import TITLES, words
from switch.journal.entries import (
    CutOverEntry,
    Entry,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    OrderEntry,
    ReconciliationEntry,
    RuleTableEntry,
    TransactionEntry,
)
from switch.metrics.labels import request_type

_KINDS: dict[type[Entry], str] = {
    TransactionEntry: "transaction",
    FileActionEntry: "file",
    RuleTableEntry: "rule_table",
    MaintenanceEntry: "maintenance",
    CutOverEntry: "cut_over",
    ReconciliationEntry: "reconciliation",
    ForwardedEntry: "forwarded",
    OrderEntry: "order",
}
_IN_LIST = (
    "mti",
    "processing_code",
    "terminal_id",
    "merchant_id",
    "branch_number",
    "stan",
    "transmitted_s",
    "amount",
    "currency",
    "response_code",
    "card_reference",
    "member_number",
    "file_name",
    "partner",
    "fate",
    "person",
    "order",
    "outcome",
)
_FILE_ACTION_TYPE = "0300"
# Never shown: a card's token serves for nothing but to find it, and may be what an order is about.
_HIDDEN = ("card_token", "subject", "table")


def kind_of(entry: Entry) -> str:
    """The kind of an entry, as the feed names it."""
    return _KINDS[type(entry)]


def mti_of(entry: Entry) -> str:
    """Message type of the request that an entry tells of, empty where no request did."""
    if isinstance(entry, FileActionEntry):
        return _FILE_ACTION_TYPE
    return entry.mti if isinstance(entry, TransactionEntry | ReconciliationEntry | ForwardedEntry) else ""


def row_of(position: int, entry: Entry) -> dict[str, object]:
    """An entry in a list: what people know a transaction by."""
    plain = {name: value for name, value in _plain(entry).items() if name in _IN_LIST}
    mti = mti_of(entry)
    return {
        "position": position,
        "rrn": f"{position:012d}",
        "kind": kind_of(entry),
        "type": request_type(mti, plain.get("processing_code")).name.lower() if mti else None,
        "at_ms": entry.at_ms,
        **plain,
    }


def fields_of(entry: Entry) -> list[dict[str, object]]:
    """Every plain field of an entry with its titles; what it has in lists is told elsewhere."""
    return [
        {"name": name, "title": words(TITLES[name]), "value": value} for name, value in _plain(entry).items()
    ]


def _plain(entry: Entry) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in entry._asdict().items():
        if name in _HIDDEN:
            continue
        if isinstance(value, Enum):
            found[name] = value.name.lower()
        elif isinstance(value, bytes):
            found[name] = value.hex()
        elif value is None or isinstance(value, int | str):
            found[name] = value
    return found
