"""The golden vectors through the fast codec and the reference."""

import pytest

from protocol.codec import decode, encode, encode_sealed, reference
from protocol.faults import ProtocolFault
from protocol.rules_of_type import validate
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.spec import load_spec
from tests.protocol.golden_vectors import KEY, MALFORMED, MASTER_KEY, MESSAGES, GoldenMessage, Malformed

SPEC = load_spec("vafa")
each_message = pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
each_malformed = pytest.mark.parametrize("case", MALFORMED, ids=lambda case: case.name)


@each_message
def test_fast_codec(case: GoldenMessage) -> None:
    assert decode(SPEC, case.payload) == case.message
    assert encode(SPEC, case.message) == case.payload


@each_message
def test_reference_codec(case: GoldenMessage) -> None:
    assert reference.decode(SPEC, case.payload) == case.message
    assert reference.encode(SPEC, case.message) == case.payload


@each_message
def test_mac(case: GoldenMessage) -> None:
    mac = Mac(derive_terminal_key(MASTER_KEY, "T0000001", 1))
    assert mac.verify(case.payload)
    assert encode_sealed(SPEC, case.message, mac) == case.payload
    for position in range(len(case.payload)):
        damaged = bytearray(case.payload)
        damaged[position] ^= 1
        assert not mac.verify(bytes(damaged))


@each_message
def test_a_golden_message_satisfies_its_type(case: GoldenMessage) -> None:
    assert validate(SPEC, case.message) == []


@each_malformed
def test_malformed_bytes_are_refused_where_they_are_wrong(case: Malformed) -> None:
    with pytest.raises(ProtocolFault) as caught:
        decode(SPEC, case.payload)
    fault = caught.value
    assert (fault.code, fault.path, fault.offset) == (case.code, case.path, case.offset)
    assert fault.response_code == "30"
    with pytest.raises(ProtocolFault):
        reference.decode(SPEC, case.payload)


def test_the_key_of_the_vectors() -> None:
    assert derive_terminal_key(MASTER_KEY, "T0000001", 1) == KEY
