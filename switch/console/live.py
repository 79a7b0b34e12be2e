"""Makes the frames: one a second for the history, ten a second while somebody watches."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Final, NamedTuple

from switch.console.frame import Frame, FrameMaker, Told
from switch.console.history import History
from switch.metrics.store import Metrics

_LOG = logging.getLogger("switch.console")

VIEWERS_MAX: Final = 16
_FRAMES_PER_S: Final = 10
# Gauges take at most a thousandth of a processor, however many are connected.
_REST: Final = 1000
_NS_PER_MS: Final = 1_000_000
_MS_PER_S: Final = 1000

# What is shown once a second, for JSON.
Sight = Mapping[str, object]


class TooManyViewers(Exception):  # noqa: N818
    """As many watch as may."""


class _Event(NamedTuple):
    """The newest event of a kind, and its number."""

    number: int
    content: bytes


_NONE: Final = _Event(0, b"")


class Live:
    """In the event loop's thread.

    Parameters:
        history: None where none is kept.
        now_ns: the time of day, nanoseconds since 1970.
        on_second: hears of every whole second's frame.
        sight: what is told once a second while somebody watches, besides frames.
    """

    def __init__(
        self,
        metrics: Metrics,
        history: History | None,
        now_ns: Callable[[], int],
        on_second: Callable[[Told], None] = lambda _: None,
        sight: Callable[[Told], Sight] = lambda _: {},
    ) -> None:
        self._metrics = metrics
        self._history = history
        self._now_ns = now_ns
        self._on_second = on_second
        self._sight = sight
        self._frame = _NONE
        self._seen = _NONE
        self._changed = asyncio.Event()
        self._watched = asyncio.Event()
        self._viewers = 0
        self._has_ended = False
        self._writing: asyncio.Future[None] | None = None
        self._is_kept = True
        self._of_seconds: FrameMaker | None = None

    @property
    def is_watched(self) -> bool:
        """Whether anybody watches."""
        return self._watched.is_set()

    async def keep_history(self) -> None:
        """Keep and tell a frame of every whole second, until cancelled."""
        maker = self._of_seconds = FrameMaker(self._metrics)
        while True:
            await asyncio.sleep((_MS_PER_S - self._now_ms() % _MS_PER_S) / _MS_PER_S)
            # A timer may ring a little early; the second that has passed is meant.
            second_ms = (self._now_ms() + _MS_PER_S // 2) // _MS_PER_S * _MS_PER_S - _MS_PER_S
            told = maker.make(second_ms)
            self._keep(told.frame)
            self._on_second(told)

    async def serve(self) -> None:
        """Make frames while anybody watches, until cancelled: each of the second before it."""
        loop = asyncio.get_running_loop()
        while True:
            await self._watched.wait()
            maker = FrameMaker(self._metrics, _FRAMES_PER_S, _REST)
            if self._of_seconds is not None:
                maker.follow(self._of_seconds)
            number = 0
            due_s = loop.time()
            while self._watched.is_set():
                due_s = max(due_s + 1 / _FRAMES_PER_S, loop.time())
                await asyncio.sleep(due_s - loop.time())
                self._tell(maker.make(self._now_ms()), has_sight=number % _FRAMES_PER_S == 0)
                number += 1

    async def watch(self) -> AsyncGenerator[bytes, None]:
        """Events of the stream; who is slow misses some and sees the newest.

        Raises:
            TooManyViewers
        """
        if self._viewers >= VIEWERS_MAX:
            raise TooManyViewers
        self._viewers += 1
        self._watched.set()
        frame, seen = self._frame.number, 0 if self._viewers > 1 else self._seen.number
        try:
            while not self._has_ended:
                while self._frame.number == frame and not self._has_ended:
                    await self._changed.wait()
                found = self._frame.content
                if self._seen.number != seen:
                    found += self._seen.content
                frame, seen = self._frame.number, self._seen.number
                yield found
        finally:
            self._viewers -= 1
            if not self._viewers:
                self._watched.clear()

    def end(self) -> None:
        """Let those who watch go."""
        self._has_ended = True
        self._changed.set()

    def _keep(self, frame: Frame) -> None:
        """A second that comes while the disk still has the one before isn't kept."""
        if self._history is None or (self._writing is not None and not self._writing.done()):
            return
        self._writing = asyncio.get_running_loop().run_in_executor(None, self._put, self._history, frame)

    def _put(self, history: History, frame: Frame) -> None:
        try:
            history.put(frame)
        except OSError as error:
            if self._is_kept:
                _LOG.warning("the console's history can't be written: %s", error.strerror)
            self._is_kept = False
        else:
            self._is_kept = True

    def _tell(self, told: Told, *, has_sight: bool) -> None:
        totals = [[kind, code, count] for (kind, code), count in told.totals.items()]
        self._frame = _next(self._frame, "frame", {"frame": told.frame, "totals": totals})
        if has_sight:
            self._seen = _next(self._seen, "sight", self._sight(told))
        self._changed.set()
        self._changed.clear()

    def _now_ms(self) -> int:
        return self._now_ns() // _NS_PER_MS


def _next(before: _Event, name: str, content: Mapping[str, object]) -> _Event:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return _Event(before.number + 1, f"event: {name}\ndata: {text}\n\n".encode())
