"""One transaction's story: all that the journal, the state and the rule table of its time say of it."""

from typing import NamedTuple

from protocol.dialect import ResponseCode, Tag
from protocol.spec import SpecDocument
from switch.authoriser.dates import transmission_text
from switch.console.story.links import Later, Link, Way, earlier_links
from switch.console.story.messages import Written, exchange_of, written_of
from switch.console.story.postings import lines_of, postings_of, records_of, rules_of
from switch.console.story.receipt import receipt_document, receipt_of
from switch.console.story.rows import fields_of, row_of
from switch.console.story.segments import Batch
from switch.console.story.titles import Words, words
from switch.journal.entries import (
    Entry,
    Fate,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    OrderEntry,
    ReconciliationEntry,
    TransactionEntry,
)
from switch.journal.format import RawEntry
from switch.ledger.holds import Hold
from switch.ledger.requests import request_key
from switch.ledger.state import State
from switch.operations.feed import Naming
from switch.rules.local_time import iso_date

_RRN_FIELD = 37
_NOT_KEPT = (
    Words(
        "Repeats that were answered with the stored reply leave no trace; their number is counted only",
        "تکرارهایی که پاسخ ذخیره‌شده گرفتند ردی نمی‌گذارند؛ تنها شمارشان هست",
    ),
    Words("Inquiries change nothing and are not kept", "استعلام‌ها چیزی را تغییر نمی‌دهند و نگه داشته نمی‌شوند"),
)


class Read(NamedTuple):
    """What was read of the journal for a story: the entry, its batch, later entries that name it."""

    raw: RawEntry
    entry: Entry
    batch: Batch
    later: Later


class Story(NamedTuple):
    """All but the messages as JSON, and what these are made of: reading them takes a while, in any thread."""

    told: dict[str, object]
    written: Written | None


def story_of(read: Read, state: State, naming: Naming, spec: SpecDocument) -> Story:
    """The story. For the event loop's thread, as the state belongs to it."""
    raw, entry = read.raw, read.entry
    exchange = exchange_of(raw.position, entry, state)
    receipt = None if exchange is None else receipt_of(exchange)
    found: dict[str, object] = {
        "transaction": row_of(raw.position, entry),
        "response": _response(entry, spec),
        "fields": fields_of(entry),
        "journal": _journal(read, state),
        "links": {
            "earlier": [link._asdict() for link in _earlier(entry, state)],
            **later_document(read.later),
            "undone_by": _undone_by(entry, state),
        },
        "receipt": None if receipt is None else receipt_document(receipt),
        "repeat_gets": _repeat_gets(raw.position, entry, state),
        "not_kept": [words(each) for each in _NOT_KEPT],
    }
    if isinstance(entry, TransactionEntry):
        found["rules"] = rules_of(entry, state.tables.of_version(entry.rule_table_version), naming)
        found["lines"] = lines_of(entry)
        hold = state.holds.get(raw.position)
        found["open_hold"] = None if hold is None else _hold(hold, naming)
        found["returned"] = _returned(raw.position, state)
    if isinstance(entry, TransactionEntry | MaintenanceEntry):
        found["postings"] = postings_of(raw.position, entry, naming)
    if isinstance(entry, TransactionEntry | FileActionEntry):
        found["records"] = records_of(entry, spec)
    if isinstance(entry, ForwardedEntry):
        found["partner"] = _partner(entry)
    if isinstance(entry, OrderEntry):
        found["order"] = {"arguments": dict(entry.arguments)}
    if isinstance(entry, ReconciliationEntry):
        found["reconciliation"] = _reconciliation(entry)
    return Story(found, None if exchange is None else written_of(exchange, spec))


def later_document(later: Later) -> dict[str, object]:
    """Later entries that name it, as JSON."""
    return {
        "later": [link._asdict() for link in later.links],
        "read_to": later.read_to,
        "next_after": later.next_after,
    }


