"""Offline sales of a terminal that was given a table: the book, and the table from flash or from a file."""

from terminal.transactions.offline_store import OfflineBook, TableFault
from terminal.transactions.offline_table import TABLE_KEY_INPUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Board
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.system.settings_store import SettingsStore
    from terminal.transactions.flow import Flow
    from terminal.transactions.journal import Journal


def open_book(board: "Board", journal: "Journal", config: "Config") -> OfflineBook:
    """The book over what is in the journal, with no table in force."""
    return OfflineBook(
        journal,
        board.secure.derive(TABLE_KEY_INPUT),
        mac=board.secure.mac,
        local_offset_minutes=config.local_offset_minutes,
        retry_ms=config.reversal_retry_ms,
    )


def adopt_tables(
    book: OfflineBook, board: "Board", config: "Config", clock: "Clock", tables: "tuple[bytes, ...]"
) -> None:
    """Put the newest of these tables in force; why one is refused is logged."""
    for data in tables:
        if not data:
            continue
        try:
            book.adopt(data, config.terminal_id, clock.seconds())
        except TableFault as fault:
            board.log("table_refused", reason=fault.reason)


def take_table(flow: "Flow", data: bytes, *, board: "Board", store: "SettingsStore") -> None:
    """Put a table that has just come in force, and keep it for the next start.

    Raises:
        TableFault: it is refused.
        OSError: it can't be kept; it is in force until the terminal is switched off.
        JournalFault: the flash failed.
    """
    book = open_book(board, flow._journal, flow.config)
    book.adopt(data, flow.config.terminal_id, flow.clock.seconds())
    if isinstance(flow.offline, OfflineBook):
        flow.offline.table = book.table
    else:
        flow.offline = book
    store.put_table(data)
