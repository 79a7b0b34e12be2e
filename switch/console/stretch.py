"""A stretch of the history in as many points as a chart has, as text of JSON.

Of the seconds that a point stands for, a rate is their mean, a time or a queue the greatest, and what only
grows or tells how things stand the last: no peak is hidden by looking at a whole day.
"""

from collections.abc import Sequence
from typing import Final

from switch.console.frame import Frame

_MEAN: Final = frozenset(
    {
        "approved",
        "declined",
        "refused",
        "repeats",
        "reversals",
        "request_p50_us",
        "sync_p50_us",
        "commit_entries_p50",
        "cpu_per_mille",
    }
)
_LAST: Final = frozenset(
    {
        "at_ms",
        "connections",
        "signed_on",
        "position",
        "durable_position",
        "disk_free_bytes",
        "resident_bytes",
    }
)


def point_of(frames: Sequence[Frame]) -> str:
    """One point: the numbers in a frame's order, as a JSON array. There is at least one frame."""
    columns = zip(*frames, strict=True)
    return (
        "["
        + ",".join(str(_one(name, column)) for name, column in zip(Frame._fields, columns, strict=True))
        + "]"
    )


def _one(name: str, numbers: Sequence[int]) -> int:
    if name in _LAST:
        return numbers[-1]
    if name in _MEAN:
        return (sum(numbers) + len(numbers) // 2) // len(numbers)
    return max(numbers)
