"""Changes of a source that leave its lines where they are, so that a traceback still tells the place."""

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """What stands in place of a piece of a source: line from 1, column in bytes of UTF-8."""

    line: int
    column: int
    last_line: int
    end: int
    text: str

    @classmethod
    def of(cls, node: ast.stmt | ast.expr | ast.alias, text: str) -> "Edit":
        """In place of a whole node."""
        last_line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return cls(node.lineno, node.col_offset, last_line, end, text)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The source with the changes made, each once; none may reach into another."""
    lines = text.encode().splitlines(keepends=True)
    for edit in sorted(set(edits), reverse=True):
        head = lines[edit.line - 1][: edit.column]
        tail = lines[edit.last_line - 1][edit.end :]
        whole = head + edit.text.encode() + b"\n" * (edit.last_line - edit.line) + tail
        lines[edit.line - 1 : edit.last_line] = whole.splitlines(keepends=True)
    return b"".join(lines).decode()
