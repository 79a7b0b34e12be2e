"""The queue file: one SQLite database, owned by one process, every commit durable before it returns.

SQLite's write-ahead log makes each batch of changes whole or absent, whatever instant the process or the
power ends at, and leaves the file as it was when the disk is full. Messages hold card numbers: they are
enciphered (AES-256-GCM, NIST SP 800-38D) under a key of the switch's master key.
"""

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.spec import SpecDocument
from switch.journal.entries import ENTRY_VERSION, EntryFault, EntryKind, ForwardedEntry, pack, unpack
from switch.upstream.saf_types import (
    Attempted,
    Bury,
    Change,
    Enqueue,
    Forget,
    Forwarded,
    Item,
    Journaled,
    Loaded,
    Pending,
    Remember,
    Remove,
    Revive,
    Undo,
    Undone,
)

FORMAT_VERSION: Final = 2
_APPLICATION_ID: Final = 0x56535550  # "VSUP"
_NONCE_BYTES: Final = 12
_SCHEMA: Final = (
    "CREATE TABLE forwarded (number INTEGER PRIMARY KEY, local_terminal TEXT NOT NULL, local_key INTEGER"
    " NOT NULL, digest BLOB NOT NULL, mti TEXT NOT NULL, terminal TEXT NOT NULL, sent_s INTEGER NOT NULL,"
    " stan INTEGER NOT NULL, undone INTEGER NOT NULL, UNIQUE (local_terminal, local_key)) STRICT",
    "CREATE TABLE floors (local_terminal TEXT PRIMARY KEY, floor INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE items (number INTEGER PRIMARY KEY, lane TEXT NOT NULL, message BLOB NOT NULL, queued_ms"
    " INTEGER NOT NULL, entry BLOB NOT NULL, attempts INTEGER NOT NULL, dead_reason TEXT NOT NULL) STRICT",
    "CREATE TABLE pending (number INTEGER PRIMARY KEY, position INTEGER NOT NULL, entry BLOB NOT NULL,"
    " reversal BLOB) STRICT",
)


class StoreFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The queue file can't be trusted or used; one line for the operator, without content."""


def store_key(master_key: bytes) -> bytes:
    """Key of the messages in the queue file."""
    return hmac.new(master_key, b"vafa switch upstream queue", hashlib.sha256).digest()


