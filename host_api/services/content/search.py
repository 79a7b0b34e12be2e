"""Finding texts by their words, in whatever spelling: one index that both databases read the same way.

Each text leaves its words folded as names are (`persian_text.search_words`): no ي and ك of Arabic keyboards,
no vowel marks, ASCII digits. A word with a half space is found in one piece, in its parts, and by both.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, false, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.beginnings import BeginsWith
from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.persian_text import search_words
from host_api.services.content.models import ContentWord

MOST_WORDS: Final = 2000
MOST_QUERY_WORDS: Final = 8
_LONGEST_WORD: Final = 40
_ZWNJ: Final = "\u200c"
_AT_ONCE: Final = 500
# What joins words in print and parts them for a reader.
_PARTING: Final = str.maketrans(dict.fromkeys("-–—/_.,،؛;:!?؟()[]«»\"'…|", " "))


class SearchedKind(StrEnum):
    """What has words."""

    POST = "post"
    DOCUMENT = "document"
    COURSE = "course"


def words_of(text: str) -> list[str]:
    """The words that find a text, each once, in their order."""
    found: dict[str, None] = {}
    for written in text.translate(_PARTING).split():
        pieces = (written, *written.split(_ZWNJ)) if _ZWNJ in written else (written,)
        for piece in pieces:
            for word in search_words(piece):
                found.setdefault(word[:_LONGEST_WORD])
    return list(found)


async def keep_words(
    session: WriteSession, kind: SearchedKind, subject_id: int, texts: Iterable[str | None]
) -> None:
    """Have a text found by the words of `texts`, and by no others; the first `MOST_WORDS` count."""
    await session.execute(
        delete(ContentWord)
        .where(ContentWord.kind == kind.value, ContentWord.subject_id == subject_id)
        .execution_options(synchronize_session=False)
    )
    words = words_of(" ".join(text for text in texts if text))[:MOST_WORDS]
    programme_id = programme_of(session.sync_session)
    for first in range(0, len(words), _AT_ONCE):
        await session.execute(
            insert(ContentWord),
            [
                {"programme_id": programme_id, "kind": kind.value, "word": word, "subject_id": subject_id}
                for word in words[first : first + _AT_ONCE]
            ],
        )


def found_by(
    kind: SearchedKind, subject: InstrumentedAttribute[int], query: str | None
) -> list[ColumnElement[bool]]:
    """The comparisons for rows that have every word of `query`; each word may be but a beginning."""
    if query is None:
        return []
    wanted = [_fits(kind, subject, written) for written in query.translate(_PARTING).split()]
    conditions = [condition for condition in wanted if condition is not None][:MOST_QUERY_WORDS]
    return conditions or [false()]


def _fits(
    kind: SearchedKind, subject: InstrumentedAttribute[int], written: str
) -> ColumnElement[bool] | None:
    whole = "".join(search_words(written))
    if not whole:
        return None
    parts = [word for part in written.split(_ZWNJ) for word in search_words(part)]
    in_one = _has(kind, subject, whole)
    return in_one if len(parts) < 2 else or_(in_one, and_(*(_has(kind, subject, each) for each in parts)))


def _has(kind: SearchedKind, subject: InstrumentedAttribute[int], word: str) -> ColumnElement[bool]:
    return subject.in_(
        select(ContentWord.subject_id).where(
            ContentWord.kind == kind.value, BeginsWith(ContentWord.word, word[:_LONGEST_WORD])
        )
    )
