"""Properties of the codecs: what is written is read back, the two agree, only ProtocolFault escapes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode, reference
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.message_strategies import messages

SPEC = load_spec("vafa")
MESSAGES = messages(SPEC)
relaxed = settings(max_examples=many(300), deadline=None, suppress_health_check=list(HealthCheck))


@relaxed
@given(MESSAGES)
def test_what_is_written_is_read_back_and_both_codecs_agree(message: Message) -> None:
    try:
        payload = encode(SPEC, message)
    except ProtocolFault as fault:
        assert fault.code == FaultCode.OVERSIZE_FRAME
        return
    assert decode(SPEC, payload) == message
    assert reference.encode(SPEC, message) == payload
    assert reference.decode(SPEC, payload) == message


@relaxed
@given(MESSAGES, st.data())
def test_damaged_bytes_are_refused_alike_or_mean_the_same(message: Message, data: st.DataObject) -> None:
    try:
        payload = bytearray(encode(SPEC, message))
    except ProtocolFault:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        position = data.draw(st.integers(0, len(payload) - 1))
        payload[position] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del payload[data.draw(st.integers(0, len(payload))) :]
    damaged = bytes(payload)
    try:
        read = decode(SPEC, damaged)
    except ProtocolFault as fault:
        assert fault.code != FaultCode.REFUSED
        with pytest.raises(ProtocolFault):
            reference.decode(SPEC, damaged)
    else:
        assert reference.decode(SPEC, damaged) == read
        assert encode(SPEC, read) == damaged


@relaxed
@given(st.binary(max_size=200))
def test_only_the_protocols_own_fault_escapes_from_any_bytes(payload: bytes) -> None:
    try:
        message = decode(SPEC, payload)
    except ProtocolFault:
        return
    assert encode(SPEC, message) == payload
