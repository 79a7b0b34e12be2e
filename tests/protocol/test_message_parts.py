"""Framing, message types, and the fields that have a form of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.balances import Balance, pack_balances, unpack_balances
from protocol.faults import FaultCode, ProtocolFault
from protocol.framing import FrameDecoder, LengthForm, answer_tpdu, frame, split_tpdu
from protocol.message import Message, Value
from protocol.message_type import (
    Function,
    MessageClass,
    MessageType,
    Origin,
    Version,
    is_repeat,
    is_response,
    original_of,
    repeat_of,
    response_of,
)
from protocol.original_data import OriginalData
from protocol.rules_of_type import respond, validate
from protocol.spec import load_spec
from protocol.spec.schema import MessageTypeSpec, Title
from tests.protocol.golden_vectors import MESSAGES

SPEC = load_spec("vafa")


@given(
    st.lists(st.binary(max_size=300), max_size=8),
    st.lists(st.integers(1, 50), min_size=1),
    st.sampled_from(LengthForm),
)
def test_any_slicing_of_the_stream_gives_the_same_frames(
    payloads: list[bytes], cuts: list[int], form: LengthForm
) -> None:
    stream = b"".join(frame(payload, form) for payload in payloads)
    decoder = FrameDecoder(max_frame_bytes=300, form=form)
    received: list[bytes] = []
    position = 0
    while position < len(stream):
        size = cuts[position % len(cuts)]
        received += decoder.feed(stream[position : position + size])
        position += size
    assert received == payloads
    assert decoder.pending_bytes == 0


def test_an_oversize_frame_is_refused_by_its_length_alone() -> None:
    decoder = FrameDecoder(max_frame_bytes=100)
    with pytest.raises(ProtocolFault) as caught:
        decoder.feed(b"\x00\x65")
    assert caught.value.code == FaultCode.OVERSIZE_FRAME
    assert decoder.pending_bytes == 0
    with pytest.raises(ProtocolFault):
        frame(bytes(65536))


def test_a_length_that_is_no_number_is_refused() -> None:
    decoder = FrameDecoder(form=LengthForm.ASCII_4)
    with pytest.raises(ProtocolFault) as caught:
        decoder.feed(b"00x1" + b"1")
    assert caught.value.code == FaultCode.BAD_LENGTH
    with pytest.raises(ProtocolFault):
        frame(bytes(10_000), LengthForm.ASCII_4)


def test_transport_headers() -> None:
    tpdu, payload = split_tpdu(bytes.fromhex("6000010002") + b"payload")
    assert (tpdu.hex(), payload) == ("6000010002", b"payload")
    assert answer_tpdu(tpdu).hex() == "6000020001"
    assert answer_tpdu(answer_tpdu(tpdu)) == tpdu
    for broken in (b"", b"\x60\x00\x01\x00", bytes.fromhex("0200010002") + b"payload"):
        with pytest.raises(ProtocolFault) as caught:
            split_tpdu(broken)
        assert caught.value.code == FaultCode.BAD_HEADER


def test_a_message_type_by_its_meaning() -> None:
    parsed = MessageType.parse("0421")
    assert parsed == MessageType(
        Version.ISO_1987, MessageClass.REVERSAL, Function.ADVICE, Origin.ACQUIRER_REPEAT
    )
    assert str(parsed) == "0421"
    assert MessageType.parse("1200").version == Version.ISO_1993
    for broken in ("020", "02000", "0900", "3200", "02x0", "۰۲۰۰"):
        with pytest.raises(ValueError, match=r"message type|not a valid"):
            MessageType.parse(broken)


@pytest.mark.parametrize(
    ("mti", "response", "repeat", "original"),
    [
        ("0200", "0210", "0201", "0200"),
        ("0201", "0210", "0201", "0200"),
        ("0401", "0410", "0401", "0400"),
        ("0800", "0810", "0801", "0800"),
        ("0220", "0230", "0221", "0220"),
    ],
)
def test_message_types(mti: str, response: str, repeat: str, original: str) -> None:
    assert (response_of(mti), repeat_of(mti), original_of(mti)) == (response, repeat, original)
    assert is_response(response)
    assert not is_response(mti)
    assert is_repeat(repeat)
    assert not is_repeat(original)


_AMOUNTS = st.integers(-999_999_999_999, 999_999_999_999)


@given(st.lists(st.builds(Balance, st.just("91"), st.just("02"), st.just("999"), _AMOUNTS), max_size=6))
def test_balances_survive(balances: list[Balance]) -> None:
    assert unpack_balances(pack_balances(balances)) == balances


@pytest.mark.parametrize("text", ["9102999C00000000025", "9102999X000000000250", "9102999C00000000025x"])
def test_broken_balances_are_refused(text: str) -> None:
    with pytest.raises(ProtocolFault):
        unpack_balances(text)


@pytest.mark.parametrize(
    "balances",
    [[Balance("91", "02", "999", 0)] * 7, [Balance("91", "02", "999", 10**12)]],
)
def test_balances_that_do_not_fit_are_refused(balances: list[Balance]) -> None:
    with pytest.raises(ProtocolFault):
        pack_balances(balances)


def test_original_data_elements() -> None:
    original = OriginalData("0200", "000001", "1121200000")
    assert original.pack() == "0200000001" + "1121200000" + "0" * 22
    assert OriginalData.unpack(original.pack()) == original
    for broken in ("0200", "0200000001" + "1121200000" + "0" * 21 + "1"):
        with pytest.raises(ProtocolFault):
            OriginalData.unpack(broken)


def test_a_response_echoes_what_its_type_says() -> None:
    request = next(case.message for case in MESSAGES if case.name == "reversal, repeat")
    response = respond(SPEC, request, {39: "00"})
    assert response.mti == "0410"
    assert set(response.fields) == {3, 4, 7, 11, 12, 13, 39, 41, 42, 49, 90}


def test_all_faults_of_a_message_are_told_at_once() -> None:
    message = Message(
        "0200", {2: "9364000000000017", 35: "9364000000000017=3012101", 70: "001", 64: bytes(8)}
    )
    faults = {(fault.code, fault.path) for fault in validate(SPEC, message)}
    assert (FaultCode.UNEXPECTED_FIELD, "70") in faults
    assert (FaultCode.UNEXPECTED_FIELD, "64") in faults
    assert {path for code, path in faults if code == FaultCode.MISSING_FIELD} == {
        *(str(n) for n in (3, 4, 7, 11, 12, 13, 22, 41, 42, 49)),
        "128",
    }
    assert [fault.code for fault in validate(SPEC, Message("0999", {}))] == [FaultCode.UNKNOWN_MESSAGE_TYPE]


def test_exactly_one_of_a_group() -> None:
    rules = MessageTypeSpec(title=Title(en="t", fa="ع"), mandatory=(11,), one_of=((2, 35),))
    spec = SPEC.model_copy(update={"messages": {"0200": rules}})
    sealed: dict[int, Value] = {11: "000001", 64: bytes(8)}
    card: dict[int, Value] = {2: "9364000000000017"}
    track: dict[int, Value] = {35: "9364000000000017=3012101"}

    def faults(fields: dict[int, Value]) -> list[tuple[FaultCode, str]]:
        return [(fault.code, fault.path) for fault in validate(spec, Message("0200", fields))]

    assert faults(sealed | card) == faults(sealed | track) == []
    assert faults(sealed) == [(FaultCode.MISSING_FIELD, "2|35")]
    assert faults(sealed | card | track) == [(FaultCode.UNEXPECTED_FIELD, "35")]
