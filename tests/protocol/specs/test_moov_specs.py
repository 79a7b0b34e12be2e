"""Specs of moov-io/iso8583 come in, go out again the same, and what cannot be said is refused by field."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode, reference
from protocol.message import Message
from protocol.spec import SpecDocument, SpecFault, load_spec, parse_json_spec
from protocol.spec.moov import import_moov
from protocol.spec.moov_export import export_moov
from tests.amounts import many
from tests.protocol.specs.any_values import messages

FOLDER = Path(__file__).resolve().parents[2] / "vectors/specs"
NAMES = ("moov-ascii", "moov-packed")
relaxed = settings(max_examples=many(80), deadline=None, suppress_health_check=list(HealthCheck))
Node = dict[str, object]


def text(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text("utf-8")


def imported(document: object) -> SpecDocument:
    return parse_json_spec(json.dumps(document), "network.json")


def faults(document: object) -> list[str]:
    with pytest.raises(SpecFault) as caught:
        imported(document)
    return caught.value.faults


def with_field(number: str, **field: object) -> Node:
    """The ASCII document with one more field."""
    document = json.loads(text("moov-ascii"))
    document["fields"][number] = field
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_goes_out_as_it_came_in(name: str) -> None:
    exported = export_moov(load_spec(FOLDER / f"{name}.json"))
    assert exported == text(name)


@pytest.mark.parametrize("name", NAMES)
@relaxed
@given(data=st.data())
def test_an_imported_spec_is_written_and_read_by_both_codecs(name: str, data: st.DataObject) -> None:
    spec = load_spec(FOLDER / f"{name}.json")
    message = data.draw(messages(spec, most_fields=5))
    payload = encode(spec, message)
    assert decode(spec, payload) == message
    assert reference.encode(spec, message) == payload
    assert reference.decode(spec, payload) == message


@pytest.mark.parametrize(
    ("name", "message", "payload"),
    [
        ("moov-ascii", Message("0100", {4: "100"}), b"01001000000000000000000000000100"),
        (
            "moov-ascii",
            Message("0100", {3: {"1": "00", "2": "10", "3": "20"}, 41: "T1"}),
            b"01002000000000800000001020T1      ",
        ),
        (
            "moov-ascii",
            Message("0100", {48: {"01": "ab", "17": b"\x01", "99": b"?"}}),
            b"0100000000000001000001601" + b"02ab" + b"1701\x01" + b"9901?",
        ),
        (
            "moov-ascii",
            Message("0100", {52: b"\x12\x34\x56\x78\x9a\xbc\xde\xf0", 70: "301"}),
            b"0100" + b"8000000000001000" + b"0400000000000000" + b"123456789ABCDEF0" + b"301",
        ),
        (
            "moov-ascii",
            Message("0100", {55: {"9A": b"\x21\x07\x20", "9F02": b"\x05\x01", "5F20": "A"}}),
            b"01000000000000000200014" + b"\x9a\x03\x21\x07\x20" + b"\x9f\x02\x02\x05\x01" + b"\x5f\x20\x01A",
        ),
        (
            "moov-ascii",
            Message("0100", {62: {"2": "xyz", "10": "11 456"}}),
            b"0100000000000000000418" + b"\x40\x40\0\0\0\0\0\0" + b"3xyz" + b"11 456",
        ),
        (
            "moov-packed",
            Message("0200", {2: "123", 22: "021", 23: "007", 32: "12345"}),
            bytes.fromhex("0200 4000060100000000 03 0123 0021 0070 05 123450"),
        ),
        (
            "moov-packed",
            Message("0200", {43: "x" * 200, 44: "[a"}),
            bytes.fromhex("0200 0000000000300000 c8") + b"x" * 200 + bytes.fromhex("f0f2 ad81"),
        ),
        (
            "moov-packed",
            Message("0200", {48: {"DF01": b"\x07", "DF02": {"1": "643", "2": "abc"}}}),
            bytes.fromhex("0200 0000000000010000 0014 DF01 0001 07 DF02 0005 0643 616263"),
        ),
    ],
    ids=str,
)
def test_the_bytes_are_those_that_moov_writes(name: str, message: Message, payload: bytes) -> None:
    spec = load_spec(FOLDER / f"{name}.json")
    assert encode(spec, message) == payload
    assert reference.encode(spec, message) == payload
    assert decode(spec, payload) == message


def test_card_data_of_an_imported_spec_is_masked_and_characters_are_not_judged() -> None:
    spec = load_spec(FOLDER / "moov-ascii.json")
    assert spec.characters == "validate"
    masks = {number: field.mask for number, field in spec.fields.items() if field.mask}
    assert masks == {2: "pan", 35: "track", 45: "track", 52: "wipe", 55: "wipe"}


def test_what_is_said_in_two_ways_comes_out_in_one() -> None:
    document = json.loads(text("moov-ascii"))
    other = deepcopy(document)
    fields = other["fields"]
    fields["0"]["prefix"] = "BCD.Fixed"
    fields["11"] |= {"type": "Numeric", "padding": {"type": "None", "pad": ""}}
    fields["52"] |= {"type": "String", "prefix": "Hex.Fixed"}
    tag = fields["48"]["tag"]
    fields["48"]["tag"] = {**tag, "padding": {"type": "Left", "pad": "0"}, "skipUnknownTLVTags": False}
    fields["48"]["subfields"]["1"] = fields["48"]["subfields"].pop("01")
    assert json.loads(export_moov(imported(other))) == document


@pytest.mark.parametrize("name", ["iso8583-1987-ascii", "iso8583-1987-binary", "iso8583-1993-ascii"])
def test_what_goes_out_comes_in_with_the_same_bytes(name: str) -> None:
    spec = load_spec(name)
    if name == "iso8583-1993-ascii":
        with pytest.raises(SpecFault) as caught:
            export_moov(spec)
        assert [line.split(":")[0] for line in caught.value.faults] == ["fields.53", "fields.55", "fields.96"]
        return
    back = parse_json_spec(export_moov(spec), "back.json")
    fields = {
        number: bytes(field.size) if field.kind == "b" else "7" * field.size
        for number, field in spec.fields.items()
    }
    message = Message("0200", dict(fields))
    assert encode(back, message) == encode(spec, message)


def test_a_packed_track_and_other_forms_that_moov_has_not_are_told_at_once() -> None:
    with pytest.raises(SpecFault) as caught:
        export_moov(load_spec("iso8583-1987-bcd"))
    assert [line.split(":")[0] for line in caught.value.faults] == ["fields.35", "fields.36"]
    with pytest.raises(SpecFault) as caught:
        export_moov(load_spec("vafa"))
    assert [line.split(":")[0] for line in caught.value.faults] == ["fields.35"]


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"type": "String", "length": 4, "enc": "LATIN", "prefix": "ASCII.Fixed"}, "enc 'LATIN'"),
        ({"type": "String", "length": 4, "enc": "ASCII", "prefix": "None.Fixed"}, "prefix 'None.Fixed'"),
        ({"type": "String", "length": 4, "enc": "ASCII", "prefix": "Hex.LL"}, "a length in hexadecimal"),
        ({"type": "String", "length": 4, "enc": "ASCII", "prefix": "BerTLV"}, "prefix 'BerTLV'"),
        ({"type": "String", "length": 4, "enc": "EBCDIC", "prefix": "EBCDIC.Fixed"}, "no IBM code page"),
        ({"type": "Integer", "length": 4, "enc": "ASCII", "prefix": "ASCII.Fixed"}, "type 'Integer'"),
        ({"type": "Track2", "length": 37, "enc": "BCD", "prefix": "BCD.LL"}, "packs only digits"),
        ({"type": "Hex", "length": 8, "enc": "HexToASCII", "prefix": "ASCII.LL"}, "counts bytes before"),
        ({"type": "Binary", "length": 8, "enc": "ASCII", "prefix": "ASCII.LL"}, "enc 'ASCII' of bytes"),
        ({"type": "Composite", "length": 8, "prefix": "ASCII.LL"}, "has subfields"),
        ({"type": "String", "length": 190, "enc": "ASCII", "prefix": "ASCII.LL"}, "LL counts to 99"),
        (
            {
                "type": "String",
                "length": 9,
                "enc": "ASCII",
                "prefix": "ASCII.LL",
                "padding": {"type": "Left", "pad": "0"},
            },
            "padding of a variable length",
        ),
        (
            {
                "type": "Numeric",
                "length": 4,
                "enc": "BCD",
                "prefix": "BCD.Fixed",
                "padding": {"type": "Right", "pad": "F"},
            },
            "filled with a digit",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_field_that_ours_cannot_say_is_named(field: Node, told: str) -> None:
    found = faults(with_field("60", **field))
    assert len(found) == 1
    assert found[0].startswith("fields.60: ")
    assert told in found[0]


def composite(**more: object) -> Node:
    part = {"type": "String", "length": 2, "enc": "ASCII", "prefix": "ASCII.Fixed"}
    return with_field(
        "60", **{"type": "Composite", "length": 60, "prefix": "ASCII.LL", "subfields": {"1": part}, **more}
    )


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (composite(), "a tag or a bitmap"),
        (composite(tag={"sort": "StringsByHex"}), "sort 'StringsByHex'"),
        (composite(tag={"enc": "Binary", "length": 1, "sort": "StringsByInt"}), "tags are ASCII"),
        (composite(tag={"enc": "ASCII", "length": 1, "sort": "StringsByInt"}), "without a length"),
        (
            composite(tag={"enc": "BerTLVTag", "sort": "StringsByHex"}),
            "prefix 'ASCII.Fixed' of a BER-TLV tag",
        ),
        (
            composite(padding={"type": "Left", "pad": "0"}, tag={"sort": "StringsByInt"}),
            "padding of a composite",
        ),
        (
            composite(bitmap={"type": "Bitmap", "length": 8, "enc": "HexToASCII", "disableAutoExpand": True}),
            "8 bytes, Binary",
        ),
        (composite(bitmap={"type": "Bitmap", "length": 8, "enc": "Binary"}), "that grows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_composite_that_ours_cannot_say_is_named(document: Node, told: str) -> None:
    found = faults(document)
    assert any(told in line and line.startswith("fields.60") for line in found), found


def test_the_whole_bitmap_of_moovs_own_example() -> None:
    # Its spec of 1987 has a bitmap of 16 bytes, which are then always there.
    document = json.loads(text("moov-ascii"))
    document["fields"]["1"]["length"] = 16
    spec = import_moov(document, "moov")
    assert spec.bitmap_bytes == 16
    assert json.loads(export_moov(spec))["fields"]["1"]["length"] == 16
    document["fields"]["1"]["length"] = 24
    assert faults(document) == ["fields.1: a bitmap of 24 bytes: ours has 8 or 16"]


def test_everything_wrong_is_told_at_once() -> None:
    document = json.loads(text("moov-ascii"))
    del document["fields"]["0"]
    document["fields"]["1"]["disableAutoExpand"] = True
    document["fields"]["2"]["prefix"] = "Hex.LL"
    document["fields"]["41"]["enc"] = "LATIN"
    document["fields"]["55"]["subfields"]["9A"]["prefix"] = "ASCII.LL"
    document["fields"]["65"] = document["fields"]["11"]
    assert [line.split(": ")[0] for line in faults(document)] == [
        "fields.2",
        "fields.41",
        "fields.55.subfields.9A",
        "fields.0",
        "fields.1",
        "fields.65",
    ]


def test_a_document_of_wrong_types_is_refused_with_places() -> None:
    document = json.loads(text("moov-ascii"))
    document["fields"]["2"]["length"] = "19"
    document["fields"]["3"]["colour"] = "red"
    found = faults(document)
    assert [line.split(":")[0] for line in found] == ["fields.2.length", "fields.3.colour"]


def test_a_tag_has_one_meaning_wherever_it_stands() -> None:
    document = json.loads(text("moov-ascii"))
    document["fields"]["60"] = deepcopy(document["fields"]["55"])
    imported(document)
    document["fields"]["60"]["subfields"]["9A"]["length"] = 4
    found = faults(document)
    assert len(found) == 1
    assert found[0].startswith("fields.60.subfields.9A: the tag is described in another way")


def test_constructed_tags_are_read_by_the_same_table() -> None:
    document = json.loads(text("moov-ascii"))
    tag = document["fields"]["55"]["tag"]
    inner = {"5A": {"type": "Hex", "length": 10, "enc": "Binary", "prefix": "BerTLV"}}
    document["fields"]["55"]["subfields"]["70"] = {
        "type": "Composite",
        "length": 200,
        "prefix": "BerTLV",
        "tag": tag,
        "subfields": inner,
    }
    spec = imported(document)
    message = Message("0100", {55: {"70": {"5A": b"\x40\x02"}}})
    payload = encode(spec, message)
    assert payload.endswith(b"006\x70\x04\x5a\x02\x40\x02")
    assert decode(spec, payload) == message
    back = parse_json_spec(export_moov(spec), "back.json")
    assert encode(back, message) == payload
