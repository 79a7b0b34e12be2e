"""The whole screen as lines for a size; which keys there are, and what they do."""

import textwrap
from collections.abc import Sequence
from typing import Final, NamedTuple

from tools.top.grid import GAP, Grid, Line, Walk, fit
from tools.top.picture import Picture
from tools.top.views import VIEWS, View, headline, overview, state

COLUMNS_MIN: Final = 40
_TABLE_LINES_MIN: Final = 4
_NOTE_LINES_MAX: Final = 3
_KEYS: Final = "q quit  ? help  1-5 view  s sort  r reverse  up/down row"
_PAGE_KEYS: Final = "  n/b page"
_HELP: Final = (
    "1 to 5, or tab   answers, links, terminals, alarms, steps",
    "l  t  a          links, terminals, alarms",
    "s                sort by the next column; v and ^ tell which, and which way",
    "r                the other way round",
    "up  down  j  k   choose another row; also page up and down, home, end",
    "n  b             terminals: next page, page before",
    "?                this help, and back",
    "q                quit",
    "",
    "Rates and percentiles are those of the second before; totals count since the",
    "switch started. Of the row that is chosen the last lines tell the rest.",
    "STALE: nothing comes from the switch. The figures are old; it is tried again.",
    "",
    "What to do about what you see: docs/operator.md, docs/alarms.md.",
)


class Shown(NamedTuple):
    """What there is to show at a moment; `about` tells of the table what it doesn't itself."""

    picture: Picture
    url: str
    view: View
    grid: Grid
    walk: Walk
    about: str = ""


def screen(shown: Shown, now_ms: int, columns: int, lines: int) -> list[Line]:
    """Every line of the screen; where there is little room, figures give way to the table."""
    columns = max(columns, COLUMNS_MIN)
    picture = shown.picture
    head = [
        Line(_spread(f"vafa switch top{GAP}{shown.url}", state(picture, now_ms), columns), is_title=True),
        Line(picture.fault if picture.fault else headline(picture)),
    ]
    figures: Sequence[str] = overview(picture, columns) if shown.view is View.ANSWERS else ()
    tail = [*_notes(shown, columns), Line(_KEYS + (_PAGE_KEYS if shown.view is View.TERMINALS else ""))]
    room = lines - len(head) - 1 - len(tail)
    body = [Line(text) for text in figures[: max(0, room - _TABLE_LINES_MIN)]]
    table = shown.walk.lines(shown.grid, columns, room - len(body))
    blank = [Line("")] * max(0, room - len(body) - len(table))
    found = [*head, *body, Line(_tabs(shown.view)), *table, *blank, *tail]
    return [line._replace(text=fit(line.text, columns)) for line in found[: max(1, lines)]]


def help_screen(columns: int, lines: int) -> list[Line]:
    """The keys."""
    found = [Line("vafa switch top: keys", is_title=True), Line(""), *map(Line, _HELP)]
    return [line._replace(text=fit(line.text, columns)) for line in found[: max(1, lines)]]


def _tabs(view: View) -> str:
    names = [f"{number} {each.value}" for number, each in enumerate(VIEWS, 1)]
    return GAP.join(
        f"[{name}]" if each is view else f" {name} " for name, each in zip(names, VIEWS, strict=True)
    )


def _notes(shown: Shown, columns: int) -> list[Line]:
    row = shown.walk.chosen(shown.grid)
    note = [] if row is None else textwrap.wrap(row.note, columns)[:_NOTE_LINES_MAX]
    about = "; ".join(part for part in (shown.walk.told(shown.grid), shown.about) if part)
    return [*map(Line, note), Line(about)]


def _spread(left: str, right: str, columns: int) -> str:
    room = columns - len(left) - len(right)
    # What is wrong is worth more than where.
    return f"{left}{' ' * room}{right}" if room >= 2 else f"{right}{GAP}{left}"
