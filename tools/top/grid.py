"""A table of text that is sorted, walked through and cut to its room; no screen is known here."""

from collections.abc import Sequence
from typing import Final, NamedTuple

GAP: Final = "  "
_LATIN_LAST: Final = "\u024f"

# Numbers are told from texts: a column has either.
Order = tuple[int, str]


class Column(NamedTuple):
    """`width` is its least one. A number stands at the right, and is sorted from the greatest on, as is what
    has a rank."""

    title: str
    width: int
    is_number: bool = False
    is_ranked: bool = False


class Row(NamedTuple):
    """`order` is what each column is sorted by; `note` is told in full of the chosen row."""

    key: str
    cells: tuple[str, ...]
    order: tuple[Order, ...]
    note: str = ""


class Grid(NamedTuple):
    """A table; `empty` is said where it has no rows. `sorted_by` is the column to begin with."""

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    empty: str
    sorted_by: int = 0


class Line(NamedTuple):
    """A line of the screen and what it is, so that a screen may show it so; the text alone tells it all."""

    text: str
    is_title: bool = False
    is_chosen: bool = False


class Walk:
    """Where somebody is in a table: by which column it is sorted, which row is chosen."""

    def __init__(self, sorted_by: int = 0) -> None:
        self._sorted_by = sorted_by
        self._is_turned = False
        self._chosen = ""
        self._place = 0
        self._top = 0

    def sort_by_next(self, grid: Grid) -> None:
        """By the next column, in its own direction."""
        self._sorted_by = (self._sorted_by + 1) % len(grid.columns)
        self._is_turned = False

    def turn(self) -> None:
        """The other way round."""
        self._is_turned = not self._is_turned

    def move(self, grid: Grid, by: int) -> None:
        """Choose the row so many further down, as far as there are."""
        rows = self._sorted(grid)
        if rows:
            self._place = max(0, min(self._found(rows) + by, len(rows) - 1))
            self._chosen = rows[self._place].key

    def chosen(self, grid: Grid) -> Row | None:
        """The chosen row; where it has gone, the one that took its place."""
        rows = self._sorted(grid)
        return rows[self._found(rows)] if rows else None

    def lines(self, grid: Grid, columns: int, lines: int) -> list[Line]:
        """The title and as many rows around the chosen one as have room."""
        if lines < 2:
            return []
        rows = self._sorted(grid)
        shown = _shown(grid, columns - 2)
        title = GAP.join(self._title(grid.columns[place], place, width) for place, width in shown)
        found = [Line(fit(f"  {title}", columns), is_title=True)]
        if not rows:
            return [*found, Line(fit(f"  {grid.empty}", columns))]
        room, place = lines - 1, self._found(rows)
        self._top = max(0, min(max(self._top, place - room + 1), place, len(rows) - 1))
        self._top = min(self._top, max(0, len(rows) - room))
        for number in range(self._top, min(self._top + room, len(rows))):
            row, is_chosen = rows[number], number == place
            cells = GAP.join(_cell(row.cells[at], grid.columns[at], width) for at, width in shown)
            found.append(Line(fit(f"{'>' if is_chosen else ' '} {cells}", columns), is_chosen=is_chosen))
        return found

    def told(self, grid: Grid) -> str:
        """By what it is sorted, and where in it the chosen row is."""
        if not grid.rows:
            return ""
        column = grid.columns[self._sorted_by]
        way = "greatest first" if self._is_descending(column) else "least first"
        return f"row {self._found(self._sorted(grid)) + 1:,} of {len(grid.rows):,}, by {column.title}, {way}"

    def _title(self, column: Column, place: int, width: int) -> str:
        mark = "" if place != self._sorted_by else "v" if self._is_descending(column) else "^"
        text = f"{column.title}{mark}"
        return text.rjust(width) if column.is_number else text.ljust(width)

    def _is_descending(self, column: Column) -> bool:
        return (column.is_number or column.is_ranked) != self._is_turned

    def _sorted(self, grid: Grid) -> list[Row]:
        column = self._sorted_by
        rows = sorted(grid.rows, key=lambda row: row.key)
        rows.sort(key=lambda row: row.order[column], reverse=self._is_descending(grid.columns[column]))
        return rows

    def _found(self, rows: Sequence[Row]) -> int:
        place = next((at for at, row in enumerate(rows) if row.key == self._chosen), None)
        if place is None:
            place = max(0, min(self._place, len(rows) - 1))
        self._place = place
        return place


def clean(text: str) -> str:
    """Latin text that has no control over the screen; every other character is a question mark."""
    return "".join(char if char.isprintable() and char <= _LATIN_LAST else "?" for char in text)


def fit(text: str, columns: int) -> str:
    """No wider than there is room."""
    return text if len(text) <= columns else text[: max(0, columns - 1)] + "~"[: max(0, columns)]


def _shown(grid: Grid, room: int) -> list[tuple[int, int]]:
    """The columns that have room, the first ones first, and their widths."""
    found: list[tuple[int, int]] = []
    for place, column in enumerate(grid.columns):
        longest = max((len(row.cells[place]) for row in grid.rows), default=0)
        # A mark of the order stands behind the title.
        width = max(column.width, len(column.title) + 1, longest)
        if found and width > room:
            width = max(column.width, len(column.title) + 1)
        if found and width > room:
            break
        width = min(width, max(room, 1))
        found.append((place, width))
        room -= width + len(GAP)
    return found


def _cell(text: str, column: Column, width: int) -> str:
    cut = fit(text, width)
    return cut.rjust(width) if column.is_number else cut.ljust(width)
