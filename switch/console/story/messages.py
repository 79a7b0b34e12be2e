"""A request and its reply again, byte by byte, as far as the journal has them.

The reply is made as one to a repeat is: the stored outcome becomes its own fields, and the rest is echoed
from the request. Of the request the journal has what was decided by. What is missing is told with both.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from protocol.codec import encode, mac_field, view_codec
from protocol.dialect import FileName, ResponseCode, Tag
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.message_type import response_of
from protocol.presentation.masking import Masking
from protocol.presentation.spans import read
from protocol.presentation.text import byte_cover, document
from protocol.reconciliation import totals_fields
from protocol.spec import SpecDocument
from switch.authoriser.dates import transmission_text
from switch.authoriser.decision import reply_of
from switch.console.story.rows import mti_of
from switch.console.story.titles import Words, words
from switch.gate.translate import fields_of_reply, with_business_day
from switch.journal.entries import (
    CutOverEntry,
    Entry,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    OrderEntry,
    ReconciliationEntry,
    RuleTableEntry,
    TransactionEntry,
)
from switch.ledger.state import State
from switch.rules.local_time import local_day

Asked = TransactionEntry | FileActionEntry | ReconciliationEntry | ForwardedEntry

_NOT_KEPT: Final = Words(
    "came with the request and is not kept in the journal", "با درخواست آمد و در دفتر نگه داشته نمی‌شود"
)
_CARD: Final = Words(
    "a card's number or track is nowhere kept: the journal knows the club's reference of it",
    "شمارهٔ کارت یا شیار آن جایی نگه داشته نمی‌شود: دفتر شناسهٔ باشگاه را می‌داند",
)
_TAGS: Final = Words(
    "only what was decided by them is kept, not the tags themselves",
    "تنها آنچه بر پایهٔ آن‌ها تصمیم گرفته شد نگه داشته می‌شود",
)
_MAC: Final = Words(
    "a repeat gets a new one, under the key of its session", "تکرار، کد تازه‌ای با کلید نشست خود می‌گیرد"
)
_ORIGINAL: Final = Words(
    "STAN and time of the original are kept, its message type is not",
    "شمارهٔ پیگیری و زمان اصل نگه داشته می‌شود، نوع پیامش نه",
)
_WHY: Final = {2: _CARD, 35: _CARD, 48: _TAGS, 64: _MAC, 90: _ORIGINAL, 128: _MAC}


class Exchange(NamedTuple):
    """What a request's terminal sent, and the own fields of what it was answered."""

    mti: str
    request: dict[int, Value]
    own: dict[int, Value]


class Written(NamedTuple):
    """The payloads of an exchange, as far as there is something to write, without MAC."""

    exchange: Exchange
    request: bytes
    reply: bytes


def exchange_of(position: int, entry: Entry, state: State) -> Exchange | None:
    """The fields of both messages, None where no request led to the entry."""
    if isinstance(entry, RuleTableEntry | MaintenanceEntry | CutOverEntry | OrderEntry):
        return None
    mti = mti_of(entry)
    own = fields_of_reply(mti, reply_of(position, entry), state.rule_table.purses)
    return Exchange(mti, _kept(entry), with_business_day(own, mti, position, state.business))


def written_of(exchange: Exchange, spec: SpecDocument) -> Written | None:
    """The payloads of both messages, None where what is kept makes none. For the event loop's thread."""
    try:
        payload = encode(spec, Message(exchange.mti, exchange.request))
    except ProtocolFault:
        return None
    return Written(exchange, payload, _reply(payload, exchange, spec))


def messages_of(written: Written, spec: SpecDocument) -> dict[str, object]:
    """Request and reply as JSON with their bytes, masked, and what they lack. In any thread."""
    exchange = written.exchange
    rules = spec.messages[exchange.mti]
    sure = {*rules.mandatory, *exchange.request}
    answered = {*exchange.own, *sure.intersection(spec.echo_of(response_of(exchange.mti)))}
    may_be = [number for number in rules.listed if number not in sure]
    return {
        "request": {
            **_shown(written.request, spec),
            "lacks": _lacking(_sealed(sure), exchange.request, spec),
            "may_lack": _lacking(may_be, exchange.request, spec),
        },
        "reply": {
            **_shown(written.reply, spec),
            "lacks": _lacking(_sealed(answered), exchange.request | exchange.own, spec),
            "may_lack": [],
        },
    }


def _reply(payload: bytes, exchange: Exchange, spec: SpecDocument) -> bytes:
    view = view_codec(spec).view(payload)
    try:
        return view.respond(exchange.own)
    except ProtocolFault:  # as every repeat is then answered
        return view.respond({39: ResponseCode.SYSTEM_MALFUNCTION.value})


def _sealed(numbers: Iterable[int]) -> list[int]:
    """Fields of a message with that of its MAC."""
    present: dict[int, Value] = dict.fromkeys(numbers, "")
    return [*present, mac_field(present)]


def _kept(entry: Asked) -> dict[int, Value]:
    """Fields of a request that its entry keeps."""
    fields: dict[int, Value] = {
        7: transmission_text(entry.transmitted_s),
        11: f"{entry.stan:06d}",
        41: entry.terminal_id,
    }
    if isinstance(entry, FileActionEntry):
        # What is kept of a published table is the answer; of a PIN only what it is compared with.
        record = () if entry.file_name == FileName.RULES else entry.record
        tags = {tag: value for tag, value in record if tag != Tag.PIN_CHECK}
        fields |= {91: entry.action, 101: entry.file_name}
        return fields | {120: tags} if tags else fields
    fields[42] = entry.merchant_id
    if isinstance(entry, ReconciliationEntry):
        fields[15] = f"{local_day(entry.day).date:08d}"[4:]
        return fields if entry.mti != "0500" else fields | totals_fields(entry.claimed)
    fields |= {3: entry.processing_code, 49: entry.currency}
    if entry.amount or entry.mti != "0100":
        fields[4] = f"{entry.amount:012d}"
    return fields


def _shown(payload: bytes, spec: SpecDocument) -> dict[str, object]:
    reading = read(spec, payload)
    cover = byte_cover(reading, unsafe=False)
    return {
        **document(reading, Masking(reading)),
        "hex": " ".join(hidden or f"{byte:02X}" for byte, hidden in zip(payload, cover, strict=False)),
    }


def _lacking(
    numbers: Iterable[int], present: dict[int, Value], spec: SpecDocument
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number in sorted(set(numbers) - set(present)):
        field = spec.fields[number]
        found.append(
            {
                "field": number,
                "name": field.name,
                "title": field.title.model_dump(),
                "why": words(_WHY.get(number, _NOT_KEPT)),
            }
        )
    return found
