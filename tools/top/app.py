"""The screen: keys in, lines out. Everything else is in modules that know no terminal."""

import asyncio
import contextlib
import signal
from typing import ClassVar, Final

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tools.top.client import ConsoleClient
from tools.top.details import Details
from tools.top.grid import Grid, Line, Walk
from tools.top.layout import Shown, help_screen, screen
from tools.top.picture import Picture
from tools.top.place import Place
from tools.top.views import VIEWS, View
from tools.top.watcher import now_ms, watch

_PAGE_ROWS: Final = 10
_ALL_ROWS: Final = 1 << 30
_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class TopApp(App[None]):
    """Watches one switch; a picture each `interval_s`, and at every key."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { overflow: hidden; } #lines { width: 100%; height: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c", "quit", "quit", priority=True),
        Binding("question_mark", "help", "help"),
        Binding("escape", "help(False)", "back"),
        *(Binding(str(number), f"view({number - 1})", view.value) for number, view in enumerate(VIEWS, 1)),
        Binding("l", "view(1)", "links"),
        Binding("t", "view(2)", "terminals"),
        Binding("a", "view(3)", "alarms"),
        Binding("tab", "next_view", "next view", priority=True),
        Binding("s", "sort", "sort"),
        Binding("r", "turn", "reverse"),
        Binding("n", "turn_page(1)", "next page"),
        Binding("b", "turn_page(-1)", "page before"),
        Binding("up,k", "move(-1)", "up"),
        Binding("down,j", "move(1)", "down"),
        Binding("pageup", f"move(-{_PAGE_ROWS})", "page up"),
        Binding("pagedown", f"move({_PAGE_ROWS})", "page down"),
        Binding("home", f"move(-{_ALL_ROWS})", "first"),
        Binding("end", f"move({_ALL_ROWS})", "last"),
    ]

    def __init__(self, where: Place, interval_s: float) -> None:
        super().__init__(ansi_color=True)
        self._where = where
        self._interval_s = interval_s
        self._picture = Picture()
        self._client = ConsoleClient(where)
        self._details = Details(self._client, self._picture)
        self._view = View.ANSWERS
        self._walks = {view: Walk(self._details.grid(view).sorted_by) for view in VIEWS}
        self._is_help = False
        self._tasks: list[asyncio.Task[None]] = []

    def compose(self) -> ComposeResult:
        """One widget has all lines."""
        yield Static(id="lines", markup=False)

    def on_mount(self) -> None:
        """Begin to watch."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(watch(self._client, self._picture)),
            loop.create_task(self._details.keep()),
        ]
        for number in _ENDS:
            # Elsewhere than in the main thread there are no signals.
            with contextlib.suppress(ValueError, RuntimeError):
                loop.add_signal_handler(number, self.exit)
        self.set_interval(self._interval_s, self._draw)
        self.call_after_refresh(self._draw)

    async def on_unmount(self) -> None:
        """Let go of the switch."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.__aexit__(None, None, None)

    def on_resize(self) -> None:
        """Another size, other lines."""
        self._draw()

    def action_help(self, shown: bool | None = None) -> None:
        """Show the keys, or go back."""
        self._is_help = not self._is_help if shown is None else shown
        self._draw()

    def action_view(self, number: int) -> None:
        """Another table."""
        self._view = VIEWS[number]
        self._is_help = False
        self._details.want(self._view)
        self._draw()

    def action_next_view(self) -> None:
        """The table beside it."""
        self.action_view((VIEWS.index(self._view) + 1) % len(VIEWS))

    def action_sort(self) -> None:
        """By the next column."""
        self._walk.sort_by_next(self._grid)
        self._draw()

    def action_turn(self) -> None:
        """The other way round."""
        self._walk.turn()
        self._draw()

    def action_move(self, by: int) -> None:
        """Another row."""
        self._walk.move(self._grid, by)
        self._draw()

    def action_turn_page(self, by: int) -> None:
        """Another page of terminals."""
        if self._view is View.TERMINALS:
            self._details.turn_page(by)

    @property
    def _walk(self) -> Walk:
        return self._walks[self._view]

    @property
    def _grid(self) -> Grid:
        return self._details.grid(self._view)

    def _draw(self) -> None:
        columns, lines = self.size
        moment_ms = now_ms()
        if self._is_help:
            found = help_screen(columns, lines)
        else:
            about = self._details.about(self._view)
            shown = Shown(self._picture, self._where.url, self._view, self._grid, self._walk, about)
            found = screen(shown, moment_ms, columns, lines)
        is_old = self._picture.stale_ms(moment_ms) > 0 and not self._is_help
        text = Text("\n").join(_styled(line, is_old=is_old) for line in found)
        text.no_wrap = True
        self.query_one("#lines", Static).update(text)


def _styled(line: Line, *, is_old: bool) -> Text:
    """Emphasis besides the words, never instead of them."""
    text = Text(line.text, style="reverse" if line.is_chosen else "bold" if line.is_title else "")
    if is_old and not line.is_title:
        text.stylize("dim")
    for words, style in (
        (("STALE", "NOT READY", "critical", "ALARMS"), "bold red"),
        (("warning",), "yellow"),
    ):
        text.highlight_words(words, style=style)
    return text
