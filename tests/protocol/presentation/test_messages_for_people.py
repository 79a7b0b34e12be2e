"""What is told of messages: differences, verdicts, hints, guesses at captures, lines of text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import encode
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.presentation.difference import Difference, differences
from protocol.presentation.doctor import diagnose
from protocol.presentation.envelope import Envelope, in_envelope
from protocol.presentation.hints import hint
from protocol.presentation.masking import Masking
from protocol.presentation.spans import Reading, read
from protocol.presentation.text import bytes_around, columns, printable, rows, width
from protocol.presentation.verdict import all_faults
from protocol.spec import bundled_specs, load_spec
from tests.amounts import many
from tests.protocol.golden_vectors import MESSAGES
from tests.protocol.message_strategies import messages
from tests.protocol.presentation.every_form import EVERY_FORM

SPEC = load_spec("vafa")
PURCHASE = next(case for case in MESSAGES if case.name == "purchase, stripe")
KEYED = next(case for case in MESSAGES if case.name == "purchase, keyed card of odd length")
RESPONSE = next(case for case in MESSAGES if case.name == "purchase response")
relaxed = settings(max_examples=many(80), deadline=None, suppress_health_check=list(HealthCheck))


def _reading(message: Message) -> Reading:
    return read(SPEC, encode(SPEC, message))


def _mirrored(difference: Difference) -> Difference:
    change = difference.change
    mirrored = "removed" if change == "added" else "added" if change == "removed" else change
    return Difference(difference.path, mirrored, difference.title, difference.new, difference.old)


@relaxed
@given(messages(SPEC), messages(SPEC), st.data())
def test_differences_are_symmetric_and_none_means_the_same(
    one: Message, other: Message, data: st.DataObject
) -> None:
    try:
        old = _reading(one)
        new = old if data.draw(st.booleans()) else _reading(other)
    except ProtocolFault:
        return
    forth = differences(old, new)
    back = differences(new, old)
    assert {_mirrored(difference).path for difference in forth} == {difference.path for difference in back}
    assert sorted(map(repr, map(_mirrored, forth))) == sorted(map(repr, back))
    assert (not forth) == (old.payload == new.payload)


def test_differences_of_tags_and_of_their_order() -> None:
    old = _reading(Message("0210", {39: "00", 48: {"DF06": "gold", "DF07": "00000001", "DF05": "مریم"}}))
    new = _reading(
        Message("0211", {37: "000000000012", 48: {"DF07": "00000002", "DF06": "gold", "DF05": "سارا"}})
    )
    found = [(each.path, each.change, each.old, each.new) for each in differences(old, new)]
    assert found == [
        ("mti", "changed", "0210", "0211"),
        ("37", "added", None, "000000000012"),
        ("39", "removed", "00", None),
        ("48.DF05", "changed", "****", "****"),
        ("48.DF07", "changed", "00000001", "00000002"),
        ("48", "reordered", None, None),
    ]


def test_all_faults_of_bytes_characters_and_type() -> None:
    payload = bytearray(
        encode(SPEC, Message("0200", {4: "000000000001", 22: "021", 70: "001", 64: bytes(8)}))
    )
    payload[18] = 0xAA
    faults = {(fault.code, fault.path) for fault in all_faults(read(SPEC, bytes(payload)))}
    assert (FaultCode.BAD_NIBBLE, "4") in faults
    assert (FaultCode.UNEXPECTED_FIELD, "64") in faults
    assert (FaultCode.UNEXPECTED_FIELD, "70") in faults
    assert (FaultCode.MISSING_FIELD, "11") in faults
    assert (FaultCode.MISSING_FIELD, "128") in faults
    assert (FaultCode.MISSING_FIELD, "4") not in faults


def test_characters_are_judged_where_the_codec_does_not() -> None:
    reading = read(EVERY_FORM, encode(EVERY_FORM, Message("0200", {2: "12x4", 11: "12345z"})))
    assert reading.faults == ()
    faults = [(fault.code, fault.path, fault.offset) for fault in all_faults(reading)]
    assert faults[:2] == [(FaultCode.BAD_CHARACTER, "2", 14), (FaultCode.BAD_CHARACTER, "11", 18)]


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (b"0200" + bytes(20), "ASCII digits where the spec says BCD"),
        ("0200".encode("cp037") + bytes(20), "EBCDIC digits where the spec says BCD"),
        (in_envelope(Envelope.LENGTH_2_BYTES, PURCHASE.payload), "length of two bytes"),
        (b"\x60\x00\x01\x00\x00" + PURCHASE.payload, "TPDU"),
        (KEYED.payload[:10] + b"19" + KEYED.payload[11:], "ASCII digits where the spec says BCD"),
        (PURCHASE.payload[:-1], "ends too early"),
        (PURCHASE.payload + b"\x00", "another message follows"),
    ],
)
def test_hints(payload: bytes, told: str) -> None:
    reading = read(SPEC, payload)
    text = hint(reading, reading.faults[0])
    assert text is not None
    assert told in text


@pytest.mark.parametrize("envelope", list(Envelope))
def test_the_doctor_finds_spec_and_envelope(envelope: Envelope) -> None:
    specs = [load_spec(name) for name in bundled_specs()]
    header = b"\x60\x00\x01\x00\x00" if "tpdu" in envelope else b""
    length = {Envelope.LENGTH_2_BYTES_TPDU: Envelope.LENGTH_2_BYTES, Envelope.TPDU: Envelope.NONE}
    captures = [
        in_envelope(length.get(envelope, envelope), header + case.payload) for case in (PURCHASE, RESPONSE)
    ]
    found = diagnose(reversed(specs), captures)
    best = found[0]
    assert (best.spec, best.envelope, best.messages, best.fits) == ("vafa", envelope, 2, True)
    assert best.reason is None
    assert len(found) == len(specs) * len(Envelope)
    assert all(each.reason or each.fits for each in found)


def test_the_doctor_finds_a_standard_spec() -> None:
    specs = [load_spec(name) for name in bundled_specs()]
    spec = load_spec("iso8583-1987-ascii")
    message = Message("0200", {3: "000000", 4: "000000001000", 7: "1121200000", 11: "000001", 41: "T0000001"})
    best = diagnose(specs, [encode(spec, message)])[0]
    assert (best.spec, best.envelope, best.whole) == ("iso8583-1987-ascii", Envelope.NONE, 1)


def test_columns_are_aligned_in_both_languages() -> None:
    reading = read(SPEC, RESPONSE.payload)
    for language in ("en", "fa"):
        cells = columns(rows(reading, Masking(reading), language))
        for column in range(3):
            assert len({width(cell[column]) for cell in cells}) == 1
        assert [cell[0].strip() for cell in cells][:3] == ["0-1", "2-9", "10-12"]


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    reading = _reading(Message("0210", {48: {"DF08": "\x1b[2Jسلام\u200cها\u202e\n"}}))
    (row,) = [row for row in rows(reading, Masking(reading), "en") if row.label.strip() == "DF08"]
    assert row.value == "\\x1b[2Jسلام\u200cها\\u202e\\n"
    assert printable("plain") == "plain"


def test_bytes_around_a_fault_are_masked() -> None:
    payload = bytearray(PURCHASE.payload)
    payload[52] = 7
    reading = read(SPEC, bytes(payload))
    fault = reading.faults[0]
    around = "** " * 12
    assert bytes_around(reading, fault) == f"bytes 40-59: {around}[07] -- -- -- -- -- -- --"
    assert bytes_around(reading, fault, unsafe=True) == (
        "bytes 40-59: 00 00 17 D3 01 21 01 00 00 00 00 00 [07] 30 30 30 30 30 30 31"
    )
