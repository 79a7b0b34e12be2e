"""Who reads the feed, how far, and for how long it has been behind. Readers that give no name aren't kept."""

from collections import OrderedDict
from collections.abc import Callable
from re import compile as pattern
from typing import Final

from switch.metrics.catalogue import Metric
from switch.metrics.store import LabelValues, Readings

READERS_MAX: Final = 64
READER_NAME: Final = pattern(r"[A-Za-z0-9._-]{1,32}")


class _Reader:
    """A reader: everything up to `after` is done. It was seen at or behind `mark` at `mark_ns`."""

    __slots__ = ("after", "mark", "mark_ns", "read_ns")

    def __init__(self, now_ns: int) -> None:
        self.after = self.mark = 0
        self.mark_ns = self.read_ns = now_ns


class FeedReaders:
    """The readers by name; of very many, those that read last.

    Parameters:
        clock_ns: monotonic.
        durable: the position of the newest entry that can be read.
    """

    def __init__(self, clock_ns: Callable[[], int], durable: Callable[[], int]) -> None:
        self._clock_ns = clock_ns
        self._durable = durable
        self._readers: OrderedDict[str, _Reader] = OrderedDict()

    def note(self, name: str, after: int) -> None:
        """A reader asks for what is behind a position, so everything before is done."""
        now_ns = self._clock_ns()
        reader = self._readers.setdefault(name, _Reader(now_ns))
        reader.after, reader.read_ns = after, now_ns
        self._readers.move_to_end(name)
        if len(self._readers) > READERS_MAX:
            self._readers.popitem(last=False)

    def readings(self) -> Readings:
        """The metrics of all readers, for whoever looks, as somebody does every second."""
        now_ns, durable = self._clock_ns(), self._durable()
        positions: dict[LabelValues, int] = {}
        behind: dict[LabelValues, int] = {}
        silences: dict[LabelValues, int] = {}
        for name, reader in self._readers.items():
            key = (name,)
            if reader.after >= reader.mark:
                # What was newest when it was last looked at is done: now the present end is the mark.
                reader.mark, reader.mark_ns = durable, now_ns
            positions[key] = min(reader.after, durable)
            behind[key] = now_ns - reader.mark_ns if reader.after < reader.mark else 0
            silences[key] = now_ns - reader.read_ns
        return {
            Metric.FEED_POSITION: positions,
            Metric.FEED_BEHIND: behind,
            Metric.FEED_SILENCE: silences,
        }
