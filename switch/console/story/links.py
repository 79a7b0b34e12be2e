"""What entries have to do with each other: reversals, returns, holds, uploads, and a request told twice.

An entry names the earlier ones that it is about. Which later ones name it is found by reading on behind it,
as far as one answer reads; where nothing was found yet, the state knows at least what came of it.
"""

import asyncio
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from protocol.dialect import TransactionType
from switch.console.story.criteria import Needles
from switch.console.story.segments import Segments
from switch.journal.entries import (
    Entry,
    ForwardedEntry,
    MaintenanceEntry,
    ReconciliationEntry,
    TransactionEntry,
    Transfer,
    transfer_position,
    unpack,
)
from switch.journal.format import RawEntry

LATER_MAX: Final = 100
READ_MAX: Final = 50_000
_SLICE: Final = 2000
_TAKEN_APART: Final = 64
_REVERSAL = "0400"


class Way(StrEnum):
    """What an entry does to an earlier one, or what was done by a later one."""

    REVERSES = "reverses"
    RETURNS = "returns"
    COMPLETES = "completes"
    CONCERNS = "concerns"
    SETTLES_HOLD = "settles_hold"
    RELEASES_HOLD = "releases_hold"
    GIVES_BACK = "gives_back"
    NAMES = "names"
    SAME_REQUEST = "same_request"


class Link(NamedTuple):
    """`position` is that of the other entry."""

    way: Way
    position: int


class Later(NamedTuple):
    """Later entries that name one, oldest first; they were looked for up to and with `read_to`.

    `next_after` is where to go on, None where the journal ends.
    """

    links: list[Link]
    read_to: int
    next_after: int | None


class Subject(NamedTuple):
    """An entry that later ones may name."""

    position: int
    entry: Entry


def earlier_links(entry: Entry) -> list[Link]:
    """The earlier entries that an entry is about."""
    if isinstance(entry, MaintenanceEntry):
        released = [Link(Way.RELEASES_HOLD, position) for position in entry.released_holds]
        return _once([*released, *_of_transfers(entry.transfers)])
    if isinstance(entry, ReconciliationEntry):
        return _once([Link(Way.NAMES, item.position) for item in entry.items if item.position])
    if not isinstance(entry, TransactionEntry):
        return []
    found = []
    if entry.reverses:
        found.append(Link(Way.REVERSES, entry.reverses))
    if entry.concerns:
        found.append(Link(_way_of_concern(entry), entry.concerns))
    return _once([*found, *_of_transfers(entry.transfers)])


async def later_links(segments: Segments, subject: Subject, after: int) -> Later:
    """Later entries that name one, looked for behind the position `after`, in slices off the event loop.

    Raises JournalFault, EntryFault and OSError where the journal can't be read.
    """
    found: list[Link] = []
    position, read = max(after, subject.position), 0
    needles = _needles(subject)
    while read < READ_MAX and len(found) < LATER_MAX:
        count, candidates = await asyncio.to_thread(_slice, segments, needles, position)
        if not count:
            return Later(found, position, None)
        while candidates and len(found) < LATER_MAX:
            part, candidates = candidates[:_TAKEN_APART], candidates[_TAKEN_APART:]
            found += await asyncio.to_thread(_naming, subject, part)
        read += count
        position = candidates[0].position - 1 if candidates else position + count
    return Later(found, position, position if position < segments.durable_position else None)


def names(entry: Entry, subject: Subject) -> Way | None:
    """How an entry names an earlier one, None where it doesn't."""
    position = subject.position
    own = next((link.way for link in earlier_links(entry) if link.position == position), None)
    if own is not None:
        return own
    original = subject.entry
    if not isinstance(original, TransactionEntry | ForwardedEntry):
        return None
    if isinstance(entry, TransactionEntry | ForwardedEntry) and entry.terminal_id == original.terminal_id:
        identity = (original.transmitted_s, original.stan)
        if (entry.original_s, entry.original_stan) == identity:
            return Way.REVERSES
        if (entry.transmitted_s, entry.stan) == identity:
            return Way.SAME_REQUEST
    return None


def _slice(segments: Segments, needles: Needles, position: int) -> tuple[int, list[RawEntry]]:
    entries = segments.after(position, _SLICE)
    return len(entries), [raw for raw in entries if any(needle in raw.body for needle in needles)]


def _naming(subject: Subject, candidates: Iterable[RawEntry]) -> list[Link]:
    found = []
    for raw in candidates:
        way = names(unpack(raw.kind, raw.version, raw.body, for_replay=True), subject)
        if way is not None:
            found.append(Link(way, raw.position))
    return found


def _needles(subject: Subject) -> Needles:
    """What a body that names it holds: its position, alone or in a transfer's number, or its identity."""
    position, entry = subject.position.to_bytes(7, "big"), subject.entry
    if not isinstance(entry, TransactionEntry | ForwardedEntry):
        return (position,)
    sent, stan = entry.transmitted_s.to_bytes(8, "big"), entry.stan.to_bytes(4, "big")
    return position, sent + stan, stan + sent


def _way_of_concern(entry: TransactionEntry) -> Way:
    if entry.reverses:
        return Way.CONCERNS
    if entry.processing_code.startswith(TransactionType.RETURN):
        return Way.RETURNS
    if any(transfer.origin for transfer in entry.transfers):
        return Way.COMPLETES
    return Way.CONCERNS


def _of_transfers(transfers: Iterable[Transfer]) -> list[Link]:
    found = []
    for transfer in transfers:
        if transfer.origin:
            found.append(Link(Way.SETTLES_HOLD, transfer_position(transfer.origin)))
        if transfer.undoes:
            found.append(Link(Way.GIVES_BACK, transfer_position(transfer.undoes)))
    return found


def _once(links: Iterable[Link]) -> list[Link]:
    """The first link to each entry."""
    found: dict[int, Link] = {}
    for link in links:
        found.setdefault(link.position, link)
    return list(found.values())
