"""Has images made beside a running switch, one at a time, and lets go of segments that nobody needs."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from switch.journal.faults import JournalFault
from switch.journal.format import segment_name, segment_paths
from switch.journal.reader import SparseIndex
from switch.logs import LogFormat
from switch.snapshot.faults import SnapshotBusy
from switch.snapshot.files import making_alone, snapshot_paths
from switch.snapshot.retention import removable, remove_segments

_LOG = logging.getLogger("switch.snapshot")

CHECK_INTERVAL_S: Final = 1.0
# After every image that was made or not.
PAUSE_S: Final = 5.0
PAUSE_AFTER_FAILURE_S: Final = 60.0
_TOLD_BYTES_MAX = 4096
_END_TIMEOUT_S = 2.0
_DAY_MS = 86_400_000
_EXIT_BUSY = 3


class SnapshotKeeper:
    """Starts `python -m switch.snapshot` whenever so many sealed segments lie behind the newest image.

    `journal_days` is how long segments stay that images make needless, 0 for ever; `index` is that of the
    journal, which lets go of them.
    """

    def __init__(
        self,
        directory: Path,
        index: SparseIndex,
        *,
        segments: int,
        journal_days: int,
        log_level: str,
        log_format: LogFormat,
    ) -> None:
        self._directory = directory
        self._index = index
        self._segments = segments
        self._journal_days = journal_days
        self._command = [sys.executable, "-m", "switch.snapshot", str(directory)]
        self._command += ["--log-level", log_level, "--log-format", log_format]
        self._alone = asyncio.Lock()

    async def run(self) -> None:
        """Go on until cancelled; an image in the making is given up then."""
        while True:
            try:
                is_made = True
                if await asyncio.to_thread(self._is_due):
                    is_made = await self.make() is not None
                    await asyncio.sleep(PAUSE_S)
            except OSError as error:
                _LOG.warning("no snapshot was made: %s", error.strerror)
                is_made = False
            await asyncio.sleep(CHECK_INTERVAL_S if is_made else PAUSE_AFTER_FAILURE_S)

    def _is_due(self) -> bool:
        """Whether enough segments were sealed since the newest image. Raises OSError."""
        images = snapshot_paths(self._directory)
        behind = segment_name(int(images[-1].stem) + 1) if images else ""
        newer = sum(path.name >= behind for path in segment_paths(self._directory))
        return newer > self._segments

    async def make(self) -> int | None:
        """Have one made of all sealed segments; its position, None where it failed.

        0 where there was nothing to make, or another process is at it. Raises OSError where no process can be
        started.
        """
        async with self._alone:
            return await self._make()

    async def _make(self) -> int | None:
        # In a thread, and not by the loop: its fork of a large process would hold up everything.
        process, pipe = await asyncio.to_thread(self._start)
        try:
            await _is_readable(pipe)
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.to_thread(_end, process, pipe, self._directory))
            raise
        # It has told, or is gone without a word.
        told = await asyncio.to_thread(_read_to_end, process, pipe)
        if process.returncode not in (0, _EXIT_BUSY):
            _LOG.warning("no snapshot was made: exit code %d", process.returncode)
            return None
        made = json.loads(told) if told else {}
        covered_position = made.get("covered_position", 0)
        if self._journal_days and covered_position:
            await asyncio.to_thread(self._remove, covered_position)
        return int(made.get("position", 0))

    def _start(self) -> tuple["subprocess.Popen[bytes]", int]:
        """The process, and where its standard output can be read."""
        pipe, end = os.pipe()
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=end)  # noqa: S603
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(end)
        return process, pipe

    def _remove(self, covered_position: int) -> None:
        before_ms = time.time_ns() // 1_000_000 - self._journal_days * _DAY_MS
        try:
            remove_segments(removable(self._directory, covered_position, before_ms), self._index)
        except JournalFault as fault:
            _LOG.error("no segment was removed: %s", fault)
        except OSError as error:
            _LOG.error("segments could not be removed: %s", error.strerror)


async def _is_readable(pipe: int) -> None:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(pipe, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(pipe)


def _read_to_end(process: "subprocess.Popen[bytes]", pipe: int) -> bytes:
    with open(pipe, "rb") as output:
        told = output.read(_TOLD_BYTES_MAX)
    process.wait()
    return told


def _end(process: "subprocess.Popen[bytes]", pipe: int, directory: Path) -> None:
    """Have a process ended, if it has not, and cleared away what it has half made."""
    process.terminate()
    try:
        process.wait(_END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        # Of low priority, on a busy machine.
        process.kill()
        process.wait()
        with suppress(SnapshotBusy, OSError), making_alone(directory):
            pass
    os.close(pipe)
