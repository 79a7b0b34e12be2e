"""Specs from names and files; a wrong one tells all its faults at once, each with its place."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from protocol.codec import decode, encode
from protocol.faults import FaultCode
from protocol.message import Message
from protocol.spec import SpecFault, bundled_specs, load_spec, parse_json_spec, parse_spec
from protocol.spec.loading import FILE_MAXIMUM_BYTES

TEXT = files("protocol.spec").joinpath("vafa.toml").read_text("utf-8")
SMALL = (Path(__file__).resolve().parents[2] / "vectors/specs/small.toml").read_text("utf-8")


def faults(text: str) -> list[str]:
    with pytest.raises(SpecFault) as caught:
        parse_spec(text, "small.toml")
    assert caught.value.code == FaultCode.BAD_SPEC
    count = len(caught.value.faults)
    told = "1 fault" if count == 1 else f"{count} faults"
    assert str(caught.value).splitlines()[0] == f"small.toml: {told} in the message spec"
    return caught.value.faults


def test_a_file_of_a_user_is_read_from_toml_and_from_json_alike(tmp_path: Path) -> None:
    toml, json_ = tmp_path / "small.toml", tmp_path / "small.json"
    toml.write_text(SMALL, "utf-8")
    document = {"$schema": "urn:vafa:message-spec:1", **tomllib.loads(SMALL)}
    json_.write_text("\ufeff" + json.dumps(document), "utf-8")
    spec = load_spec(toml)
    assert spec == load_spec(str(json_))
    message = Message("0100", {2: "4000000000000002", 11: "000001", 43: {"1": "THR"}})
    assert decode(spec, encode(spec, message)) == message


def test_a_file_is_one_object_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, "utf-8")
    first = load_spec(path)
    assert load_spec(path) is first
    path.write_text(SMALL.replace("version = 1", "version = 2"), "utf-8")
    assert load_spec(path).version == 2


def test_a_bundled_name_is_never_a_file_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vafa").write_text("= 1", "utf-8")
    assert load_spec("vafa").name == "vafa"


def test_what_cannot_be_read_is_a_fault_of_the_spec(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    (tmp_path / "long.json").write_bytes(b" " * (FILE_MAXIMUM_BYTES + 1))
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "deep.json").write_text("[" * 100_000, "utf-8")
    (tmp_path / "list.json").write_text("[1]", "utf-8")
    for name, text in {
        "missing.toml": "No such file",
        "latin.toml": "byte 8 is not UTF-8",
        "long.json": "at most 4194304 bytes",
        "folder.toml": "directory",
        "deep.json": "nested too deep",
        "list.json": "a spec is a JSON object",
        "spec.xml": "nor is it a .toml or .json file",
    }.items():
        with pytest.raises(SpecFault, match=text):
            load_spec(tmp_path / name)
    with pytest.raises(SpecFault) as caught:
        load_spec("nothing")
    assert all(name in str(caught.value) for name in bundled_specs())


def test_an_unknown_version_of_the_format_is_refused() -> None:
    assert faults(SMALL.replace("format = 1", "format = 2")) == [
        "format: version 2 is not known, this reads version 1"
    ]
    assert faults(SMALL.replace("format = 1", "")) == ["format: Field required"]


def test_faults_of_values_do_not_hide_those_between_them() -> None:
    broken = SMALL.replace('mti_encoding = "ascii"', 'mti_encoding = "morse"')
    broken = broken.replace('length = "LL", size = 19', 'length = "LL", size = 190')
    broken = broken.replace('kind = "ans"', 'kind = "an5"')
    broken = broken.replace('name = "place"', 'name = "stan"')
    broken = broken.replace("mandatory = [2, 11]", "mandatory = [2, 11, 12, 11]")
    found = faults(broken)
    assert sorted(line.split(":")[0] for line in found) == [
        "fields.2",
        "fields.43.parts.1.kind",
        "message 0100",
        "message 0100",
        "mti_encoding",
        "name stan stands twice",
    ]
    assert "fields.2: LL counts to 99" in found
    assert "message 0100: field 12 is not defined" in found
    assert "message 0100: field 11 stands twice" in found


def test_several_faults_of_one_field_are_lines_of_their_own() -> None:
    broken = SMALL.replace(
        'kind = "n", encoding = "ascii", length = "fixed"',
        'kind = "an", encoding = "bcd", length = "fixed", pad = "left", fill = "0"',
    )
    assert [line.split(": ")[0] for line in faults(broken)] == ["fields.11"] * 3


@pytest.mark.parametrize("key", ["02", "+2", "two", "۲", "2.0"])
def test_a_field_number_is_written_in_one_way(key: str) -> None:
    broken = SMALL.replace("\n2 = {", f'\n"{key}" = {{').replace("[2, 11]", "[11]")
    assert faults(broken) == [f"fields.{key}: no field number"]


@pytest.mark.parametrize("number", [65, 129])
def test_a_bit_that_announces_a_bitmap_is_no_field(number: int) -> None:
    broken = SMALL.replace("\n11 = {", f"\n{number} = {{").replace("[2, 11]", "[2]")
    assert faults(broken) == [f"fields.{number}: this bit announces a further bitmap and never has a value"]
    assert faults(SMALL.replace("\n11 = {", "\n193 = {").replace("[2, 11]", "[2]"))


def test_a_message_type_is_written_in_ascii_digits() -> None:
    assert faults(SMALL.replace("[messages.0100]", '[messages."۰۱۰۰"]'))


def test_keys_that_stand_twice_in_json_are_told() -> None:
    text = '{"format": 1, "fields": {"2": {"size": 1, "size": 2}, "2": {"size": 1, "size": 3}}}'
    with pytest.raises(SpecFault) as caught:
        parse_json_spec(text, "twice.json")
    assert caught.value.faults == ["fields.2: stands twice", "fields.2.size: stands twice"]


def test_a_binary_length_takes_a_byte_for_each_l() -> None:
    one_byte = SMALL.replace(
        'length = "LL", size = 19', 'length = "L", size = 255, length_encoding = "binary"'
    )
    spec = parse_spec(one_byte.replace("payload_maximum_bytes = 100", "payload_maximum_bytes = 400"), "small")
    message = Message("0100", {2: "7" * 200})
    payload = encode(spec, message)
    assert payload[20:21] == b"\xc8"
    assert decode(spec, payload) == message
    assert faults(one_byte.replace("size = 255", "size = 256")) == ["fields.2: L counts to 255"]
    inherited = SMALL.replace('length_encoding = "ascii"', 'length_encoding = "binary"')
    inherited = inherited.replace('length = "LL", size = 19', 'length = "L", size = 256')
    assert faults(inherited) == ["fields.2: L counts to 255"]


def test_the_dialect_reads_as_its_file_says() -> None:
    assert parse_spec(TEXT, "vafa") == load_spec("vafa")
