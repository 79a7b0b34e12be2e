"""Journal entry of a request that a partner's switch decides: what it came to, and its bytes.

It moves nothing in the ledger here. It is what a repeat is answered from, what a terminal's totals count and
what is settled with the partner.
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from protocol.message import Value
from switch.journal.text_bytes import RecordTags, pack_text, padded_text, unpack_text

_DIGEST_BYTES = 16


class Fate(IntEnum):
    """What became of a forwarded request.

    ANSWERED is what the partner decided. REFUSED never went out, or the partner answered without deciding
    it. STORED is an advice that the partner gets whenever that may be. TAKEN_BACK is reversed at the
    partner's without having been approved here. UNDOES is a terminal's reversal. DISCARDED is a STORED or
    UNDOES, or the reversal of a TAKEN_BACK, that the partner will never get; it tells the same once more.
    """

    ANSWERED = 1
    REFUSED = 2
    STORED = 3
    TAKEN_BACK = 4
    UNDOES = 5
    DISCARDED = 6


class ForwardedEntry(NamedTuple):
    """A terminal's request for a partner's card, or its reversal of one, and the reply that it gets.

    Identity, content and place are as in `TransactionEntry`; `mti` has no repeat mark. `original_s` and
    `original_stan` are the identity that a reversal names, else 0. `partner` is the name of the link,
    `partner_terminal_id`, `partner_s` (epoch seconds of field 7) and `partner_stan` the identity at the
    partner's: of the request, or of what a reversal undoes there. `net_amount`, `discount` and `tendered`
    are minor units and what the partner told; of an advice nobody knows them: they are amount, 0 and 0.
    `voids_hold` tells that a return gave a hold free. `reply_fields` and `reply_tags` (field 48) are those of
    the reply that its request doesn't bring along.
    """

    at_ms: int
    mti: str
    terminal_id: str
    stan: int
    transmitted_s: int
    digest: bytes
    processing_code: str
    amount: int
    currency: str
    merchant_id: str
    branch_number: int
    fate: Fate
    response_code: str
    original_s: int
    original_stan: int
    partner: str
    partner_terminal_id: str
    partner_s: int
    partner_stan: int
    net_amount: int = 0
    discount: int = 0
    tendered: int = 0
    voids_hold: bool = False
    reply_fields: tuple[tuple[int, str], ...] = ()
    reply_tags: RecordTags = ()


_HEAD = struct.Struct(f">QH8sIQ{_DIGEST_BYTES}sIQHIB2sQI8sQIQQQ?")
_TAG = struct.Struct(">?H")
_FATES = {int(fate): fate for fate in Fate}


def pack_forwarded(entry: ForwardedEntry) -> bytes:
    """Body of an entry; at most 255 fields and tags each."""
    return b"".join(
        [
            _HEAD.pack(
                entry.at_ms,
                int(entry.mti),
                entry.terminal_id.encode("ascii"),
                entry.stan,
                entry.transmitted_s,
                entry.digest,
                int(entry.processing_code),
                entry.amount,
                int(entry.currency),
                entry.branch_number,
                entry.fate,
                entry.response_code.encode("ascii"),
                entry.original_s,
                entry.original_stan,
                entry.partner_terminal_id.encode("ascii"),
                entry.partner_s,
                entry.partner_stan,
                entry.net_amount,
                entry.discount,
                entry.tendered,
                entry.voids_hold,
            ),
            pack_text(entry.merchant_id),
            pack_text(entry.partner),
            bytes((len(entry.reply_fields),)),
            *[bytes((number,)) + pack_text(text) for number, text in entry.reply_fields],
            bytes((len(entry.reply_tags),)),
            *[_pack_tag(tag, value) for tag, value in entry.reply_tags],
        ]
    )


def unpack_forwarded(body: bytes, *, for_replay: bool = False) -> ForwardedEntry:
    """Entry of a body. Raises ValueError, LookupError or struct.error for other bytes.

    `for_replay` leaves the fields and tags of the reply empty: they change no state.
    """
    (
        at_ms,
        mti,
        terminal_id,
        stan,
        transmitted_s,
        digest,
        processing_code,
        amount,
        currency,
        branch_number,
        fate,
        response_code,
        original_s,
        original_stan,
        partner_terminal_id,
        partner_s,
        partner_stan,
        net_amount,
        discount,
        tendered,
        voids_hold,
    ) = _HEAD.unpack_from(body)
    merchant_id, offset = unpack_text(body, _HEAD.size)
    partner, offset = unpack_text(body, offset)
    reply_fields: tuple[tuple[int, str], ...] = ()
    reply_tags: RecordTags = ()
    if not for_replay:
        reply_fields, offset = _unpack_fields(body, offset)
        reply_tags, offset = _unpack_tags(body, offset)
        if offset != len(body):
            raise ValueError("bytes behind the end")
    return ForwardedEntry(
        at_ms=at_ms,
        mti=f"{mti:04d}",
        terminal_id=padded_text(terminal_id),
        stan=stan,
        transmitted_s=transmitted_s,
        digest=digest,
        processing_code=f"{processing_code:06d}",
        amount=amount,
        currency=f"{currency:03d}",
        merchant_id=merchant_id,
        branch_number=branch_number,
        fate=_FATES[fate],
        response_code=padded_text(response_code),
        original_s=original_s,
        original_stan=original_stan,
        partner=partner,
        partner_terminal_id=padded_text(partner_terminal_id),
        partner_s=partner_s,
        partner_stan=partner_stan,
        net_amount=net_amount,
        discount=discount,
        tendered=tendered,
        voids_hold=voids_hold,
        reply_fields=reply_fields,
        reply_tags=reply_tags,
    )


def fields_of_answer(entry: ForwardedEntry) -> dict[int, Value]:
    """Own fields of the reply to a forwarded request: the same when it ends and whenever it is repeated."""
    fields: dict[int, Value] = {39: entry.response_code, **dict(entry.reply_fields)}
    if entry.reply_tags:
        fields[48] = dict(entry.reply_tags)
    return fields


def _pack_tag(tag: str, value: str | bytes) -> bytes:
    """Of a tag that the message spec doesn't know only its digits and bytes are there."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8")
    return pack_text(tag) + _TAG.pack(isinstance(value, bytes), len(raw)) + raw


def _unpack_fields(body: bytes, offset: int) -> tuple[tuple[tuple[int, str], ...], int]:
    fields = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        number = body[offset]
        text, offset = unpack_text(body, offset + 1)
        fields.append((number, text))
    return tuple(fields), offset


def _unpack_tags(body: bytes, offset: int) -> tuple[RecordTags, int]:
    tags: list[tuple[str, str | bytes]] = []
    count, offset = body[offset], offset + 1
    for _ in range(count):
        tag, offset = unpack_text(body, offset)
        is_bytes, length = _TAG.unpack_from(body, offset)
        offset += _TAG.size + length
        if offset > len(body):
            raise ValueError("tag runs over the end")
        raw = body[offset - length : offset]
        tags.append((tag, raw if is_bytes else raw.decode("utf-8")))
    return tuple(tags), offset
