"""Log lines written by a thread of their own.

Whoever takes them may stop reading; a full pipe then stops this thread, and nobody else. The queue is
bounded: what finds no room is dropped and counted, and a line in its place tells so once there is room again.
"""

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, TextIO

QUEUE_CHARACTERS_MAX: Final = 1 << 20


class LineWriter:
    """Takes lines from any thread and never waits for the stream. `dropped` are those that it never got.

    `told` makes the line that tells how many were dropped. What has a file descriptor is written past the
    stream's own buffer: at exit the interpreter wants its lock, which a stopped write would hold.
    """

    def __init__(
        self, stream: TextIO, told: Callable[[int], str], characters_max: int = QUEUE_CHARACTERS_MAX
    ) -> None:
        self._write = _write_to(stream)
        self._told = told
        self._characters_max = characters_max
        self._changed = threading.Condition()
        self._lines: deque[str] = deque()
        self._characters = 0
        self._untold = 0
        self._is_writing = False
        self._is_closed = False
        self.dropped = 0
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def put(self, line: str) -> bool:
        """Queue a line; False where it is dropped."""
        with self._changed:
            # Once lines were dropped half the queue must be free, lest each line that fits follow one that
            # tells of a dropped one.
            limit = self._characters_max // 2 if self._untold else self._characters_max
            if self._is_closed or self._characters + len(line) > limit:
                self._untold += 1
                self.dropped += 1
                return False
            self._tell()
            self._append(line)
            return True

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything is written; False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._lines or self._untold or self._is_writing), timeout_s
            )

    def close(self) -> None:
        """Take no more; the thread ends when it has written what is queued."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _append(self, line: str) -> None:
        self._lines.append(line)
        self._characters += len(line)
        self._changed.notify_all()

    def _tell(self) -> None:
        if self._untold:
            missed, self._untold = self._untold, 0
            self._append(self._told(missed))

    def _run(self) -> None:
        while (line := self._next()) is not None:
            try:
                self._write(line)
            except (OSError, ValueError):  # gone, full, or closed: there is nobody to tell
                self.dropped += 1

    def _next(self) -> str | None:
        with self._changed:
            self._is_writing = False
            if not self._lines:
                self._tell()
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._lines or self._is_closed)
            if not self._lines:
                return None
            line = self._lines.popleft()
            self._characters -= len(line)
            self._is_writing = True
            return line


def _write_to(stream: TextIO) -> Callable[[str], None]:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):

        def write_text(line: str) -> None:
            stream.write(line)
            stream.flush()

        return write_text
    return lambda line: _write_all(descriptor, line.encode("utf-8", "backslashreplace"))


def _write_all(descriptor: int, data: bytes) -> None:
    """Write everything, also where the descriptor was made non-blocking by whom it is shared with."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
