"""Processor time: of one process, and of the whole machine, as Linux counts them."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class MachineTime(NamedTuple):
    """Processor seconds since the machine started, all processors together; see proc(5), /proc/stat."""

    busy_s: float
    idle_s: float
    stolen_s: float

    def since(self, before: "MachineTime") -> "MachineTime":
        """What has passed since."""
        return MachineTime(*[now - then for now, then in zip(self, before, strict=True)])


def process_s(process_id: int) -> float:
    """Processor seconds of a process, all its threads, in user and in system mode."""
    fields = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def resident_bytes(process_id: int) -> int:
    """Memory of a process that is in RAM."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine_time() -> MachineTime:
    """The machine's processor time up to now."""
    user, nice, system, idle, waiting, hard, soft, stolen = [
        int(ticks) / _TICKS_PER_S
        for ticks in Path("/proc/stat").read_text("ascii").split("\n", 1)[0].split()[1:9]
    ]
    return MachineTime(user + nice + system + hard + soft, idle + waiting, stolen)


def processors() -> tuple[int | None, int | None]:
    """A processor for what is measured and another one for its load; none where there aren't two."""
    found = sorted(os.sched_getaffinity(0))
    return (found[0], found[1]) if len(found) > 1 else (None, None)


def pin(process_id: int, processor: int | None) -> None:
    """Keep a process on one processor, where the machine lets us; 0 is this process."""
    if processor is not None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(process_id, {processor})
