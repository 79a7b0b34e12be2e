"""Proof that a load's answers are the truth: the journal on the disk says the same.

Nothing is asked of the switch but its counters; the entries are read from the files beside it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from protocol.dialect import PurseCode
from switch.journal.entries import FileActionEntry, Reason, TransactionEntry, unpack
from switch.journal.format import SEGMENT_HEADER_BYTES, RawEntry, segment_paths
from switch.journal.reader import SparseIndex, read_after
from tools.bench.load.plan import LoadResult
from tools.bench.switch_fault import BenchFault

# So many entries are compared one by one; of more, every so many-th.
COMPARED_MAX = 300_000
_READ_ENTRIES = 8192


class Proof(NamedTuple):
    """How many entries were compared, and how many times a rule gave points in them."""

    entries: int
    earnings: int


def prove(
    journal: Path, answers: dict[int, tuple[int, int]], result: LoadResult, before: int, after: int
) -> Proof:
    """Compare a load's answers with the entries of positions `before` + 1 to `after`, all durable.

    `answers` are STAN and points by position. Raises BenchFault where a reply was lost, an entry answered to
    nobody, or a reply says other points than were posted.
    """
    if result.lost or result.sent != result.answered:
        raise BenchFault(f"{result.lost} of {result.sent} requests were never answered")
    journaled = result.approved + result.declined
    if after - before != journaled or len(answers) != journaled:
        raise BenchFault(f"{after - before} entries, {len(answers)} positions, {journaled} answers")
    stride = max(1, -(-journaled // COMPARED_MAX))
    compared, earnings = 0, 0
    for raw in _entries(journal, before, after):
        if raw.position % stride == 0:
            earnings += _compared(raw, answers)
            compared += 1
    if sum(points for _, points in answers.values()) != result.points:
        raise BenchFault("the load can't add up")
    return Proof(compared, earnings)


def _compared(raw: RawEntry, answers: dict[int, tuple[int, int]]) -> int:
    """How many times points were earned in an entry that its reply told truly."""
    entry = unpack(raw.kind, raw.version, raw.body)
    answer = answers.get(raw.position)
    if answer is None or not isinstance(entry, TransactionEntry):
        what = "a file action" if isinstance(entry, FileActionEntry) else "an entry"
        raise BenchFault(f"{what} at {raw.position} that no reply told of")
    earned = [
        transfer.amount
        for transfer in entry.transfers
        if transfer.reason is Reason.EARN and transfer.purse == PurseCode.POINTS
    ]
    if (entry.stan, sum(earned)) != answer:
        raise BenchFault(f"entry {raw.position} says {(entry.stan, sum(earned))}, its reply {answer}")
    return len(earned)


def _entries(journal: Path, before: int, after: int) -> Iterator[RawEntry]:
    index = SparseIndex()
    for path in segment_paths(journal):
        index.note(int(path.stem), path, SEGMENT_HEADER_BYTES)
    while before < after:
        read = read_after(index, before, after, _READ_ENTRIES)
        yield from read
        before = read[-1].position
