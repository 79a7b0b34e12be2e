"""Requests of our terminals for partner cards, as the gate hands them over; and cores set up for tests."""

import hashlib
from pathlib import Path

from protocol.message import Message, Value
from protocol.original_data import OriginalData
from switch.authoriser.dates import transmission_text
from switch.authoriser.request import Financial, Identity, Reversal, Step
from switch.gate.forwarding import Answer
from switch.ledger.records import Role, Status, TerminalRecord
from switch.upstream.assembly import Parts, assemble
from switch.upstream.questions import Question
from switch.upstream.saf_types import Loaded
from switch.upstream.settings import UpstreamDocument
from switch.upstream.terminals import Terminals
from tests.switch.upstream.partner_wire import PARTNER_MERCHANT, PARTNER_TERMINAL, SPEC, terminals

MERCHANT = "SHOP1"
PARTNER_CARD = "6280990000000017"
START_S = 1_795_291_200
EMPTY = Loaded((), (), (), {}, 1)


def local_terminal(terminal_id: str = "T0000001") -> TerminalRecord:
    """A terminal of the shop."""
    return TerminalRecord(terminal_id, MERCHANT, 1, 1, Role.TERMINAL, Status.ACTIVE)


def purchase(
    stan: int,
    amount: int = 1000,
    *,
    mti: str = "0200",
    processing_code: str = "000000",
    sent_s: int = START_S,
    terminal_id: str = "T0000001",
) -> Message:
    """A purchase, inquiry (0100) or advice (0220) as its terminal sends it."""
    fields: dict[int, Value] = {
        2: PARTNER_CARD,
        3: processing_code,
        4: f"{amount:012d}",
        7: transmission_text(sent_s),
        11: f"{stan:06d}",
        12: "101500",
        13: "0830",
        22: "021",
        41: terminal_id,
        42: MERCHANT,
        49: "364",
    }
    return Message(mti, fields)


def reversal_of(original: Message, stan: int, *, mti: str = "0400", sent_s: int = START_S) -> Message:
    """The terminal's own reversal."""
    copied = {number: original.fields[number] for number in (3, 4, 12, 13, 41, 42, 49)}
    named = OriginalData(original.mti, original.text(11), original.text(7)).pack()
    return Message(mti, {**copied, 7: transmission_text(sent_s), 11: f"{stan:06d}", 90: named})


def question(message: Message, answer: Answer, sent_s: int = START_S) -> Question:
    """What the gate asks; `sent_s` is field 7 of the message, and of the original of a reversal."""
    content = repr((message.mti[:3], sorted(message.fields.items())))
    identity = Identity(
        message.text(41), int(message.text(11)), sent_s, hashlib.sha256(content.encode()).digest()[:16]
    )
    request: Financial | Reversal
    if message.mti[1] == "4":
        named = OriginalData.unpack(message.text(90))
        request = Reversal(
            identity,
            message.text(3),
            int(message.text(4)),
            message.text(49),
            message.text(42),
            named.mti,
            int(named.stan),
            sent_s,
        )
    else:
        step = {"01": Step.AUTHORISATION, "22": Step.ADVICE}.get(message.mti[1:3], Step.FINANCIAL)
        if message.mti[1] == "1":
            step = Step.AUTHORISATION
        request = Financial(
            identity,
            step,
            message.text(3),
            int(message.text(4)),
            message.text(49),
            message.text(42),
            message.text(22),
            b"t" * 16,
            None,
        )
    return Question(message, request, local_terminal(message.text(41)), answer)


def document(**changes: object) -> UpstreamDocument:
    """Settings of a partner; the keys are given otherwise."""
    return UpstreamDocument.model_validate(
        {
            "addresses": ["127.0.0.1:7583"],
            "card_prefixes": ["628099"],
            "terminals": [
                {
                    "terminal_id": PARTNER_TERMINAL,
                    "merchant_id": PARTNER_MERCHANT,
                    "key_file": Path("unused"),
                }
            ],
            **changes,
        }
    )


def parts(
    loaded: Loaded = EMPTY, settings: UpstreamDocument | None = None, given: Terminals | None = None
) -> Parts:
    """The cores; a PIN key of every terminal of ours is its serial number, and zeros."""
    return assemble(
        settings or document(),
        SPEC,
        given or terminals(),
        loaded,
        pin_key=lambda _, serial: serial.ljust(16, b"\0"),
        chance=lambda: 0.5,
    )
