"""The compiled thread that writes a prepared batch, where it was built."""

from collections.abc import Callable
from typing import Protocol

from switch.journal.system import OPERATING_SYSTEM, System


class DiskThread(Protocol):
    """One write at a time. `done_descriptor` can be read when one is done, until `result` is asked for."""

    @property
    def done_descriptor(self) -> int: ...

    def start(self, descriptor: int, data: bytes, offset: int) -> None:
        """Have bytes written and synced. The one before must be done."""

    def result(self) -> tuple[int, int, int]:
        """Of the write that is done: errno or 0, its duration and that of its sync in nanoseconds."""

    def stop(self) -> None:
        """Let `run` return, when what was started is done."""

    def run(self) -> None:
        """What the thread runs."""


def _made() -> Callable[[], DiskThread] | None:
    try:
        from switch.journal.flat.disk_thread import DiskThread as Compiled  # noqa: PLC0415
    except ImportError:
        return None
    return Compiled


def disk_thread(system: System) -> DiskThread | None:
    """One for this system; None where it isn't the machine's own, or nothing was compiled."""
    made = _made()
    return None if made is None or system is not OPERATING_SYSTEM else made()
