"""The bundled specs: both codecs agree on them, they say what their standard says, and their bytes stay."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode, reference, view_codec
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.message_type import response_of
from protocol.spec import bundled_specs, load_spec
from tests.amounts import many
from tests.protocol.specs.any_values import messages

STANDARDS = tuple(name for name in bundled_specs() if name.startswith("iso8583"))
VECTORS = json.loads((Path(__file__).resolve().parents[2] / "vectors/specs/bundled.json").read_text("utf-8"))
relaxed = settings(max_examples=many(40), deadline=None, suppress_health_check=list(HealthCheck))


def test_the_default_is_the_first_and_each_is_one_object() -> None:
    assert bundled_specs() == (
        "vafa",
        "iso8583-1987-ascii",
        "iso8583-1987-bcd",
        "iso8583-1987-binary",
        "iso8583-1993-ascii",
    )
    for name in bundled_specs():
        assert load_spec(name) is load_spec(name)
        assert load_spec(name).name == name
    assert load_spec() is load_spec("vafa")


@pytest.mark.parametrize("name", STANDARDS)
@relaxed
@given(data=st.data())
def test_what_is_written_is_read_back_and_both_codecs_agree(name: str, data: st.DataObject) -> None:
    spec = load_spec(name)
    message = data.draw(messages(spec))
    payload = encode(spec, message)
    assert decode(spec, payload) == message
    assert reference.encode(spec, message) == payload
    assert reference.decode(spec, payload) == message
    assert view_codec(spec).view(payload).message() == message


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['spec']} {vector['name']}")
def test_bytes_written_by_hand_from_the_standard(vector: dict[str, object]) -> None:
    spec = load_spec(str(vector["spec"]))
    given_fields = vector["fields"]
    assert isinstance(given_fields, dict)
    fields = {
        int(number): bytes.fromhex(value) if spec.fields[int(number)].kind == "b" else value
        for number, value in given_fields.items()
    }
    payload = bytes.fromhex(str(vector["payload"]).replace(" ", ""))
    message = Message(str(vector["mti"]), fields)
    assert encode(spec, message) == payload
    assert decode(spec, payload) == message
    assert reference.decode(spec, payload) == message


@pytest.mark.parametrize("name", STANDARDS)
def test_every_field_to_128_is_there_with_both_titles(name: str) -> None:
    spec = load_spec(name)
    assert set(spec.fields) == set(range(2, 129)) - {65}
    for field in spec.fields.values():
        assert field.title.en.isascii()
        assert not field.title.fa.isascii()


@pytest.mark.parametrize("name", STANDARDS)
def test_card_data_is_masked(name: str) -> None:
    masks = {number: field.mask for number, field in load_spec(name).fields.items() if field.mask}
    assert masks == {
        **dict.fromkeys((2, 34, 102, 103), "pan"),
        **dict.fromkeys((35, 36, 45), "track"),
        **dict.fromkeys((52, 55), "wipe"),
    }


@pytest.mark.parametrize("name", STANDARDS)
def test_responses_carry_a_code_and_copy_only_what_they_may_have(name: str) -> None:
    spec = load_spec(name)
    for mti, message in spec.messages.items():
        if mti[2] in "13":
            code = 66 if mti == "0510" else 39
            assert code in message.mandatory, mti
            assert {11} <= set(message.echo), mti
        if mti[2] == "0":
            assert response_of(mti) in spec.messages
        assert set(message.listed) >= {64, 128}, mti


def test_the_years_have_their_own_types_and_codes() -> None:
    wanted = [
        *("0100", "0110", "0120", "0130", "0200", "0210", "0220", "0230", "0400", "0410", "0420", "0430"),
        *("0500", "0510", "0800", "0810", "0820"),
    ]
    for name in STANDARDS:
        spec = load_spec(name)
        size = spec.fields[39].size
        assert all(len(code) == size for code in spec.response_codes)
        assert {mti[0] for mti in spec.messages} == ({"1"} if "1993" in name else {"0"})
        if "1987" in name:
            assert sorted(spec.messages) == wanted


def test_the_three_of_1987_differ_only_in_how_they_are_written() -> None:
    ascii_, binary, bcd = (load_spec(f"iso8583-1987-{form}") for form in ("ascii", "binary", "bcd"))
    for other in (binary, bcd):
        assert other.messages == ascii_.messages
        assert other.response_codes == ascii_.response_codes
        assert [field.name for field in other.fields.values()] == [
            field.name for field in ascii_.fields.values()
        ]


@pytest.mark.parametrize("name", STANDARDS)
def test_bit_65_announces_a_third_bitmap_and_has_no_value(name: str) -> None:
    spec = load_spec(name)
    with pytest.raises(ProtocolFault) as caught:
        encode(spec, Message("0200", {65: "1"}))
    assert caught.value.code == FaultCode.UNKNOWN_FIELD
