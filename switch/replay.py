"""Opening the journal: it becomes the state."""

import gc
import logging
import time

from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault, ReplayFault
from switch.journal.format import RawEntry
from switch.journal.reader import Beginning, SparseIndex
from switch.journal.system import OPERATING_SYSTEM, System
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.records import RecordFault, TerminalRecord
from switch.ledger.state import State
from switch.rules.packing import RuleTableFault
from switch.settings import SwitchSettings
from switch.snapshot.files import newest_image, snapshot_path

_LOG = logging.getLogger("switch")


def open_journal(
    settings: SwitchSettings, keyring: Keyring, host: TerminalRecord, system: System = OPERATING_SYSTEM
) -> tuple[State, Journal]:
    """Lock the journal and make the state of it: of the newest good snapshot and the segments behind it, or
    of all segments. `host` is that of `State`.

    Raises JournalFault where it can't be trusted or is open elsewhere, OSError where it can't be used.
    """
    directory = settings.journal_directory
    started = time.monotonic()
    state = State(host, settings.engine)

    def begin(index: SparseIndex) -> Beginning:
        nonlocal state, started
        image = newest_image(directory, host, engine=settings.engine, system=system)
        if image is None:
            return Beginning()
        if image.header.key_check != keyring.key_check:
            path = snapshot_path(directory, image.header.position)
            raise JournalFault("snapshot was written with another master key", path)
        state = image.state
        for point in image.points:
            index.note(*point)
        loaded = time.monotonic()
        _LOG.info(
            "recovered from the snapshot at position %d in %.2f s", image.header.position, loaded - started
        )
        started = loaded
        return Beginning(image.header.position + 1, image.header.chain_hash)

    def replay(raw: RawEntry) -> None:
        try:
            state.replay(raw)
        except (EntryFault, RecordFault, RuleTableFault, ValueError, KeyError) as fault:
            raise ReplayFault(str(fault)) from None

    # Replay makes objects that stay: the collector would look at all of them again and again.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        journal = Journal.open(
            directory,
            key_check=keyring.key_check,
            segment_bytes=settings.segment_bytes,
            now_ms=time.time_ns() // 1_000_000,
            on_entry=replay,
            on_lock=begin,
            system=system,
        )
    finally:
        if was_collecting:
            gc.enable()
    if journal.torn is not None:
        _LOG.warning(
            "set aside an unfinished batch, from which nobody was answered: %d bytes at %s byte %d",
            len(journal.torn.content),
            journal.torn.path,
            journal.torn.offset,
        )
    if journal.replayed_entries:
        _LOG.info("replayed %d entries in %.2f s", journal.replayed_entries, time.monotonic() - started)
    return state, journal
