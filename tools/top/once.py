"""Pictures without a screen: one, or a line of JSON each interval, for scripts."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from typing import Final

from tools.top.client import ConsoleClient
from tools.top.fault import TopFault
from tools.top.grid import Walk, fit
from tools.top.picture import Picture
from tools.top.place import Place
from tools.top.views import answers_grid, headline, links_grid, overview, state
from tools.top.watcher import now_ms, watch, watch_once

_PATIENCE_S: Final = 10.0
_COLUMNS: Final = 80
_LINES_MAX: Final = 1000


def print_once(where: Place, interval_s: float, *, as_json: bool) -> None:
    """One picture, of the second that ends after `interval_s`. Raises TopFault."""
    picture = asyncio.run(_seen(where, interval_s))
    sys.stdout.write(as_line(picture) if as_json else as_text(picture, where.url))


def print_lines(where: Place, interval_s: float) -> None:
    """A line of JSON each interval until KeyboardInterrupt, of a switch that is there at the beginning.

    While it isn't, a line says why. Raises TopFault.
    """
    asyncio.run(_print_lines(where, interval_s))


async def first_contact(where: Place) -> None:
    """See that there is a switch that may be watched. Raises TopFault."""
    await _seen(where, 0)


def as_line(picture: Picture) -> str:
    """A frame by its names, answers, and what changes slowly, as one line of JSON."""
    frame, sight = picture.frame, picture.sight
    if frame is None or sight is None:
        raise ValueError("nothing has come yet")
    document = {
        "ready": not sight.obstacles,
        "reasons": [obstacle.code for obstacle in sight.obstacles],
        **frame._asdict(),
        "answers": [each._asdict() for each in picture.answers()],
        **sight.model_dump(mode="json", exclude={"at_ms", "obstacles"}),
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def as_text(picture: Picture, url: str) -> str:
    """Lines of at most 80 characters."""
    lines = [f"{url}  {state(picture, now_ms())}", headline(picture), *overview(picture, _COLUMNS)]
    for grid in (answers_grid(picture.answers()), links_grid(picture.sight)):
        lines += ["", *(line.text[2:] for line in Walk(grid.sorted_by).lines(grid, _COLUMNS, _LINES_MAX))]
    return "".join(f"{fit(line, _COLUMNS).rstrip()}\n" for line in lines)


async def _seen(where: Place, interval_s: float) -> Picture:
    picture = Picture()
    begin_ms = now_ms()

    def is_enough() -> bool:
        return picture.sight is not None and now_ms() - begin_ms >= interval_s * 1000

    async with ConsoleClient(where) as client:
        await _within(interval_s + _PATIENCE_S, client, picture, is_enough)
    return picture


async def _within(
    timeout_s: float, client: ConsoleClient, picture: Picture, is_enough: Callable[[], bool]
) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await watch_once(client, picture, is_enough)
    except TimeoutError:
        raise TopFault("the switch sends no figures") from None


async def _print_lines(where: Place, interval_s: float) -> None:
    picture = Picture()
    async with ConsoleClient(where) as client:
        await _within(_PATIENCE_S, client, picture, lambda: picture.sight is not None)
        task = asyncio.create_task(watch(client, picture))
        try:
            while True:
                await asyncio.sleep(interval_s)
                is_lost = picture.fault or picture.stale_ms(now_ms())
                fault = picture.fault or "nothing comes"
                line = json.dumps({"ready": False, "fault": fault}) + "\n" if is_lost else as_line(picture)
                sys.stdout.write(line)
                sys.stdout.flush()
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
