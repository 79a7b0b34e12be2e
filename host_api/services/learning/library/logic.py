"""Reports and books: kept, found, shown."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.files.keeping import keep_file, let_file_go
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.content import logic as content
from host_api.services.content.schemas import ContentArea, PersonRole
from host_api.services.content.search import SearchedKind, found_by, keep_words
from host_api.services.learning.library.listing import ShelfQuery
from host_api.services.learning.library.problems import LibraryDocumentEmpty, LibraryDocumentNotFound
from host_api.services.learning.library.schemas import (
    ContentState,
    DocumentKind,
    LibraryDocumentCreate,
    LibraryDocumentRead,
    LibraryDocumentUpdate,
)
from host_api.services.learning.models import LibraryDocument

# What may be taken off again.
_OPTIONAL = {"subject", "publisher", "publisher_kind", "dated_on"}
IS_SHOWN = LibraryDocument.state == ContentState.PUBLISHED.value


async def create(session: WriteSession, wanted: LibraryDocumentCreate) -> LibraryDocument:
    """Keep a draft.

    Raises:
        ContentCategoryNotFound, ContentPersonNotFound, FileNotFree
    """
    await _check(session, wanted.kind, wanted.category_id, wanted.author_id)
    now = utc_now()
    if wanted.file_id is not None:
        await keep_file(session, wanted.file_id, now)
    values = wanted.model_dump(exclude={"kind", "publisher_kind"})
    row = LibraryDocument(
        **values,
        kind=wanted.kind.value,
        publisher_kind=None if wanted.publisher_kind is None else wanted.publisher_kind.value,
        state=ContentState.DRAFT.value,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    await _keep_words(session, row)
    return row


async def find(session: AnySession, document_id: int) -> LibraryDocument:
    """One report or book.

    Raises:
        LibraryDocumentNotFound
    """
    row = await session.get(LibraryDocument, document_id)
    if row is None:
        raise LibraryDocumentNotFound
    return row


async def find_shown(session: AnySession, document_id: int) -> LibraryDocument:
    """One that members see.

    Raises:
        LibraryDocumentNotFound
    """
    row = await find(session, document_id)
    if row.state != ContentState.PUBLISHED:
        raise LibraryDocumentNotFound
    return row


async def change(
    session: WriteSession, document_id: int, if_match: str, wanted: LibraryDocumentUpdate
) -> LibraryDocument:
    """Change what is given; a file takes the place of the one before.

    Raises:
        LibraryDocumentNotFound, ChangedMeanwhile, ContentCategoryNotFound, ContentPersonNotFound,
        FileNotFree, LibraryDocumentEmpty
    """
    row = await find(session, document_id)
    check_version(row, if_match)
    await _check(
        session,
        DocumentKind(row.kind),
        wanted.category_id or row.category_id,
        wanted.author_id or row.author_id,
    )
    now, before = utc_now(), row.file_id
    if wanted.file_id is not None and wanted.file_id != before:
        await keep_file(session, wanted.file_id, now)
        if before is not None:
            await let_file_go(session, before, now)
    for name, value in wanted.model_dump(exclude_unset=True, mode="json").items():
        if value is not None or name in _OPTIONAL:
            setattr(row, name, getattr(wanted, name) if name == "dated_on" else value)
    if row.state == ContentState.PUBLISHED and row.file_id is None:
        raise LibraryDocumentEmpty
    await session.flush()
    await _keep_words(session, row)
    return row


async def read_page(
    session: AnySession, query: ShelfQuery, only: Sequence[ColumnElement[bool]] = ()
) -> Page[LibraryDocumentRead]:
    """A page of reports and books."""
    statement = select(LibraryDocument).where(
        *only, *found_by(SearchedKind.DOCUMENT, LibraryDocument.id, query.q)
    )
    if query.category_id is not None:
        ids = await content.with_those_below(session, query.category_id)
        statement = statement.where(LibraryDocument.category_id.in_(ids))
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[LibraryDocumentRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def _check(session: AnySession, kind: DocumentKind, category_id: int, author_id: int) -> None:
    await content.find_category(session, category_id, ContentArea.LIBRARY)
    await content.find_person(
        session, author_id, PersonRole.ANALYST if kind is DocumentKind.ANALYSIS else None
    )


async def _keep_words(session: WriteSession, row: LibraryDocument) -> None:
    author = await content.find_person(session, row.author_id)
    texts = [row.title, row.subject, author.name, author.name_fa, row.publisher, row.abstract]
    await keep_words(session, SearchedKind.DOCUMENT, row.id, texts)
