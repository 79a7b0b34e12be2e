"""Byte ranges and faults of a payload read for people agree with the codecs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.presentation.spans import Element, read
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.golden_vectors import MALFORMED, MESSAGES, Malformed
from tests.protocol.message_strategies import messages
from tests.protocol.presentation.every_form import EVERY_FORM

SPEC = load_spec("vafa")
relaxed = settings(max_examples=many(100), deadline=None, suppress_health_check=list(HealthCheck))


def _tile(elements: tuple[Element, ...], start: int, end: int) -> None:
    for element in elements:
        assert element.start == start
        assert element.start <= element.content <= element.end
        if element.kind in ("tlv", "tags"):
            _tile(element.parts, element.content, element.end)
        start = element.end
    assert start == end


@relaxed
@given(messages(SPEC))
def test_ranges_tile_the_payload_and_hold_what_decode_reads(message: Message) -> None:
    try:
        payload = encode(SPEC, message)
    except ProtocolFault:
        return
    reading = read(SPEC, payload)
    assert reading.faults == ()
    assert reading.message() == decode(SPEC, payload) == message
    _tile(reading.elements, reading.fields_start, len(payload))


@relaxed
@given(messages(SPEC), st.data())
def test_the_first_fault_is_the_one_of_decode(message: Message, data: st.DataObject) -> None:
    try:
        payload = bytearray(encode(SPEC, message))
    except ProtocolFault:
        return
    for _ in range(data.draw(st.integers(1, 4))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(payload[: data.draw(st.integers(0, len(payload)))])
    reading = read(SPEC, damaged)
    try:
        decoded = decode(SPEC, damaged)
    except ProtocolFault as fault:
        first = reading.faults[0]
        assert (first.code, first.path, first.offset) == (fault.code, fault.path, fault.offset)
        assert str(first) == str(fault)
    else:
        assert reading.faults == ()
        assert reading.message() == decoded


@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)
def test_the_malformed_vectors_are_refused_where_they_are_wrong(case: Malformed) -> None:
    fault = read(SPEC, case.payload).faults[0]
    assert (fault.code, fault.path, fault.offset) == (case.code, case.path, case.offset)


@given(st.binary(max_size=200))
@settings(max_examples=many(100), deadline=None)
def test_any_bytes_can_be_read(payload: bytes) -> None:
    for spec in (SPEC, EVERY_FORM):
        reading = read(spec, payload)
        assert reading.faults or reading.message() == decode(spec, payload)


def test_faults_behind_the_first_are_told_too() -> None:
    payload = bytearray(next(case.payload for case in MESSAGES if case.name == "purchase response"))
    for position, wrong in ((10, 0xAA), (80, 0xF0), (89, 0xF0), (118, 0xFF), (194, 0xF3)):
        payload[position] = wrong
    faults = {(fault.code, fault.path, fault.offset) for fault in read(SPEC, bytes(payload)).faults}
    assert faults == {
        (FaultCode.BAD_NIBBLE, "3", 10),
        (FaultCode.BAD_NIBBLE, "48.DF01", 80),
        (FaultCode.BAD_NIBBLE, "48.DF02", 89),
        (FaultCode.BAD_CHARACTER, "48.DF05", 116),
        (FaultCode.BAD_PADDING, "49", 194),
    }


def test_parts_of_every_composite_have_their_places() -> None:
    message = Message(
        "0200",
        {
            43: {"1": "SHOP", "2": "000000000012", "3": "IR"},
            55: {"E1": {"DF20": "000000000012", "9F02": b"\x01\x02"}, "C1": b""},
            60: {"NM": "مریم", "ZZ": b"abc"},
            61: {"1": "12345", "3": "text"},
        },
    )
    payload = encode(EVERY_FORM, message)
    reading = read(EVERY_FORM, payload)
    assert reading.message() == message
    found = {
        leaf.path: payload[leaf.content : leaf.end]
        for element in reading.elements
        for leaf in element.leaves()
    }
    assert found == {
        "43.1": "SHOP        ".encode("cp037"),
        "43.2": bytes.fromhex("000000000012"),
        "43.3": b"IR",
        "55.E1.DF20": bytes.fromhex("000000000012"),
        "55.E1.9F02": b"\x01\x02",
        "55.C1": b"",
        "60.NM": "مریم".encode(),
        "60.ZZ": b"abc",
        "61.1": bytes.fromhex("012345"),
        "61.3": b"text",
    }


def test_deep_nesting_ends() -> None:
    inner = b""
    for _ in range(60):
        size = bytes([len(inner)]) if len(inner) < 0x80 else bytes([0x81, len(inner)])
        inner = b"\xe1" + size + inner
    payload = b"0200" + (1 << 9).to_bytes(8, "big") + f"{len(inner):03d}".encode() + inner
    codes = {fault.code for fault in read(EVERY_FORM, payload).faults}
    assert FaultCode.NESTED_TOO_DEEP in codes
