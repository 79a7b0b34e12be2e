"""Reading a journal whose first segments may be gone, beside a switch: nothing is renamed or written."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from switch.journal.faults import JournalFault
from switch.journal.format import FIRST_POSITION, segment_paths
from switch.journal.reader import Beginning, JournalScan
from switch.journal.system import OPERATING_SYSTEM, System
from switch.journal.verify import VerifyReport, verify
from switch.ledger.state import State
from switch.snapshot.faults import SnapshotFault
from switch.snapshot.files import good_header, good_image, newest_image, segment_header, snapshot_paths
from switch.snapshot.image import Image, ImageHeader
from switch.snapshot.making import NO_HOST, fold


def kept_beginning(directory: Path, system: System = OPERATING_SYSTEM) -> Beginning:
    """Where the first segment that is there begins, by its own word. Raises JournalFault, OSError."""
    paths = segment_paths(directory, system)
    if not paths or int(paths[0].stem) == FIRST_POSITION:
        return Beginning()
    header = segment_header(paths[0], system)
    return Beginning(header.first_position, header.previous_hash)


def image_before(directory: Path, system: System = OPERATING_SYSTEM) -> Image | None:
    """Where a walk through all that is kept begins: None with entry 1, else behind the oldest good image from
    which the segments go on.

    Raises JournalFault where the first segments are gone and no image has what was before, OSError.
    """
    first_position = kept_beginning(directory, system).position
    if first_position == FIRST_POSITION:
        return None
    for path in snapshot_paths(directory, system):
        if int(path.stem) < first_position - 1:
            continue
        with suppress(SnapshotFault):
            return good_image(path, NO_HOST, system=system)
    raise JournalFault(f"entries before {first_position} are gone, and no snapshot has them", directory)


def recovered_state(directory: Path, system: System = OPERATING_SYSTEM) -> State:
    """The state of a journal: the newest good image, and what is behind it. Raises JournalFault, OSError."""
    image = newest_image(directory, NO_HOST, sets_aside=False, system=system)
    state, beginning = State(NO_HOST), Beginning()
    if image is not None:
        state, beginning = image.state, Beginning(image.header.position + 1, image.header.chain_hash)
    for batch in JournalScan(directory, beginning=beginning, is_live=True, system=system).run():
        for raw in batch.entries:
            fold(state, raw, batch.path)
    return state


def verify_kept(directory: Path, system: System = OPERATING_SYSTEM) -> VerifyReport:
    """Check all segments that are there, and that the newest good image fits and has what came before.

    Raises JournalFault where no segment says where it begins, OSError where files can't be read.
    """
    beginning = kept_beginning(directory, system)
    report = verify(directory, system, beginning)
    if not report.ok:
        return report
    image = _newest_header(directory, system)
    if image is None:
        if beginning.position > FIRST_POSITION:
            fault = f"entries before {beginning.position} are gone, and no snapshot has them: {directory}"
            return replace(report, ok=False, fault=fault)
        return report
    behind = Beginning(image.position + 1, image.chain_hash)
    scan = JournalScan(directory, image.key_check, beginning=behind, is_live=True, system=system)
    try:
        for _ in scan.run():
            pass
    except JournalFault as fault:
        return replace(report, ok=False, fault=f"behind the snapshot at position {image.position}: {fault}")
    return report


def _newest_header(directory: Path, system: System) -> ImageHeader | None:
    for path in reversed(snapshot_paths(directory, system)):
        with suppress(SnapshotFault):
            return good_header(path, system)
    return None
