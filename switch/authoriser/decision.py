"""What the authoriser decides: an entry for the journal, if something is to be remembered, and the reply."""

from typing import NamedTuple

from protocol.dialect import ResponseCode
from switch.journal.entries import Entry, FileActionEntry, TransactionEntry


class Reply(NamedTuple):
    """Fields of the reply that the request doesn't bring along; `position` 0 and empty parts are left out."""

    response_code: str
    position: int = 0
    approval_code: str = ""
    balances: tuple[tuple[int, int], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


class Decision(NamedTuple):
    """`entry` is to be journaled and applied before `reply` may leave; None where nothing changes.

    `is_repeat` tells that the reply is a stored one.
    """

    entry: Entry | None
    reply: Reply
    is_repeat: bool = False


def refusal(response_code: ResponseCode, position: int = 0) -> Decision:
    """A reply of which nothing has to be remembered."""
    return Decision(None, Reply(response_code, position))


def reply_of(position: int, entry: TransactionEntry | FileActionEntry) -> Reply:
    """The reply to a journaled request: the same when it is decided and whenever it is repeated."""
    if isinstance(entry, FileActionEntry):
        return Reply(entry.response_code, position)
    approved = entry.response_code == ResponseCode.APPROVED
    return Reply(
        entry.response_code,
        position,
        entry.approval_code,
        entry.balances if approved else (),
        entry.reply_tags,
    )
