"""The console of a running switch, put together."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.routing import Route

from protocol.spec import SpecDocument
from switch.console.access.door import Door
from switch.console.actions.controls import Controls
from switch.console.actions.endpoints import ActionEndpoints
from switch.console.alarms.plan import Plan
from switch.console.alarms.routes import AlarmEndpoints
from switch.console.alarms.signal_reader import SignalReader
from switch.console.alarms.watch import AlarmWatch
from switch.console.frame import FrameMaker
from switch.console.history import History
from switch.console.live import Live
from switch.console.page.endpoints import PageEndpoints
from switch.console.page.shelf import Shelf
from switch.console.roster import Roster
from switch.console.sight import SightMaker
from switch.fleet.health import HealthBook
from switch.gate.server import Gate
from switch.ledger.records import Status
from switch.ledger.state import State
from switch.metrics.store import Metrics
from switch.operations.readiness import Obstacle
from switch.upstream.link import Upstream

_LOG = logging.getLogger("switch.console")

# How long the end of the process waits for whoever is to hear of alarms, and then for the disk.
_STOP_TIMEOUT_S = 2.0
_NS_PER_MS = 1_000_000


class Console:
    """In the event loop's thread.

    Parameters:
        door: lets people and machines in.
        directory: the journal's, in which the console has one of its own.
        obstacles: what stands in the way of authorising.
    """

    def __init__(
        self,
        plan: Plan,
        door: Door,
        metrics: Metrics,
        directory: Path,
        *,
        state: State,
        spec: SpecDocument,
        fleet: HealthBook,
        gate: Gate,
        partner: Upstream | None,
        obstacles: Callable[[], Sequence[Obstacle]],
    ) -> None:
        self.door = door
        self._actions: ActionEndpoints | None = None
        self._metrics = metrics
        self._state = state
        reader = SignalReader(metrics, fleet, self._is_in_use, obstacles)
        self._alarms = AlarmWatch(plan, directory / "console" / "alarms", reader)
        metrics.watch(self._alarms.readings)
        self._sight = SightMaker(
            state,
            self._alarms.desk,
            links=gate.statuses,
            partner=lambda: {} if partner is None else {"name": partner.name, **partner.status()},
            obstacles=obstacles,
        )
        self._history = _history(directory / "console" / "history")
        self._live = Live(metrics, self._history, time.time_ns, self._alarms.look, self._sight.make)
        self._roster = Roster(state, fleet, lambda: gate.links, gate.loop.time, self._alarms.now_ms)
        self._shelf = Shelf(spec)
        self._tasks: list[asyncio.Task[None]] = []

    def take(self, controls: Controls) -> None:
        """Act on these from now on."""
        self._actions = ActionEndpoints(self.door, controls)

    async def let_go(self) -> None:
        """Act no more: what is under way is given up."""
        if self._actions is not None:
            await self._actions.stop()

    def routes(self) -> list[Route]:
        """What the operations port has of it."""
        door = self.door
        return [
            *self._shelf.routes(),
            *door.routes(),
            *([] if self._actions is None else self._actions.routes()),
            *AlarmEndpoints(self._alarms, door).routes(),
            *PageEndpoints(self._live, self._history, self._roster, door).routes(),
        ]

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look every second, and more often while somebody watches."""
        self._tasks = [
            loop.create_task(self._live.keep_history()),
            loop.create_task(self._live.serve()),
            loop.create_task(self._sight.day.keep(lambda: self._live.is_watched)),
        ]
        for task in self._tasks:
            task.add_done_callback(_tell_failure)

    async def stop(self, *, has_failed: bool) -> None:
        """Send and write what waits, in bounded time; of a failure people hear before the process ends."""
        self._live.end()
        for task in self._tasks:
            task.cancel()
        if has_failed:
            self._alarms.look(FrameMaker(self._metrics).make(time.time_ns() // _NS_PER_MS))
        # The threads may all be waiting for a disk that hangs.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3 * _STOP_TIMEOUT_S):
                await asyncio.to_thread(self._alarms.close, _STOP_TIMEOUT_S)

    def _is_in_use(self, terminal_id: str) -> bool:
        record = self._state.terminal(terminal_id)
        return record is not None and record.status is Status.ACTIVE


def _history(path: Path) -> History | None:
    """None where there can't be one: the switch serves without."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return History(path)
    except OSError as error:
        _LOG.warning("no history of the console: %s: %s", path, error.strerror)
        return None


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("frames and alarms have stopped", exc_info=error)
