"""What of a running switch the actions act on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from switch.gate.exchange import Exchange
from switch.gate.server import Gate
from switch.journal.writer import Journal
from switch.keyring import Keyring
from switch.ledger.state import State
from switch.snapshot.keeper import SnapshotKeeper


@dataclass(frozen=True, slots=True)
class Controls:
    """Parts of one switch; all belong to the event loop's thread.

    Attributes:
        rules_file: None for the bundled rules.
        drain: stops taking requests and returns when all that came in is answered; False where not all was
            taken in time.
        is_draining: whether that goes on or is over.
        now_ms: the time of day, since 1970.
    """

    state: State
    exchange: Exchange
    gate: Gate
    journal: Journal
    keyring: Keyring
    snapshots: SnapshotKeeper
    journal_directory: Path
    rules_file: Path | None
    drain: Callable[[], Awaitable[bool]]
    is_draining: Callable[[], bool]
    now_ms: Callable[[], int]