class Store:
    """An open queue file. Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, spec: SpecDocument, key: bytes) -> None:
        self._connection = connection
        self._spec = spec
        self._cipher = AESGCM(key)

    @classmethod
    def open(cls, path: Path, spec: SpecDocument, key: bytes) -> "Store":
        """Open or make the file, mode 0600. Raises StoreFault; a second process is one."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            is_new = not path.exists()
            path.touch(mode=0o600)
            if is_new:
                _sync_directory(path.parent)
            # The thread that commits isn't the one that opens; never two at once.
            connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise StoreFault(f"queue file {path}: {error}") from None
        try:
            _prepare(connection)
        except sqlite3.OperationalError as error:
            connection.close()
            told = "another process has it open" if "locked" in str(error) else str(error)
            raise StoreFault(f"queue file {path}: {told}") from None
        except (sqlite3.Error, ValueError) as error:
            connection.close()
            raise StoreFault(f"queue file {path}: {error}") from None
        return cls(connection, spec, key)

    def load(self) -> Loaded:
        """Everything in it. Raises StoreFault where something can't be read, or was written under another
        master key."""
        try:
            rows = self._connection.execute("SELECT * FROM forwarded ORDER BY number").fetchall()
            items = self._connection.execute("SELECT * FROM items ORDER BY number").fetchall()
            unjournaled = self._connection.execute("SELECT * FROM pending ORDER BY number").fetchall()
            floors = self._connection.execute("SELECT * FROM floors").fetchall()
            forwarded = tuple(Forwarded(*row)._replace(undone=Undone(row[-1])) for row in rows)
            queued = tuple(
                Item(number, order, self._unseal(number, sealed), queued_ms, _entry(told), attempts, reason)
                for number, order, sealed, queued_ms, told, attempts, reason in items
            )
            pending = tuple(
                Pending(
                    number, position, _entry(told), None if sealed is None else self._unseal(number, sealed)
                )
                for number, position, told, sealed in unjournaled
            )
        except (sqlite3.Error, ValueError, EntryFault) as error:
            raise StoreFault(f"queue file: {error}") from None
        numbers = [row.number for row in forwarded[-1:]] + [item.number for item in queued[-1:]]
        numbers += [each.number for each in pending[-1:]]
        return Loaded(forwarded, queued, pending, dict(floors), max(numbers, default=0) + 1)

    def commit(self, changes: Sequence[Change]) -> None:
        """Make changes durable, all of them or none. To write the same ones again changes nothing.

        Raises sqlite3.Error: full or failing disk.
        """
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for change in changes:
                self._write(change)
            connection.execute("COMMIT")
        except BaseException:
            # Where the commit itself failed SQLite may have rolled back already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Give the file up."""
        self._connection.close()

    def _write(self, change: Change) -> None:
        run = self._connection.execute
        match change:
            case Remember(row):
                run("INSERT OR IGNORE INTO forwarded VALUES (?,?,?,?,?,?,?,?,?)", row)
            case Undo(terminal_id, key, undone):
                run(
                    "UPDATE forwarded SET undone=? WHERE local_terminal=? AND local_key=?",
                    (undone, terminal_id, key),
                )
            case Forget(row, floor):
                run("DELETE FROM forwarded WHERE number=?", (row.number,))
                run("INSERT OR REPLACE INTO floors VALUES (?,?)", (row.local_terminal_id, floor))
            case Pending(number, position, entry, reversal):
                sealed = None if reversal is None else self._seal(number, reversal)
                values = (number, position, _entry_bytes(entry), sealed)
                run("INSERT OR REPLACE INTO pending VALUES (?,?,?,?)", values)
            case Journaled(number):
                run("DELETE FROM pending WHERE number=?", (number,))
            case Enqueue(item):
                run(
                    "INSERT OR IGNORE INTO items VALUES (?,?,?,?,?,?,?)",
                    (
                        item.number,
                        item.order,
                        self._seal(item.number, item.message),
                        item.queued_ms,
                        _entry_bytes(item.entry),
                        item.attempts,
                        item.dead_reason,
                    ),
                )
            case Attempted(number, attempts):
                run("UPDATE items SET attempts=? WHERE number=?", (attempts, number))
            case Remove(number):
                run("DELETE FROM items WHERE number=?", (number,))
            case Bury(number, attempts, reason):
                run("UPDATE items SET attempts=?, dead_reason=? WHERE number=?", (attempts, reason, number))
            case Revive(number):
                run("UPDATE items SET attempts=0, dead_reason='' WHERE number=?", (number,))

    def _seal(self, number: int, message: Message) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, encode(self._spec, message), b"%d" % number)

    def _unseal(self, number: int, sealed: bytes) -> Message:
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return decode(self._spec, self._cipher.decrypt(nonce, content, b"%d" % number))
        except InvalidTag:
            raise ValueError(f"message {number} is damaged, or of another master key") from None
        except ProtocolFault as fault:
            raise ValueError(f"message {number}: {fault}") from None


def _entry_bytes(entry: ForwardedEntry) -> bytes:
    """As in the journal, with the version in front."""
    return bytes((ENTRY_VERSION,)) + pack(entry)[1]


def _entry(raw: bytes) -> ForwardedEntry:
    """Raises EntryFault, and ValueError for nothing at all."""
    if not raw:
        raise ValueError("an entry is missing")
    entry = unpack(EntryKind.FORWARDED, raw[0], raw[1:])
    assert isinstance(entry, ForwardedEntry)  # noqa: S101  (its kind says so)
    return entry


def _sync_directory(directory: Path) -> None:
    """Make a new file's name durable; SQLite does so for its log only."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection) -> None:
    """Lock, durability and tables. Raises sqlite3.Error, and ValueError where the file is another kind."""
    run = connection.execute
    # Without shared memory the log needs no third file, and the lock holds until the process ends.
    run("PRAGMA locking_mode=EXCLUSIVE")
    run("PRAGMA journal_mode=WAL")
    run("PRAGMA synchronous=FULL")
    run("PRAGMA journal_size_limit=4194304")
    run("BEGIN IMMEDIATE")
    (application_id,) = run("PRAGMA application_id").fetchone()
    (version,) = run("PRAGMA user_version").fetchone()
    if (application_id, version) == (0, 0):
        for statement in _SCHEMA:
            run(statement)
        run(f"PRAGMA application_id={_APPLICATION_ID}")
        run(f"PRAGMA user_version={FORMAT_VERSION}")
    elif (application_id, version) != (_APPLICATION_ID, FORMAT_VERSION):
        raise ValueError(f"not a queue file of format {FORMAT_VERSION}")
    run("COMMIT")
