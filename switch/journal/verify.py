"""Verification of a journal without opening it for writing."""

from dataclasses import dataclass
from pathlib import Path

from switch.journal.faults import JournalFault
from switch.journal.reader import JournalScan


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a walk over a journal found.

    `ok` is whether a switch would start from it; `torn_bytes` counts an unfinished last batch, which is no
    fault: nobody was answered from it. `fault` says file and offset of the first damage.
    """

    ok: bool
    segments: int
    batches: int
    entries: int
    last_position: int
    last_hash: str
    torn_bytes: int
    fault: str | None


def verify(directory: Path) -> VerifyReport:
    """Check every CRC and the whole hash chain. Reads only, so it may run beside a switch.

    A batch that a running switch is just writing counts as torn. Raises OSError where files can't be read.
    """
    if not directory.is_dir():
        raise NotADirectoryError(f"no journal directory: {directory}")
    scan = JournalScan(directory)
    fault: str | None = None
    try:
        for _ in scan.run():
            pass
    except JournalFault as error:
        fault = str(error)
    return VerifyReport(
        ok=fault is None,
        segments=scan.segments,
        batches=scan.batches,
        entries=scan.entries,
        last_position=scan.last_position,
        last_hash=scan.last_hash.hex(),
        torn_bytes=len(scan.torn.content) if scan.torn else 0,
        fault=fault,
    )
