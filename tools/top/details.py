"""What only one view needs, asked for while that view is shown."""

import asyncio
import time
from typing import Final

from tools.top.client import ConsoleClient
from tools.top.documents import AlarmsPage, StatusPage, TerminalsPage
from tools.top.fault import TopFault
from tools.top.grid import Grid
from tools.top.picture import Picture, StepRate, steps_between
from tools.top.views import (
    View,
    alarms_grid,
    answers_grid,
    links_grid,
    steps_grid,
    terminals_grid,
)

TERMINALS_PAGE: Final = 200
_TERMINALS_PATH: Final = "/console/terminals"
_EVERY_S: Final = 2.0


class Details:
    """Of one switch. `fault` says why the newest could not be had, "" while it could."""

    def __init__(self, client: ConsoleClient, picture: Picture) -> None:
        self._client = client
        self._picture = picture
        self._wanted = View.ANSWERS
        self._changed = asyncio.Event()
        self._terminals: TerminalsPage | None = None
        self._alarms: AlarmsPage | None = None
        self._status: tuple[int, StatusPage] | None = None
        self._steps: list[StepRate] = []
        self._skip = 0
        self.fault = ""

    def want(self, view: View) -> None:
        """Ask for what this view needs, from now on."""
        self._wanted = view
        self.fault = ""
        self._changed.set()

    def turn_page(self, by: int) -> None:
        """So many pages of terminals on, as far as there are."""
        count = 0 if self._terminals is None else self._terminals.count
        last = max(0, count - 1) // TERMINALS_PAGE * TERMINALS_PAGE
        self._skip = max(0, min(self._skip + by * TERMINALS_PAGE, last))
        self._changed.set()

    def grid(self, view: View) -> Grid:
        """The table of a view, of what is known."""
        picture = self._picture
        # The switch's clock, not this machine's: they need not agree.
        at_ms = 0 if picture.frame is None else picture.frame.at_ms
        if view is View.ANSWERS:
            return answers_grid(picture.answers())
        if view is View.LINKS:
            return links_grid(picture.sight)
        if view is View.TERMINALS:
            return terminals_grid([] if self._terminals is None else self._terminals.terminals, at_ms)
        if view is View.ALARMS:
            return alarms_grid([] if self._alarms is None else self._alarms.alarms, at_ms)
        return steps_grid(self._steps)

    def about(self, view: View) -> str:
        """What the table of a view doesn't tell itself."""
        if self.fault:
            return self.fault
        page = self._terminals
        if view is View.TERMINALS and page is not None and page.count > len(page.terminals):
            return f"terminals {self._skip + 1:,} to {self._skip + len(page.terminals):,} of {page.count:,}"
        return ""

    async def keep(self) -> None:
        """Ask again and again, one thing at a time, until cancelled."""
        while True:
            self._changed.clear()
            view = self._wanted
            try:
                await self._ask(view)
                self.fault = ""
            except TopFault as fault:
                if self._wanted is view:
                    self.fault = str(fault)
            try:
                async with asyncio.timeout(_EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _ask(self, view: View) -> None:
        client = self._client
        if view is View.TERMINALS:
            path = f"{_TERMINALS_PATH}?skip={self._skip}&limit={TERMINALS_PAGE}"
            self._terminals = await client.page(path, TerminalsPage)
        elif view is View.ALARMS:
            self._alarms = await client.page("/console/alarms", AlarmsPage)
        elif view is View.STEPS:
            status, at_ns = await client.page("/status", StatusPage), time.monotonic_ns()
            if self._status is not None:
                self._steps = steps_between(self._status[1], status, at_ns - self._status[0])
            self._status = (at_ns, status)
