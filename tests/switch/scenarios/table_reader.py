"""Scenario files: Markdown that an accountant can read, with the rules, the people and one line per event.

A file has a fenced `toml` block (the rule document), a line `Members:` and tables. In a table every row is an
event with its expected answer and the balances of `who` after it; the first column numbers the rows.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_RULES = re.compile(r"```toml\n(.*?)```", re.DOTALL)
_MEMBERS = re.compile(r"^Members: (.*)$", re.MULTILINE)
_START = re.compile(r"^Start: (.*)$", re.MULTILINE)
FIXED_COLUMNS = ("#", "who", "event", "answer")


@dataclass(frozen=True)
class Person:
    """A member with a card of the same name; `tags` as words like tier=gold."""

    name: str
    tags: dict[str, str]


@dataclass(frozen=True)
class Row:
    """One event; `balances` are by purse name, only those that the table tells."""

    number: str
    who: str
    event: str
    answer: str
    balances: dict[str, int]


@dataclass(frozen=True)
class Scenario:
    """A whole file."""

    name: str
    rules: str
    start: str
    people: list[Person]
    rows: list[Row]


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; a wrong form is an assertion."""
    text = path.read_text("utf-8")
    rules, members, start = _RULES.search(text), _MEMBERS.search(text), _START.search(text)
    assert rules, f"{path.name}: no rules"
    assert members, f"{path.name}: no members"
    return Scenario(
        path.stem,
        rules[1],
        start[1] if start else "2026-06-01T10:00+03:30",
        [_person(part) for part in members[1].split(",")],
        _rows(_RULES.sub("", text), path.name),
    )


def _person(text: str) -> Person:
    name, *words = text.split()
    return Person(name, dict(word.split("=", 1) for word in words))


def _rows(text: str, name: str) -> list[Row]:
    rows: list[Row] = []
    header: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not header:
            header = cells
            assert tuple(header[:4]) == FIXED_COLUMNS, f"{name}: columns are {header}"
        elif not set("".join(cells)) <= set("-: "):
            assert len(cells) == len(header), f"{name}: {line}"
            balances = {
                purse: int(cell.replace(",", ""))
                for purse, cell in zip(header[4:], cells[4:], strict=True)
                if cell and purse != "note"
            }
            number, who, event, answer = cells[:4]
            rows.append(Row(number, who, event, answer, balances))
    assert rows, f"{name}: no events"
    return rows
