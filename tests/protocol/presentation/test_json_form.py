"""JSON of messages: nothing is lost, nothing wrong is taken, all faults are told."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

from protocol.codec import encode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.presentation.json_form import JsonFaults, NotJson, from_json, parse_documents, to_json
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.golden_vectors import MESSAGES, GoldenMessage
from tests.protocol.message_strategies import messages
from tests.protocol.presentation.every_form import EVERY_FORM

SPEC = load_spec("vafa")
relaxed = settings(max_examples=many(150), deadline=None, suppress_health_check=list(HealthCheck))


@relaxed
@given(messages(SPEC))
def test_nothing_is_lost(message: Message) -> None:
    text = json.dumps(to_json(message), ensure_ascii=False)
    (document,) = parse_documents(text)
    read_back = from_json(SPEC, document)
    assert read_back == message
    assert json.dumps(to_json(read_back), ensure_ascii=False) == text
    try:
        payload = encode(SPEC, message)
    except ProtocolFault:
        return
    assert encode(SPEC, read_back) == payload


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
def test_the_golden_messages(case: GoldenMessage) -> None:
    assert encode(SPEC, from_json(SPEC, to_json(case.message))) == case.payload


def test_the_form() -> None:
    message = Message(
        "0200", {55: {"E1": {"9F02": b"\xab", "DF20": "000000000012"}, "C1": b""}, 2: "12", 61: {"3": "x"}}
    )
    written = '{"mti": "0200", "fields": {"2": "12", "55": {"E1": {"9F02": "AB", "DF20": "000000000012"}, '
    written += '"C1": ""}, "61": {"3": "x"}}}'
    assert json.dumps(to_json(message)) == written
    assert from_json(EVERY_FORM, json.loads(written)) == message


def test_all_faults_are_told_at_once_and_no_value() -> None:
    number = "4556737586899855"
    document = {
        "mti": "02x0",
        "extra": number,
        "fields": {
            "2": int(number),
            "02": number,
            number: number,
            "3": number,
            "41": None,
            "48": {"DF01": number, "DF7F": "zz", "df05": "", number: "", "DF05": {"a": "b"}},
            "64": "ab",
            "99": number,
            "120": [],
        },
    }
    with pytest.raises(JsonFaults) as caught:
        from_json(SPEC, document)
    faults = [(fault.code.value, fault.path) for fault in caught.value.faults]
    assert faults == [
        ("unknown_field", "message"),
        ("bad_message_type", "mti"),
        ("wrong_value_type", "2"),
        ("unknown_field", "fields"),
        ("unknown_field", "fields"),
        ("length_over_maximum", "3"),
        ("wrong_value_type", "41"),
        ("bad_length", "48.DF01"),
        ("bad_character", "48.DF7F"),
        ("bad_tag", "48"),
        ("bad_tag", "48"),
        ("wrong_value_type", "48.DF05"),
        ("bad_character", "64"),
        ("unknown_field", "99"),
        ("wrong_value_type", "120"),
    ]
    for fault in (caught.value, *caught.value.faults):
        assert number not in str(fault)
        assert number not in repr(fault)


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], [("wrong_value_type", "message")]),
        ({}, [("missing_field", "mti"), ("missing_field", "fields")]),
        ({"mti": 200, "fields": []}, [("wrong_value_type", "mti"), ("wrong_value_type", "fields")]),
        ({"mti": "0200", "fields": {"54": 1}}, [("wrong_value_type", "54")]),
        ({"mti": "0200", "fields": {"43": {"2": "000000000012"}}}, [("missing_field", "43.1")]),
        ({"mti": "0200", "fields": {"43": {"9": "1"}}}, [("unknown_field", "43.9")]),
        ({"mti": "0200", "fields": {"60": {"ZZ": "FF", "LONG": ""}}}, [("bad_tag", "60")]),
        ({"mti": "0200", "fields": {"55": {"E1": "FF"}}}, [("wrong_value_type", "55.E1")]),
        ({"mti": "0200", "fields": {"55": {"E1": {"5A": "F"}}}}, [("bad_character", "55.E1.5A")]),
        (
            {"mti": "0200", "fields": {"55": {"E1": {"E1": {"E1": {"E1": {"E1": {}}}}}}}},
            [("nested_too_deep", "55.E1.E1.E1.E1")],
        ),
    ],
)
def test_what_is_not_the_form_is_refused(document: object, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(JsonFaults) as caught:
        from_json(EVERY_FORM, document)
    assert [(fault.code.value, fault.path) for fault in caught.value.faults] == faults


def test_documents_in_a_row_in_lines_and_in_arrays() -> None:
    assert parse_documents('{"a": 1}\n {"b": 2}[{"c": 3}, 4]') == [{"a": 1}, {"b": 2}, {"c": 3}, 4]


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"2": "4556737586899855}', "[" * 100_000, "nonsense"])
def test_what_is_not_json_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(NotJson) as caught:
        parse_documents(text)
    assert "4556737586899855" not in str(caught.value)
