"""The history of alarms in a file, written by a thread of its own: a disk that hangs stops nobody else.

The file is bounded: when it has grown to twice the history, what is still wanted is written anew. What a
power cut has torn doesn't pass its checksum and is left out.
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from switch.console.alarms.desk import HISTORY_MAX
from switch.console.alarms.records import Record, line_of, record_of
from switch.logs import fields

_LOG = logging.getLogger("switch.console.alarms")

LINES_MAX: Final = 2 * HISTORY_MAX
_WAITING_MAX: Final = 1000
_FILE_BYTES_MAX: Final = 32 << 20
_MODE: Final = 0o600

Kept = Callable[[], Sequence[Record]]


def read_history(path: Path) -> list[Record]:
    """What the file holds, in order; nothing where there is none. Raises OSError."""
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MAX)
    except FileNotFoundError:
        return []
    records = [record_of(line) for line in content.split(b"\n")]
    return [record for record in records if record is not None]


class HistoryWriter:
    """Appends to the file in `path`.

    Parameters:
        kept: all records that the file is to have, asked in the caller's thread when it is written anew, as
            is done first of all.
    """

    def __init__(self, path: Path, kept: Kept) -> None:
        self._path = path
        self._kept = kept
        self._changed = threading.Condition()
        self._waiting: list[Record] = []
        self._lines = LINES_MAX
        self._is_anew = False
        self._is_writing = False
        self._is_closed = False
        threading.Thread(target=self._run, name="alarms history", daemon=True).start()

    def put(self, records: Sequence[Record]) -> None:
        """Have records written. Never waits."""
        if not records:
            return
        with self._changed:
            self._lines += len(records)
            if self._lines > LINES_MAX or len(self._waiting) + len(records) > _WAITING_MAX:
                self._waiting = list(self._kept())
                self._lines = len(self._waiting)
                self._is_anew = True
            else:
                self._waiting += records
            self._changed.notify_all()

    def is_written(self, timeout_s: float) -> bool:
        """Wait a little until all that was put was tried to be written; False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._is_writing), timeout_s)

    def close(self, timeout_s: float) -> None:
        """Wait a little until everything is written, and take no more."""
        self.is_written(timeout_s)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                records, self._waiting = self._waiting, []
                is_anew, self._is_anew = self._is_anew, False
                self._is_writing = True
            try:
                self._write(b"".join(map(line_of, records)), is_anew=is_anew)
            except OSError as error:
                _LOG.warning("history of alarms not written", extra=fields(fault=error.strerror))
                with self._changed:
                    # The next record has everything written anew.
                    self._lines = LINES_MAX

    def _write(self, content: bytes, *, is_anew: bool) -> None:
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        target = self._path.with_suffix(".new") if is_anew else self._path
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_anew else os.O_APPEND)
        descriptor = os.open(target, flags | os.O_CLOEXEC, _MODE)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if is_anew:
            target.replace(self._path)
