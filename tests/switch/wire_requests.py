"""Requests on their whole way from a message: bytes, decoder, check of the type, translation."""

from collections.abc import Mapping

import pytest

from protocol.codec import decode, encode_sealed
from protocol.dialect import ProcessingCode
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from switch.authoriser.request import (
    Financial,
    Request,
)
from switch.gate.translate import FieldFault, check_fields, request_of
from switch.keyring import Keyring
from switch.ledger.records import Role, Status, TerminalRecord
from tests.protocol.golden_vectors import MASTER_KEY

SPEC = load_spec("vafa")
KEYRING = Keyring(MASTER_KEY)
TERMINAL = TerminalRecord("T0000001", "M1", 1, 1, Role.TERMINAL, Status.ACTIVE)
MAC = Mac(derive_terminal_key(MASTER_KEY, TERMINAL.terminal_id, 1))
CARD = "9364000000000017"
TOKEN = KEYRING.card_token(CARD)
PIN = "1234"
NOW_MS = 1_795_291_200_000  # 2026-11-21T20:00:00Z
BASE: dict[int, Value] = {
    3: ProcessingCode.PURCHASE.value,
    4: "000002500000",
    7: "1121200000",
    11: "000001",
    12: "233000",
    13: "1121",
    22: "021",
    41: TERMINAL.terminal_id,
    42: "M1",
    49: "364",
}


def translated(message: Message, stored_pin_check: bytes = b"") -> Request:
    """What a message leads to on its whole way: bytes, decoder, check of its type, translation."""
    payload = encode_sealed(SPEC, message, MAC)
    read = decode(SPEC, payload)
    check_fields(SPEC, read)
    return request_of(
        read,
        payload,
        KEYRING,
        NOW_MS,
        terminal=TERMINAL,
        pin_checks=lambda token: stored_pin_check if token == TOKEN else b"",
    )


def financial(
    tags: Mapping[str, Value] | None = None,
    fields: Mapping[int, Value | None] | None = None,
    *,
    mti: str = "0200",
    stored_pin_check: bytes = b"",
) -> Financial:
    """A request with the card of field 2, these tags in field 48 and these fields; None takes one away."""
    wanted: dict[int, Value | None] = {**BASE, 2: CARD, **(fields or {})}
    present: dict[int, Value] = {number: value for number, value in wanted.items() if value is not None}
    if tags is not None:
        present[48] = tags
    request = translated(Message(mti, present), stored_pin_check)
    assert isinstance(request, Financial)
    return request


def refused(tags: Mapping[str, Value] | None = None, fields: Mapping[int, Value | None] | None = None) -> str:
    """The field or tag that a wrong request is refused for."""
    with pytest.raises(FieldFault) as caught:
        financial(tags, fields)
    return str(caught.value)
