"""Texts that begin with others, in the form for which each database has an index.

PostgreSQL reads LIKE by an index of `varchar_pattern_ops`. SQLite reads no LIKE with a parameter by an index,
and takes small and capital Latin letters for the same there; but it orders texts by their code points, so
those with a beginning lie between two texts.
"""

from typing import Final, Self

from sqlalchemy import Boolean, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

_LAST: Final = chr(0x10FFFF)
_BEHIND_ALL: Final = _LAST * 256
_SURROGATES: Final = range(0xD800, 0xE000)
_ESCAPE: Final = "/"


class BeginsWith(FunctionElement[bool]):
    """Whether a column's text begins with another, letter by letter the same."""

    name = "begins_with"
    type = Boolean()
    inherit_cache = True

    def __init__(self, column: InstrumentedAttribute[object], text: str) -> None:
        texts = (text, first_behind(text), _pattern(text))
        super().__init__(column, *(bindparam(None, each, String) for each in texts))

    def self_group(self, against: OperatorType | None = None) -> Self:
        """Itself: compared with true, as a function would be on SQLite, it has no index."""
        return self


def first_behind(text: str) -> str:
    """The first text by code points that is behind all that begin with `text`."""
    begin = text.rstrip(_LAST)
    if not begin:
        return _BEHIND_ALL
    following = ord(begin[-1]) + 1
    return begin[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)


def _pattern(text: str) -> str:
    for letter in (_ESCAPE, "%", "_"):
        text = text.replace(letter, _ESCAPE + letter)
    return text + "%"


@compiles(BeginsWith)
def _like(element: BeginsWith, compiler: SQLCompiler, **keywords: object) -> str:
    column, _, _, pattern = (compiler.process(clause, **keywords) for clause in element.clauses)
    return f"({column} LIKE {pattern} ESCAPE '{_ESCAPE}')"


@compiles(BeginsWith, "sqlite")
def _between(element: BeginsWith, compiler: SQLCompiler, **keywords: object) -> str:
    column, begin, behind, _ = (compiler.process(clause, **keywords) for clause in element.clauses)
    return f"({column} >= {begin} AND {column} < {behind})"
