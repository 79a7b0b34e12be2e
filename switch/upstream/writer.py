"""The queue file's own thread: commits take as long as the disk does, and the loop must not."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable

from switch.upstream.saf_types import Change
from switch.upstream.store import Store


class StoreWriter:
    """Commits one group of changes at a time; `on_done` is called in the loop, with the error if there was
    one. All methods belong to the loop's thread."""

    def __init__(
        self,
        store: Store,
        loop: asyncio.AbstractEventLoop,
        on_done: Callable[[sqlite3.Error | None], None],
    ) -> None:
        self._store = store
        self._loop = loop
        self._on_done = on_done
        self._is_stopped = False
        self._tasks: queue.SimpleQueue[tuple[Change, ...] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="upstream-queue", daemon=True)
        self._thread.start()

    def submit(self, changes: tuple[Change, ...]) -> None:
        """Make changes durable. Not before the last ones are done."""
        self._tasks.put(changes)

    def stop(self) -> None:
        """Finish what is under way, end the thread and close the file; `on_done` isn't called any more."""
        self._is_stopped = True
        self._tasks.put(None)
        self._thread.join()
        self._store.close()

    def _run(self) -> None:
        while (changes := self._tasks.get()) is not None:
            error: sqlite3.Error | None = None
            try:
                self._store.commit(changes)
            except sqlite3.Error as caught:
                error = caught
            self._loop.call_soon_threadsafe(self._finish, error)

    def _finish(self, error: sqlite3.Error | None) -> None:
        if not self._is_stopped:
            self._on_done(error)
