"""What the authoriser decides: an entry for the journal, if something is to be remembered, and the reply."""

from typing import NamedTuple

from protocol.dialect import FileName, ResponseCode, Tag
from protocol.reconciliation import totals_fields
from switch.journal.entries import (
    Entry,
    FileActionEntry,
    ForwardedEntry,
    ReconciliationEntry,
    RecordTags,
    TransactionEntry,
)


class Reply(NamedTuple):
    """Fields of the reply that the request doesn't bring along; `position` 0 and empty parts are left out."""

    response_code: str
    position: int = 0
    approval_code: str = ""
    balances: tuple[tuple[int, int], ...] = ()
    tags: RecordTags = ()
    fields: tuple[tuple[int, str], ...] = ()


class Decision(NamedTuple):
    """`entry` is to be journaled and applied before `reply` may leave; None where nothing changes.

    `repeats` is the position of the entry whose stored reply this is, else 0; `is_handed_over` tells that not
    this reply counts but what the publication of rule tables answers.
    """

    entry: Entry | None
    reply: Reply
    repeats: int = 0
    is_handed_over: bool = False


def refusal(response_code: ResponseCode, position: int = 0) -> Decision:
    """A reply of which nothing has to be remembered."""
    return Decision(None, Reply(response_code, position))


def reply_of(
    position: int, entry: TransactionEntry | FileActionEntry | ReconciliationEntry | ForwardedEntry
) -> Reply:
    """The reply to a journaled request: the same when it is decided and whenever it is repeated."""
    if isinstance(entry, FileActionEntry):
        # What is kept of a published rule table is what its host was told of it.
        tags = entry.record if entry.file_name == FileName.RULES else ()
        return Reply(entry.response_code, position, tags=tags)
    if isinstance(entry, ReconciliationEntry):
        return _reconciliation_reply(position, entry)
    if isinstance(entry, ForwardedEntry):
        # Field 37 is the partner's, if it gave one.
        return Reply(entry.response_code, tags=entry.reply_tags, fields=entry.reply_fields)
    approved = entry.response_code == ResponseCode.APPROVED
    return Reply(
        entry.response_code,
        position,
        entry.approval_code,
        entry.balances if approved else (),
        entry.reply_tags,
    )


def _reconciliation_reply(position: int, entry: ReconciliationEntry) -> Reply:
    """An upload is only acknowledged; totals are answered by the switch's own."""
    if not entry.settlement_code:
        return Reply(entry.response_code, position)
    tags = [
        (Tag.DAY_FIRST_RRN.value, f"{entry.first_position:012d}"),
        (Tag.DAY_LAST_RRN.value, f"{entry.last_position:012d}"),
    ]
    if entry.announced is not None and entry.response_code == ResponseCode.APPROVED:
        tags.append((Tag.DIFFERENCE_COUNT.value, f"{entry.differences:06d}"))
    fields = {66: entry.settlement_code, **totals_fields(entry.counted)}
    return Reply(entry.response_code, position, tags=tuple(tags), fields=tuple(fields.items()))
