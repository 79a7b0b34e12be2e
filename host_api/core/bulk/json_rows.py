"""Rows from JSON (RFC 8259): a list of objects, or an object on each line; never the whole file at once."""

import io
import json
from collections.abc import Iterator
from json.decoder import JSONDecoder
from typing import Final

from host_api.core.bulk.file_fault import FileFault

_PIECE: Final = 65_536
_LONGEST_ROW: Final = 262_144
_LONGEST_MARK: Final = 16  # true, -Infinity, an escape
_SPACE: Final = " \t\r\n"

Row = tuple[int, object]


def _refuse_constant(_name: str) -> object:
    raise ValueError


_DECODER: Final = JSONDecoder(parse_constant=_refuse_constant)


def json_rows(content: io.RawIOBase) -> Iterator[Row]:
    """The entries of a list, or of lines, numbered from 1.

    Raises:
        FileFault: while rows are taken.
    """
    content.seek(0)
    window = _Window(content)
    is_list = window.next_mark() == "["
    if is_list:
        window.take_mark()
    number = 0
    while (mark := window.next_mark(number + 1)) is not None:
        if is_list and mark == "]":
            window.take_mark()
            if window.next_mark(number + 1) is not None:
                raise FileFault("json", number + 1)
            return
        if is_list and number:
            if mark != ",":
                raise FileFault("json", number + 1)
            window.take_mark()
        number += 1
        yield number, window.take_value(number)
    if is_list:  # it was cut off
        raise FileFault("json", number + 1)


class _Window:
    """The part of the text that is being read."""

    def __init__(self, content: io.RawIOBase) -> None:
        self._file = io.TextIOWrapper(io.BufferedReader(content), encoding="utf-8-sig")
        self._text = ""
        self._at = 0
        self._is_whole = False

    def next_mark(self, number: int = 1) -> str | None:
        """The next character that is no space, None at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._read_on(number):
                return None

    def take_mark(self) -> None:
        """Go past it."""
        self._at += 1

    def take_value(self, number: int) -> object:
        """The value that begins at the next mark."""
        self.next_mark(number)
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if not _may_be_cut(error, self._text) or self._is_whole:
                    raise FileFault("json", number) from None
                if len(self._text) - self._at > _LONGEST_ROW:
                    raise FileFault("row-too-long", number) from None
                self._read_on(number)
                continue
            if end == len(self._text) and not isinstance(value, dict | list) and self._read_on(number):
                continue  # a number may go on
            self._at = end
            return value

    def _read_on(self, number: int) -> bool:
        if self._is_whole:
            return False
        try:
            piece = self._file.read(_PIECE)
        except UnicodeDecodeError:
            raise FileFault("not-utf-8", number) from None
        self._is_whole = not piece
        self._text = self._text[self._at :] + piece
        self._at = 0
        return bool(piece)


def _may_be_cut(error: Exception, text: str) -> bool:
    """Whether the value may be right as far as it goes, and go on in what has not been read."""
    return isinstance(error, json.JSONDecodeError) and (
        error.pos >= len(text) - _LONGEST_MARK or error.msg.startswith("Unterminated string")
    )


def json_line(value: object) -> str:
    """`value` in one line, Persian letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
