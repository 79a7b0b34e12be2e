"""A journal's snapshots as lines."""

from pathlib import Path
from typing import NamedTuple

from switch.snapshot.faults import SnapshotFault
from switch.snapshot.files import good_header

_S_PER_MINUTE, _S_PER_HOUR, _S_PER_DAY = 60, 3600, 86_400


class SnapshotRow(NamedTuple):
    """A snapshot; `age_s` is None and `fault` says why where it is not good."""

    position: int
    size_bytes: int
    age_s: int | None
    fault: str | None

    def line(self) -> str:
        """For people."""
        told = f"not usable: {self.fault}" if self.fault else f"ok, {_age(self.age_s or 0)} old"
        return f"position {self.position}, {self.size_bytes} bytes, {told}"


def told_snapshot(path: Path, now_ms: int) -> SnapshotRow:
    """Check a snapshot and tell of it. Raises OSError."""
    position, size_bytes = int(path.stem), path.stat().st_size
    try:
        header = good_header(path)
    except SnapshotFault as fault:
        return SnapshotRow(position, size_bytes, None, fault.reason)
    return SnapshotRow(position, size_bytes, max(now_ms - header.created_ms, 0) // 1000, None)


def _age(age_s: int) -> str:
    for unit_s, unit in ((_S_PER_DAY, "d"), (_S_PER_HOUR, "h"), (_S_PER_MINUTE, "min")):
        if age_s >= unit_s:
            return f"{age_s // unit_s} {unit}"
    return f"{age_s} s"
