"""Group commit: while one batch is being made durable in a thread, the next ones gather.

Replies keep their order and leave only when everything journaled before them is durable, those of inquiries
too: what a member reads must survive whatever happens next.
"""

import asyncio
import math
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from switch.journal.disk import DiskThread
from switch.journal.writer import Journal, PreparedBatch
from switch.metrics.store import Metrics


class ReplySink(Protocol):
    """Where a link's replies go."""

    def deliver(self, replies: list[bytes]) -> None:
        """Write framed replies, all of one commit at once."""


class _Group(NamedTuple):
    entries: list[bytes]
    replies: dict[ReplySink, list[bytes]]


class GroupCommit:
    """Owns the journal's thread. All methods belong to the event loop's thread.

    A batch that only needs writing goes to `disk`, where there is one; all others are the journal's own work.

    `on_durable` gets the last durable position after each commit; `on_failure` the error, once, after which
    nothing is committed and no reply leaves any more. `waiting_bytes` are those of entries that no commit has
    taken yet; `busy_since_s` is the loop's time when the commit in flight began, infinite where none is.
    """

    def __init__(
        self,
        journal: Journal,
        loop: asyncio.AbstractEventLoop,
        counters: Metrics,
        on_durable: Callable[[int], None],
        on_failure: Callable[[Exception], None],
        *,
        disk: DiskThread | None = None,
    ) -> None:
        self._journal = journal
        self._loop = loop
        self._counters = counters
        self._on_durable = on_durable
        self._on_failure = on_failure
        self._entries: list[bytes] = []
        self._replies: dict[ReplySink, list[bytes]] = {}
        self._in_flight: _Group | None = None
        self._failed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._run, name="journal", daemon=True)]
        self._disk = disk
        self._on_disk: PreparedBatch | None = None
        if disk is not None:
            self._threads.append(threading.Thread(target=disk.run, name="disk", daemon=True))
            loop.add_reader(disk.done_descriptor, self._written)
        for thread in self._threads:
            thread.start()
        self.waiting_bytes = 0
        self.busy_since_s = math.inf

    def submit(self, entries: list[bytes], replies: dict[ReplySink, list[bytes]]) -> None:
        """Take a batch's entries and the replies that wait for them."""
        if self._failed:
            return
        self._entries += entries
        self.waiting_bytes += sum(map(len, entries))
        for sink, frames in replies.items():
            self._replies.setdefault(sink, []).extend(frames)
        if self._in_flight is None:
            self._start()

    async def drained(self) -> None:
        """Return when everything submitted is durable and answered, or nothing ever will be."""
        await self._idle.wait()

    def stop(self) -> None:
        """End the thread. What isn't in flight is dropped."""
        self._tasks.put(None)
        if self._disk is not None:
            self._loop.remove_reader(self._disk.done_descriptor)
            self._disk.stop()
        for thread in self._threads:
            thread.join()

    def _start(self) -> None:
        group = _Group(self._entries, self._replies)
        self._entries, self._replies, self.waiting_bytes = [], {}, 0
        if group.entries:
            self._in_flight = group
            self.busy_since_s = self._loop.time()
            self._idle.clear()
            batch = None if self._disk is None else self._journal.prepared(group.entries)
            if batch is None or self._disk is None:
                self._tasks.put(group.entries)
            else:
                self._on_disk = batch
                self._disk.start(batch.descriptor, batch.data, batch.offset)
        else:
            self.busy_since_s = math.inf
            _release(group)
            self._idle.set()

    def _run(self) -> None:
        while (entries := self._tasks.get()) is not None:
            started_ns = time.monotonic_ns()
            error: Exception | None = None
            try:
                self._journal.commit(entries, time.time_ns() // 1_000_000)
            except Exception as caught:  # whatever it is, nobody may be answered any more
                error = caught
            duration_ns = time.monotonic_ns() - started_ns
            self._loop.call_soon_threadsafe(self._finish, duration_ns, error)
            if error is not None:
                return

    def _written(self) -> None:
        disk, batch = self._disk, self._on_disk
        if disk is None or batch is None:
            return
        self._on_disk = None
        error_number, duration_ns, sync_ns = disk.result()
        if error_number == 0:
            self._journal.committed(batch, sync_ns)
            self._finish(duration_ns, None)
        else:
            self._journal.failed()
            self._finish(duration_ns, OSError(error_number, os.strerror(error_number)))

    def _finish(self, duration_ns: int, error: Exception | None) -> None:
        group, self._in_flight = self._in_flight, None
        if error is not None or group is None:
            self._failed = True
            self._entries, self._replies = [], {}
            self._idle.set()
            self._on_failure(error or RuntimeError("a commit finished that never started"))
            return
        self._counters.committed(duration_ns, self._journal.last_sync_ns, len(group.entries))
        _release(group)
        self._on_durable(self._journal.last_position)
        if self._in_flight is None:
            self._start()


def _release(group: _Group) -> None:
    for sink, frames in group.replies.items():
        sink.deliver(frames)
