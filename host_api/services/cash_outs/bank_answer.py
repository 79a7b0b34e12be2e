"""Reads the file with which the bank answers a batch. Nothing here stores."""

import csv
import io
import re
from dataclasses import dataclass
from typing import Final

from host_api.core.persian_text import fold_digits

_HEADERS: Final = ("line", "reference", "status", "bank_reference", "reason")
_NUMBER: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_REFERENCE: Final = 40
_LONGEST_REASON: Final = 200
_MOST_FAULTS: Final = 50


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """What became of one line. `row` is its place in the file, from 1 for the heading."""

    row: int
    line: int
    reference: int
    is_paid: bool
    bank_reference: str | None
    reason: str | None


Fault = tuple[int, str]


def read_answer(text: str) -> tuple[list[AnsweredLine], list[Fault]]:
    """The lines of a file, and what is wrong with others: row and code of each, the first fifty."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    lines: list[AnsweredLine] = []
    faults: list[Fault] = []
    seen: set[int] = set()
    row = 0
    try:
        for row, cells in enumerate(reader, 1):
            if row == 1:
                if tuple(cell.strip().lower() for cell in cells) != _HEADERS:
                    return [], [(1, "headers")]
                continue
            if not any(cell.strip() for cell in cells):
                continue
            found = _line(row, [cell.strip() for cell in cells])
            if isinstance(found, str):
                faults.append((row, found))
            elif found.line in seen:
                faults.append((row, "line-twice"))
            else:
                seen.add(found.line)
                lines.append(found)
            if len(faults) == _MOST_FAULTS:
                break
    except csv.Error:
        faults.append((row + 1, "csv"))
    if not lines and not faults:
        faults.append((1, "empty"))
    return lines, faults


def _line(row: int, cells: list[str]) -> AnsweredLine | str:
    """A line, or the code of what is wrong with it."""
    if len(cells) != len(_HEADERS):
        return "columns"
    line, reference = fold_digits(cells[0]), fold_digits(cells[1])
    if not _NUMBER.fullmatch(line) or not _NUMBER.fullmatch(reference):
        return "number"
    status = cells[2].lower()
    if status not in ("paid", "failed"):
        return "status"
    if any(_CONTROL.search(cell) for cell in cells[3:]):
        return "control-character"
    if len(cells[3]) > _LONGEST_REFERENCE or len(cells[4]) > _LONGEST_REASON:
        return "too-long"
    return AnsweredLine(row, int(line), int(reference), status == "paid", cells[3] or None, cells[4] or None)
