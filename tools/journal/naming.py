"""Names of what journal entries tell by number, from the few entries that give them."""

from collections.abc import Mapping
from pathlib import Path

from protocol.dialect import FileName, FileUpdateCode
from switch.journal.entries import EntryKind, FileActionEntry, RuleTableEntry, TransactionEntry, unpack
from switch.journal.format import FIRST_POSITION, RawEntry, segment_paths
from switch.ledger.directory import Directory
from switch.ledger.state import FILE_CHANGED, State
from switch.operations.feed import Naming
from switch.rules.packing import unpack as unpack_table
from switch.rules.purses import Purse
from switch.snapshot.files import newest_image
from switch.snapshot.making import NO_HOST

_TERMINAL = FileName.TERMINAL.value.encode("ascii")
_APPROVED = "00"


def names_before(directory: Path) -> "JournalNames":
    """Names for whoever reads the segments of a journal that are there: where some are gone, those of a
    snapshot, as merchants keep their ordinals and purses their codes. Raises OSError."""
    names = JournalNames()
    paths = segment_paths(directory)
    if paths and int(paths[0].stem) > FIRST_POSITION:
        image = newest_image(directory, NO_HOST, sets_aside=False)
        if image is not None:
            names.begin(image.state)
    return names


class JournalNames:
    """Merchants by ordinal and purses by code, once all entries were noted in order; `naming` tells them.

    It costs a fraction of a fold: most entries need not be unpacked.
    """

    def __init__(self) -> None:
        self._directory = Directory()
        self._purses: Mapping[int, Purse] = {}
        self.naming = Naming(self._directory.merchants, self._purse_name)

    def begin(self, state: State) -> None:
        """Know what a state knows."""
        self._purses = state.rule_table.purses
        for name in state.merchants:
            self._directory.merchants.append(name)
            self._directory.merchant_ordinals[name] = len(self._directory.merchants)

    def note(self, raw: RawEntry) -> None:
        """Learn from an entry. Raises EntryFault."""
        if raw.kind != EntryKind.RULE_TABLE and _TERMINAL not in raw.body:
            return
        entry = unpack(raw.kind, raw.version, raw.body)
        if isinstance(entry, RuleTableEntry):
            self._purses = unpack_table(entry.table).purses
        elif isinstance(entry, FileActionEntry) and entry.response_code in FILE_CHANGED:
            if entry.file_name == FileName.TERMINAL:
                deletes = entry.action == FileUpdateCode.DELETE
                self._directory.apply(entry.file_name, deletes, entry.card_token, entry.record)
        elif isinstance(entry, TransactionEntry) and entry.response_code == _APPROVED:
            for change in entry.record_changes:
                if change.file_name == FileName.TERMINAL:
                    self._directory.apply(change.file_name, change.delete, change.card_token, change.record)

    def _purse_name(self, code: int) -> str | None:
        purse = self._purses.get(code)
        return None if purse is None else purse.name
