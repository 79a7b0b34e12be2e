"""The bundled spec is whole, and a wrong one tells all its faults."""

import re
from importlib.resources import files

import pytest

from protocol import dialect
from protocol.codec import decode, encode
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.spec import SpecFault, load_spec, parse_spec

SPEC = load_spec("vafa")
TEXT = files("protocol.spec").joinpath("vafa.toml").read_text("utf-8")


def test_names_in_the_dialect_are_those_of_the_spec() -> None:
    assert {code.name.lower(): code.value for code in dialect.ResponseCode} == {
        spec.name: code for code, spec in SPEC.response_codes.items()
    }
    assert {tag.name.lower(): tag.value for tag in dialect.Tag} == {
        spec.name: tag for tag, spec in SPEC.tags.items()
    }


def test_a_request_type_has_a_response_type() -> None:
    for mti in SPEC.messages:
        if mti[2] == "0":
            assert f"{mti[:2]}1{mti[3]}" in SPEC.messages


def test_all_faults_of_a_spec_are_told_at_once() -> None:
    broken = TEXT.replace('kind = "z", encoding = "bcd"', 'kind = "z", encoding = "morse"')
    broken = broken.replace('length = "LL", size = 17', 'length = "LL", size = 170')
    broken = broken.replace("format = 1", "format = 2")
    with pytest.raises(SpecFault) as caught:
        parse_spec(broken, "broken.toml")
    text = str(caught.value)
    for part in ("broken.toml: 3 faults", "fields.35.encoding", "fields.101", "LL counts to 99", "format"):
        assert part in text


def test_references_to_missing_fields_are_told() -> None:
    broken = re.sub(r"^70 = .*\n", "", TEXT, flags=re.MULTILINE)
    with pytest.raises(SpecFault, match="message 0800: field 70 is not defined"):
        parse_spec(broken, "broken.toml")


def test_text_that_is_no_toml_and_names_that_are_no_spec() -> None:
    with pytest.raises(SpecFault, match=r"broken.toml: 1 fault in"):
        parse_spec("= 1", "broken.toml")
    with pytest.raises(SpecFault, match="no bundled spec"):
        load_spec("nothing")


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({4: "12"}, FaultCode.BAD_LENGTH, "4"),
        ({4: "00000000000x"}, FaultCode.BAD_CHARACTER, "4"),
        ({4: b"000000000001"}, FaultCode.WRONG_VALUE_TYPE, "4"),
        ({5: "1"}, FaultCode.UNKNOWN_FIELD, "5"),
        ({1: "1"}, FaultCode.UNKNOWN_FIELD, "1"),
        ({9364000000000017: "1"}, FaultCode.UNKNOWN_FIELD, ""),
        ({2: "1" * 20}, FaultCode.LENGTH_OVER_MAXIMUM, "2"),
        ({35: "1:2"}, FaultCode.BAD_CHARACTER, "35"),
        ({41: "شناسه"}, FaultCode.BAD_CHARACTER, "41"),
        ({48: "text"}, FaultCode.WRONG_VALUE_TYPE, "48"),
        ({48: {"DF01": "1"}}, FaultCode.BAD_LENGTH, "48.DF01"),
        ({48: {"DF01": "x" * 12}}, FaultCode.BAD_CHARACTER, "48.DF01"),
        ({48: {"DF05": "ش" * 25}}, FaultCode.LENGTH_OVER_MAXIMUM, "48.DF05"),
        ({48: {"DF": b""}}, FaultCode.BAD_TAG, "48"),
        ({48: {"9364000000000017": b""}}, FaultCode.BAD_TAG, "48"),
        ({48: {"DF7F": "text"}}, FaultCode.WRONG_VALUE_TYPE, "48.DF7F"),
        ({64: b"short"}, FaultCode.BAD_LENGTH, "64"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_without_being_told(
    fields: dict[int, str | bytes | dict[str, str | bytes]], code: FaultCode, path: str
) -> None:
    with pytest.raises(ProtocolFault) as caught:
        encode(SPEC, Message("0200", dict(fields)))
    assert (caught.value.code, caught.value.path, caught.value.side) == (code, path, "local")
    assert caught.value.response_code == "96"


def test_no_fault_tells_a_value() -> None:
    number = "9364000000000017"
    good = encode(SPEC, Message("0200", {2: number, 41: "T0000001"}))
    for position in range(len(good)):
        for byte in (0x00, 0xAA, 0xFF):
            damaged = good[:position] + bytes([byte]) + good[position + 1 :]
            try:
                decode(SPEC, damaged)
            except ProtocolFault as fault:
                assert number not in str(fault)
                assert number not in repr(fault)
