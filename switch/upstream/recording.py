"""What the journal tells of a forwarded request, from the first draft to how it ended."""

from collections.abc import Mapping
from typing import NamedTuple

from protocol.dialect import ResponseCode, Tag, TransactionType
from protocol.message import Message
from protocol.message_type import original_of
from switch.authoriser.request import Reversal
from switch.journal.entries import Fate, ForwardedEntry
from switch.upstream.questions import Question
from switch.upstream.saf_types import Forwarded
from switch.upstream.translation import own_fields

_TEXT_FIELDS = (37, 38, 54)


class Told(NamedTuple):
    """What makes an entry this one and no other, wherever in the journal it stands."""

    terminal_id: str
    transmitted_s: int
    stan: int
    is_discarded: bool


def told_of(entry: ForwardedEntry) -> Told:
    """A request has one entry, and one more where the partner will never get it."""
    return Told(entry.terminal_id, entry.transmitted_s, entry.stan, entry.fate is Fate.DISCARDED)


def draft(question: Question, row: Forwarded, partner: str) -> ForwardedEntry:
    """What will be told of a request if nobody ever learns more: it was taken back. Its time is not set.

    `row` is its identity at the partner's, of a reversal that of its original.
    """
    request, terminal = question.request, question.terminal
    reverses = isinstance(request, Reversal)
    return ForwardedEntry(
        at_ms=0,
        mti=original_of(question.message.mti),
        terminal_id=request.identity.terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        processing_code=request.processing_code,
        amount=request.amount,
        currency=request.currency,
        merchant_id=request.merchant_id,
        branch_number=terminal.branch_number,
        fate=Fate.UNDOES if reverses else Fate.TAKEN_BACK,
        response_code=(ResponseCode.APPROVED if reverses else ResponseCode.SWITCH_INOPERATIVE).value,
        original_s=request.original_s if isinstance(request, Reversal) else 0,
        original_stan=request.original_stan if isinstance(request, Reversal) else 0,
        partner=partner,
        partner_terminal_id=row.terminal_id,
        partner_s=row.sent_s,
        partner_stan=row.stan,
    )


def stored(entry: ForwardedEntry) -> ForwardedEntry:
    """An advice that is sure to reach the partner."""
    return entry._replace(
        fate=Fate.STORED, response_code=ResponseCode.APPROVED.value, net_amount=entry.amount
    )


def unsent(entry: ForwardedEntry, code: ResponseCode) -> ForwardedEntry:
    """A request that never went out."""
    return entry._replace(fate=Fate.REFUSED, response_code=code.value)


def undone(entry: ForwardedEntry) -> ForwardedEntry:
    """A request whose terminal took it back before it was answered."""
    return entry._replace(fate=Fate.TAKEN_BACK, response_code=ResponseCode.NO_ACTION_TAKEN.value)


def answered(entry: ForwardedEntry, reply: Message, *, is_decided: bool) -> ForwardedEntry:
    """A request that the partner has answered; `is_decided` tells whether it did more than that."""
    own = own_fields(reply)
    tags = own.get(48, {})
    told = (
        {tag: value for tag, value in tags.items() if isinstance(value, str | bytes)}
        if isinstance(tags, Mapping)
        else {}
    )
    code = str(own[39])
    found = entry._replace(
        fate=Fate.ANSWERED if is_decided else Fate.REFUSED,
        response_code=code,
        reply_fields=tuple(
            (number, value) for number in _TEXT_FIELDS if isinstance(value := own.get(number), str)
        ),
        reply_tags=tuple(told.items()),
    )
    return _with_amounts(found, told) if code == ResponseCode.APPROVED else found


def _with_amounts(entry: ForwardedEntry, told: dict[str, str | bytes]) -> ForwardedEntry:
    """What is left to pay is told where it isn't simply the amount; a purse paid what lacks then."""
    type_code = entry.processing_code[:2]
    if type_code == TransactionType.RETURN:
        refund = _number(told.get(Tag.REFUND_AMOUNT))
        # Every return tells its refund; what gives a hold free has none.
        return entry._replace(net_amount=refund or 0, voids_hold=refund is None)
    net = _number(told.get(Tag.NET_AMOUNT))
    if net is None or type_code != TransactionType.PURCHASE:
        return entry._replace(net_amount=entry.amount)
    discount = _number(told.get(Tag.DISCOUNT_AMOUNT)) or 0
    return entry._replace(net_amount=net, discount=discount, tendered=max(0, entry.amount - discount - net))


def _number(value: str | bytes | None) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None
