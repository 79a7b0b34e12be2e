"""The search itself: newest first, a bounded part of the journal at a time, in slices off the event loop."""

import asyncio
from typing import Final, NamedTuple

from switch.console.story.criteria import Criteria
from switch.console.story.segments import Segments
from switch.journal.entries import Entry, unpack
from switch.journal.format import RawEntry

LIMIT_MAX: Final = 200
# So many entries one search reads at most; whoever wants more goes on where it ended.
READ_MAX: Final = 100_000
# Entries of a slice: some milliseconds of a thread. Those that may be it are taken apart fewer at a time.
_SLICE: Final = 2000
_TAKEN_APART: Final = 64


class Match(NamedTuple):
    """An entry that is looked for."""

    position: int
    entry: Entry


class Found(NamedTuple):
    """What a search came to: matches, newest first, and how far back it has looked.

    `read` is how many entries it read, `back_to` the first position that it is through with. `next_before` is
    where to go on, None where all is looked through.
    """

    matches: list[Match]
    read: int
    back_to: int
    next_before: int | None


async def search(segments: Segments, criteria: Criteria, before: int | None, limit: int) -> Found:
    """Look through the journal backwards from a position (from its end where there is none).

    Raises JournalFault, EntryFault and OSError where the journal can't be read.
    """
    lowest, behind = segments.first_position, segments.durable_position + 1
    if criteria.has_span:
        lowest, behind = await asyncio.to_thread(segments.span, criteria.from_ms, criteria.until_ms)
    position = behind if before is None else min(before, behind)
    size = _SLICE if criteria.is_rare else min(_SLICE, max(limit, _TAKEN_APART))
    matches: list[Match] = []
    candidates: list[RawEntry] = []
    read = 0
    while position > lowest and read < READ_MAX and len(matches) < limit:
        count, candidates = await asyncio.to_thread(_slice, segments, criteria, position, lowest, size)
        if not count:
            lowest = position
            break
        read += count
        position -= count
        while candidates and len(matches) < limit:
            part, candidates = candidates[-_TAKEN_APART:], candidates[:-_TAKEN_APART]
            matches += await asyncio.to_thread(_matching, criteria, part)
    if len(matches) > limit or candidates:
        del matches[limit:]
        position = matches[-1].position
    return Found(matches, read, position, position if position > lowest else None)


def _slice(
    segments: Segments, criteria: Criteria, position: int, lowest: int, size: int
) -> tuple[int, list[RawEntry]]:
    """How many entries right before a position were read, and which of them may be it."""
    entries = segments.before(position, lowest, size)
    return len(entries), criteria.candidates(entries)


def _matching(criteria: Criteria, candidates: list[RawEntry]) -> list[Match]:
    found = []
    for raw in reversed(candidates):
        entry = unpack(raw.kind, raw.version, raw.body, for_replay=not criteria.partner_rrn)
        if criteria.holds_for(entry):
            found.append(Match(raw.position, entry))
    return found
