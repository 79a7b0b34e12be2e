"""Why a snapshot can't be used or made. Messages name the file, never content."""

from pathlib import Path


class SnapshotFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A snapshot can't be used or made."""

    def __init__(self, reason: str, path: Path) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"snapshot: {reason}: {path}")


class SnapshotDamaged(SnapshotFault):
    """The file isn't what was written, or not all of it."""


class SnapshotVersionUnknown(SnapshotFault):
    """Written by software that this one doesn't know how to read."""


class SnapshotBusy(SnapshotFault):
    """Another process makes a snapshot of this journal."""
