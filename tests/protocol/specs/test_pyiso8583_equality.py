"""The bundled specs of 1987 write and read what pyiso8583 does by its own, byte for byte."""

import iso8583
import iso8583.specs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from iso8583.specs import default, default_ascii

from protocol.codec import decode, encode
from protocol.faults import ProtocolFault
from protocol.message import Message, Value
from protocol.spec import SpecDocument, load_spec
from tests.amounts import many
from tests.protocol.specs.any_values import messages

PAIRS = {"iso8583-1987-ascii": default_ascii, "iso8583-1987-binary": default}
relaxed = settings(max_examples=many(150), deadline=None, suppress_health_check=list(HealthCheck))
# pyiso8583 knows no classes of characters, and the codec leaves them to `validate`.
ANY_TEXT = "".join(chr(code) for code in range(128))


def their_values(message: Message) -> dict[str, str]:
    """A message as pyiso8583 has it: bytes are hexadecimal text."""
    fields = {
        str(number): value.hex().upper() if isinstance(value, bytes) else str(value)
        for number, value in message.fields.items()
    }
    return {"t": message.mti, **fields}


def our_message(decoded: dict[str, str], spec: SpecDocument) -> Message:
    """What pyiso8583 has read, as we have it."""
    fields: dict[int, Value] = {}
    for key, value in decoded.items():
        if key.isdecimal() and key != "1":
            is_bytes = spec.fields[int(key)].kind == "b"
            fields[int(key)] = bytes.fromhex(value) if is_bytes else value
    return Message(decoded["t"], fields)


def any_messages(spec: SpecDocument) -> st.SearchStrategy[Message]:
    def texts(number: int) -> st.SearchStrategy[Value]:
        field = spec.fields[number]
        smallest = field.size if field.length == "fixed" else 0
        if field.kind == "b":
            return st.binary(min_size=smallest, max_size=field.size)
        return st.text(ANY_TEXT, min_size=smallest, max_size=field.size if smallest else min(field.size, 120))

    numbers = st.lists(st.sampled_from(sorted(spec.fields)), max_size=8, unique=True)
    fields = numbers.flatmap(lambda some: st.fixed_dictionaries({number: texts(number) for number in some}))
    return st.builds(Message, st.text("0123456789", min_size=4, max_size=4), fields)


@pytest.mark.parametrize("name", PAIRS)
def test_every_field_has_the_same_size_and_length(name: str) -> None:
    spec, theirs = load_spec(name), PAIRS[name]
    assert {str(number) for number in spec.fields} == {key for key in theirs if key.isdecimal()} - {"1", "65"}
    for number, field in spec.fields.items():
        their = theirs[str(number)]
        assert {"fixed": 0, "LL": 2, "LLL": 3}[field.length] == their["len_type"], number
        assert field.size == their["max_len"], number
        assert (field.kind == "b") == (their["data_enc"] == "b"), number


@pytest.mark.parametrize("name", PAIRS)
@relaxed
@given(data=st.data())
def test_the_same_bytes_are_written_and_the_same_values_read(name: str, data: st.DataObject) -> None:
    spec = load_spec(name)
    message = data.draw(any_messages(spec))
    payload = encode(spec, message)
    assert bytes(iso8583.encode(their_values(message), PAIRS[name])[0]) == payload
    decoded, _ = iso8583.decode(payload, PAIRS[name])
    assert our_message(decoded, spec) == message == decode(spec, payload)


@pytest.mark.parametrize("name", PAIRS)
@relaxed
@given(data=st.data())
def test_what_pyiso8583_refuses_of_damaged_bytes_is_refused_and_what_is_read_is_the_same(
    name: str, data: st.DataObject
) -> None:
    spec = load_spec(name)
    payload = bytearray(encode(spec, data.draw(messages(spec, most_fields=4))))
    position = data.draw(st.integers(0, len(payload) - 1))
    payload[position] = data.draw(st.integers(0, 255))
    damaged = bytes(
        payload[: data.draw(st.integers(0, len(payload)))] if data.draw(st.booleans()) else payload
    )
    try:
        read = decode(spec, damaged)
    except ProtocolFault:
        return  # ours is the stricter: lower-case hexadecimal, lengths such as " 7", empty second bitmaps
    decoded, _ = iso8583.decode(damaged, PAIRS[name])
    assert our_message(decoded, spec) == read


@pytest.mark.parametrize("name", PAIRS)
def test_the_greatest_message_of_all_fields_is_read(name: str) -> None:
    spec = load_spec(name)
    fields: dict[int, Value] = {
        number: bytes(field.size) if field.kind == "b" else "7" * field.size
        for number, field in spec.fields.items()
    }
    message = Message("0200", fields)
    payload = encode(spec, message)
    assert bytes(iso8583.encode(their_values(message), PAIRS[name])[0]) == payload
    assert decode(spec, payload) == message
