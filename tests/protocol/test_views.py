"""Views and responses, plain and compiled: the same as the whole-message codec, and as each other."""

import shutil
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import HAS_COMPILED, decode, encode, encode_sealed, view_codec
from protocol.codec.view import MessageCodec, ViewCodec, plain_view_codec
from protocol.faults import FaultCode, ProtocolFault
from protocol.framing import frame
from protocol.message import Message, Value
from protocol.rules_of_type import respond
from protocol.security.mac import Mac
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.golden_vectors import KEY, MALFORMED, MESSAGES, GoldenMessage, Malformed
from tests.protocol.message_strategies import messages

SPEC = load_spec("vafa")
PLAIN = plain_view_codec(SPEC)
CODECS: dict[str, MessageCodec] = {"plain": PLAIN, **({"compiled": view_codec(SPEC)} if HAS_COMPILED else {})}
each_codec = pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
relaxed = settings(max_examples=many(300), deadline=None, suppress_health_check=list(HealthCheck))
REQUESTS = [case for case in MESSAGES if case.message.mti[2] == "0"]
OWN_FIELDS: dict[int, Value] = {39: "00", 37: "000000000017", 48: {"DF01": "000000000250", "DF05": "عضو"}}


def test_the_compiled_codec_is_built_where_there_is_a_compiler() -> None:
    assert HAS_COMPILED or shutil.which("cc") is None


def test_without_the_compiled_codec_the_plain_one_serves() -> None:
    program = (
        "import sys; sys.modules['protocol.codec._compiled'] = None\n"
        "from protocol.codec import HAS_COMPILED, view_codec\n"
        "from protocol.spec import load_spec\n"
        f"view = view_codec(load_spec('vafa')).view(bytes.fromhex('{REQUESTS[0].payload.hex()}'))\n"
        "print(HAS_COMPILED, view.mti)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", REQUESTS[0].message.mti]


@each_codec
@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
def test_a_view_shows_the_message(codec: MessageCodec, case: GoldenMessage) -> None:
    view = codec.view(case.payload)
    assert (view.mti, view.message(), view.payload) == (case.message.mti, case.message, case.payload)
    assert view.numbers == tuple(sorted(case.message.fields))
    assert 11 in view
    assert 5 not in view
    end = 2 + (16 if max(view.numbers) > 64 else 8)
    for number in view.numbers:
        start, next_end = view.span(number)
        assert start == end
        assert view.raw(number) == case.payload[start:next_end]
        end = next_end
    assert end == len(case.payload)
    assert view.text(11) == case.message.fields[11]
    with pytest.raises(KeyError):
        view[5]
    with pytest.raises(KeyError):
        view.raw(5)
    with pytest.raises(TypeError):
        view.text(view.numbers[-1])


@each_codec
@pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)
def test_malformed_bytes_are_refused_at_once_or_when_they_are_read(
    codec: MessageCodec, case: Malformed
) -> None:
    with pytest.raises(ProtocolFault) as caught:
        codec.view(case.payload).message()
    assert (caught.value.code, caught.value.path, caught.value.offset) == (case.code, case.path, case.offset)


@each_codec
@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_a_response_is_what_the_whole_message_codec_writes(codec: MessageCodec, case: GoldenMessage) -> None:
    view = codec.view(case.payload)
    expected = respond(SPEC, case.message, OWN_FIELDS)
    assert view.respond(OWN_FIELDS) == encode(SPEC, expected)
    mac = Mac(KEY)
    assert view.respond(OWN_FIELDS, mac) == encode_sealed(SPEC, expected, mac)
    # A field that is given stands in the place of the one that would be echoed.
    changed: dict[int, Value] = {11: "999999", 39: "00"}
    assert view.respond(changed) == encode(SPEC, respond(SPEC, case.message, changed))


@each_codec
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({5: "1"}, FaultCode.UNKNOWN_FIELD),
        ({0: "1"}, FaultCode.UNKNOWN_FIELD),
        ({500: "1"}, FaultCode.UNKNOWN_FIELD),
        ({39: "0"}, FaultCode.BAD_LENGTH),
        ({39: "\ud800!"}, FaultCode.BAD_CHARACTER),
        ({39: "۰۰"}, FaultCode.BAD_CHARACTER),
        ({4: "00000000000x"}, FaultCode.BAD_CHARACTER),
        ({4: b"123456"}, FaultCode.WRONG_VALUE_TYPE),
        ({64: b"1234567"}, FaultCode.BAD_LENGTH),
        ({48: {"DF7F": bytes(500)}, 120: {"DF7F": bytes(500)}}, FaultCode.OVERSIZE_FRAME),
    ],
)
def test_a_response_that_cannot_be_is_a_fault_of_ours(
    codec: MessageCodec, fields: dict[int, Value], code: FaultCode
) -> None:
    with pytest.raises(ProtocolFault) as caught:
        codec.view(REQUESTS[3].payload).respond(fields)
    assert (caught.value.code, caught.value.side) == (code, "local")


