"""Why a journal can't be used. Messages name the file and the offset, never content."""

from pathlib import Path


class JournalFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The journal can't be trusted or used; `path` and `offset` (bytes) say where."""

    def __init__(self, reason: str, path: Path, offset: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.offset = offset
        where = f"{path}" if offset is None else f"{path} at byte {offset}"
        super().__init__(f"journal: {reason}: {where}")


class JournalCorrupt(JournalFault):
    """Durable content is damaged, or a segment is missing."""


class JournalVersionUnknown(JournalFault):
    """Written by software that this one doesn't know how to read."""


class ReplayFault(Exception):  # noqa: N818  (a fault is the field's word)
    """An entry is undamaged but can't be taken over; the text says why, the journal adds where."""


class JournalLocked(JournalFault):
    """Another process has this journal open."""


class PositionGone(Exception):  # noqa: N818  (a fault is the field's word)
    """The journal no longer has an entry; `first_position` is that of the first one that it has."""

    def __init__(self, position: int, first_position: int) -> None:
        self.first_position = first_position
        super().__init__(f"entry {position} is gone, the journal begins with entry {first_position}")