def _response(entry: Entry, spec: SpecDocument) -> dict[str, object] | None:
    code = getattr(entry, "response_code", None)
    if not isinstance(code, str):
        return None
    known = spec.response_codes.get(code)
    tags = dict(entry.reply_tags) if isinstance(entry, TransactionEntry | ForwardedEntry) else {}
    texts = Words(str(tags.get(Tag.MEMBER_TEXT_EN, "")), str(tags.get(Tag.MEMBER_TEXT_FA, "")))
    return {
        "code": code,
        "title": None if known is None else known.title.model_dump(),
        "member_text": words(texts),
    }


def _journal(read: Read, state: State) -> dict[str, object]:
    raw = read.raw
    book = next((book for book in state.business.books if book.holds(raw.position)), None)
    return {
        "position": raw.position,
        "kind": raw.kind,
        "version": raw.version,
        "body_bytes": len(raw.body),
        "batch": read.batch._asdict(),
        # Of the last business days only; which day an older entry is of isn't kept in memory.
        "business_date": iso_date(book.day) if book is not None and book.day else None,
    }


def _earlier(entry: Entry, state: State) -> list[Link]:
    """Earlier entries that it names, also by the identity of a request."""
    found = earlier_links(entry)
    if not isinstance(entry, TransactionEntry | ForwardedEntry):
        return found
    window = state.window(entry.terminal_id)
    if window is None:
        return found
    if entry.original_s and not any(link.way is Way.REVERSES for link in found):
        position = window.find(request_key(entry.original_s, entry.original_stan))
        found += [] if position is None else [Link(Way.REVERSES, position)]
    if isinstance(entry, ForwardedEntry) and entry.fate is Fate.DISCARDED:
        position = window.find(request_key(entry.transmitted_s, entry.stan))
        found += [] if position is None else [Link(Way.SAME_REQUEST, position)]
    return found


def _undone_by(entry: Entry, state: State) -> int | None:
    """Position of the reversal that named it, as long as the terminal's window has it."""
    if not isinstance(entry, TransactionEntry | ForwardedEntry):
        return None
    window = state.window(entry.terminal_id)
    return None if window is None else window.undone_by(request_key(entry.transmitted_s, entry.stan))


def _repeat_gets(position: int, entry: Entry, state: State) -> str | None:
    """What the same request would be answered if it came once more now; None where no request led here."""
    if not isinstance(entry, TransactionEntry | FileActionEntry | ReconciliationEntry | ForwardedEntry):
        return None
    window = state.window(entry.terminal_id)
    key = request_key(entry.transmitted_s, entry.stan)
    if window is None or window.find(key) != position:
        return ResponseCode.DUPLICATE_TRANSMISSION.value
    if window.undone_by(key) is not None:
        return ResponseCode.NO_ACTION_TAKEN.value
    return "stored_reply"


def _hold(hold: Hold, naming: Naming) -> dict[str, object]:
    return {
        "account": naming.account(hold.account),
        "purse": naming.purse(hold.purse),
        "amount": hold.amount,
        "tendered": hold.tendered,
        "expires_at_s": hold.expires_at_s,
    }


def _returned(position: int, state: State) -> dict[str, object] | None:
    """What came back of a sale, as far back as that is known."""
    found = state.returns.get(position)
    if found is None:
        return None
    return {"amount": found.amount, "is_undone": found.is_undone}


def _partner(entry: ForwardedEntry) -> dict[str, object]:
    return {
        "link": entry.partner,
        "fate": entry.fate.name.lower(),
        "terminal_id": entry.partner_terminal_id,
        "stan": f"{entry.partner_stan:06d}",
        "transmitted_at": transmission_text(entry.partner_s),
        "rrn": dict(entry.reply_fields).get(_RRN_FIELD),
        "reply_fields": [{"field": number, "value": text} for number, text in entry.reply_fields],
    }


def _reconciliation(entry: ReconciliationEntry) -> dict[str, object]:
    return {
        "business_date": iso_date(entry.day),
        "claimed": entry.claimed._asdict(),
        "counted": entry.counted._asdict(),
        "items": [{**item._asdict(), "verdict": item.verdict.name.lower()} for item in entry.items],
    }