@relaxed
@given(messages(SPEC), st.data())
def test_both_see_what_the_decoder_sees(message: Message, data: st.DataObject) -> None:
    try:
        payload = bytearray(encode(SPEC, message))
    except ProtocolFault:
        return
    for _ in range(data.draw(st.integers(0, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(
        payload[: data.draw(st.integers(0, len(payload)))] if data.draw(st.booleans()) else payload
    )
    for codec in CODECS.values():
        try:
            expected = decode(SPEC, damaged)
        except ProtocolFault as fault:
            with pytest.raises(ProtocolFault) as caught:
                codec.view(damaged).message()
            assert (caught.value.code, caught.value.path, caught.value.offset) == (
                fault.code,
                fault.path,
                fault.offset,
            )
        else:
            assert codec.view(damaged).message() == expected


@relaxed
@given(messages(SPEC), messages(SPEC))
def test_both_build_the_response_that_the_encoder_builds(request: Message, own: Message) -> None:
    try:
        payload = encode(SPEC, request)
    except ProtocolFault:
        return
    try:
        expected = encode(SPEC, respond(SPEC, request, own.fields))
    except ProtocolFault:
        for codec in CODECS.values():
            with pytest.raises(ProtocolFault):
                codec.view(payload).respond(own.fields)
    else:
        for codec in CODECS.values():
            assert codec.view(payload).respond(own.fields) == expected


@each_codec
@pytest.mark.parametrize("payload", [None, "0800", 5])
def test_what_is_not_bytes_is_a_type_error(codec: MessageCodec, payload: bytes) -> None:
    with pytest.raises(TypeError):
        codec.view(payload)
    view = codec.view(REQUESTS[0].payload)
    with pytest.raises(TypeError):
        type(view)()


@each_codec
def test_a_batch_is_its_messages_one_by_one(codec: MessageCodec) -> None:
    stream = b"".join(frame(case.payload) for case in REQUESTS)
    count = len(REQUESTS)
    given_fields = {
        39: [b"00"] * count,
        37: [f"{number:012d}".encode() for number in range(count)],
    }
    expected = b"".join(
        frame(PLAIN.view(case.payload).respond({37: f"{number:012d}", 39: "00"}))
        for number, case in enumerate(REQUESTS)
    )
    assert codec.exchange(stream, given_fields) == expected
    assert codec.exchange(stream + b"\x00", given_fields) == expected
    assert codec.exchange(b"", given_fields) == b""
    assert (
        codec.exchange(stream, {number: tuple(column) for number, column in given_fields.items()}) == expected
    )
    few = codec.exchange(stream, {39: [b"00"]})
    assert few == frame(PLAIN.view(REQUESTS[0].payload).respond({39: "00"}))
    with pytest.raises(ProtocolFault):
        codec.exchange(stream + frame(b"\x02"), {39: [b"00"] * (count + 1)})
    with pytest.raises(ProtocolFault):
        codec.exchange(frame(REQUESTS[0].payload), {39: [bytes(2000)]})
    for unknown in (5, 0, 1000, -3):
        with pytest.raises(ProtocolFault) as caught:
            codec.exchange(frame(REQUESTS[0].payload), {unknown: [b"00"]})
        assert caught.value.code == FaultCode.UNKNOWN_FIELD
    with pytest.raises(TypeError):
        codec.exchange(frame(REQUESTS[0].payload), {39: ["00"]})  # type: ignore[list-item]


def test_bitmaps_that_a_peer_makes_up_do_not_fill_the_memory() -> None:
    codec = ViewCodec(SPEC)
    base = encode(SPEC, Message("0800", {11: "000001"}))
    for number in range(5000):
        payload = f"{number:04d}"
        codec.view(bytes.fromhex(payload) + base[2:])
    assert len(codec._shapes) <= 1024  # the bound is the point
