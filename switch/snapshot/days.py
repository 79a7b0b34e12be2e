"""Sections of the rule tables and of the business days."""

from protocol.reconciliation import BatchTotals
from switch.ledger.business_day import DAYS_KEPT, DayBook, Upload
from switch.ledger.state import State
from switch.ledger.tables import TABLES_KEPT, TableInForce
from switch.rules.packing import unpack as unpack_table
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter

_FIGURES = len(BatchTotals._fields)


def dump_tables(state: State, out: ColumnWriter) -> None:
    """Tables as they were journaled, oldest first; none before the first one."""
    tables = [table for table in state.tables.kept if table.version]
    out.number(len(tables))
    out.numbers([table.version for table in tables])
    out.numbers([table.at_ms for table in tables])
    out.numbers([table.is_published for table in tables])
    out.blobs([table.table.packed for table in tables])


def load_tables(state: State, columns: ColumnReader) -> None:
    """What `dump_tables` wrote, into a state without tables. Raises RuleTableFault too."""
    count = columns.count()
    versions, times_ms, published = columns.numbers(count), columns.numbers(count), columns.numbers(count)
    packed = columns.blobs(count)
    if count > TABLES_KEPT or [version - versions[0] for version in versions] != list(range(count)):
        raise ColumnFault("rule tables don't follow each other")
    tables = {content: unpack_table(content) for content in set(packed)}
    if count:
        state.tables.restore(
            TableInForce(version, at_ms, tables[content], bool(is_published))
            for version, at_ms, content, is_published in zip(
                versions, times_ms, packed, published, strict=True
            )
        )


def dump_days(state: State, out: ColumnWriter) -> None:
    """Business days, oldest first; of each the totals and open uploads by terminal."""
    out.number(len(state.business.books))
    for book in state.business.books:
        out.number(book.day)
        out.number(book.first_position)
        out.number(book.last_position)
        terminals = sorted(book.terminals)
        out.number(len(terminals))
        out.texts(terminals)
        out.amounts([figure for name in terminals for figure in book.totals(name)])
        out.number(len(book.uploads))
        for name, upload in sorted(book.uploads.items()):
            out.texts([name])
            out.number(upload.differences)
            for found in (upload.seen, upload.met):
                out.number(len(found))
                out.numbers(sorted(found))


def load_days(state: State, columns: ColumnReader) -> None:
    """What `dump_days` wrote."""
    books = [_load_book(columns) for _ in range(columns.count())]
    days = [book.day for book in books]
    if not 0 < len(books) <= DAYS_KEPT or days != sorted(set(days)):
        raise ColumnFault("business days don't follow each other")
    state.business.restore(books)


def _load_book(columns: ColumnReader) -> DayBook:
    book = DayBook(columns.number(), columns.number())
    book.last_position = columns.number()
    count = columns.count()
    terminals, figures = columns.texts(count), columns.amounts(count * _FIGURES)
    for place, name in enumerate(terminals):
        column = book.figures(name)
        for index in range(_FIGURES):
            column[index] = figures[place * _FIGURES + index]
    for _ in range(columns.count()):
        name = columns.texts(1)[0]
        upload = book.uploads[name] = Upload()
        upload.differences = columns.number()
        upload.seen.update(columns.numbers(columns.count()))
        upload.met.update(columns.numbers(columns.count()))
    return book
