"""Which segments a journal can do without, and taking them away."""

import logging
from itertools import pairwise
from pathlib import Path

from switch.journal.format import segment_paths
from switch.journal.reader import SparseIndex
from switch.journal.system import OPERATING_SYSTEM, System
from switch.snapshot.files import segment_header

_LOG = logging.getLogger("switch.snapshot")


def removable(
    directory: Path, covered_position: int, before_ms: int, system: System = OPERATING_SYSTEM
) -> list[Path]:
    """Segments that end at or before a position, and before a time (UTC milliseconds), oldest first.

    A segment ends when the next one is made, so the newest is never among them. Raises JournalFault, OSError.
    """
    found: list[Path] = []
    for path, successor in pairwise(segment_paths(directory, system)):
        ended_ms = segment_header(successor, system).created_ms
        if int(successor.stem) - 1 > covered_position or ended_ms >= before_ms:
            break
        found.append(path)
    return found


def remove_segments(paths: list[Path], index: SparseIndex) -> None:
    """Take segments away, oldest first: whenever this is cut short, those that are left have no gap.

    `index` lets go of them before. Raises OSError.
    """
    if not paths:
        return
    directory = paths[-1].parent
    kept = next(path for path in segment_paths(directory, index.system) if path > paths[-1])
    index.forget_before(int(kept.stem))
    for path in paths:
        index.system.unlink(path)
    index.system.sync_directory(directory)
    _LOG.info("%d segments removed, the journal begins with entry %d", len(paths), int(kept.stem))
