"""Verification of a journal without opening it for writing."""

from dataclasses import dataclass
from pathlib import Path

from switch.journal.faults import JournalFault
from switch.journal.format import FIRST_POSITION
from switch.journal.reader import Beginning, JournalScan
from switch.journal.system import OPERATING_SYSTEM, System


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
    first_position: int = FIRST_POSITION


def verify(
    directory: Path,
    system: System = OPERATING_SYSTEM,
    beginning: Beginning = Beginning(),  # noqa: B008  (immutable)
) -> VerifyReport:
    """Check every CRC and the whole hash chain, from `beginning` on. Reads only, so it may run beside a
    switch.

    A batch that a running switch is just writing counts as torn. Raises OSError where files can't be read.
    """
    scan = JournalScan(directory, beginning=beginning, system=system)
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
        first_position=beginning.position,
    )
