"""What is said of a change between two specs is what the codecs do with the bytes."""

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample

from protocol.codec import decode, encode
from protocol.message import Message
from protocol.spec import SpecDocument, bundled_specs, load_spec
from protocol.spec.compatibility import Verdict, compare, worst
from tests.amounts import many
from tests.protocol.specs.any_values import messages
from tests.protocol.specs.spec_changes import BREAKING, OK, TITLE, UNUSED, Node, direction, field, reads, spec

relaxed = settings(max_examples=many(60), deadline=None, suppress_health_check=list(HealthCheck))


def prove(writer: SpecDocument, reader: SpecDocument, verdict: Verdict) -> None:
    """The verdict of a direction, against the codecs: never or sometimes a difference."""
    # Any example will do, so it is not made small.
    several = settings(
        relaxed,
        max_examples=max(400, many(400)) if verdict == BREAKING else 60,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
    )
    search = messages(writer)
    try:
        example = find(search, lambda message: not reads(writer, reader, message), settings=several)
    except NoSuchExample:
        assert verdict != BREAKING, "said to break, but no message shows it"
    else:
        assert verdict != OK, f"said to be compatible, but {example} is not"


N, PACKED = {"kind": "n"}, {"kind": "n", "encoding": "bcd", "unit": "digits", "pad": "left"}
EVEN = {"kind": "n", "encoding": "bcd", "unit": "digits", "length": "fixed", "size": 6}
SHORT = {"length": "fixed", "size": 8}
JUSTIFIED = {**SHORT, "justify": "left", "fill": " "}
BYTES = {"kind": "b", "encoding": "binary"}
PART = field(kind="n", length="fixed", size=2)
COMPOSITE = {"encoding": "binary", "length": "LLL", "size": 200}
POSITIONAL = {**COMPOSITE, "kind": "positional", "parts": {"2": PART, "4": PART}}
BITMAPPED = {**COMPOSITE, "kind": "bitmapped", "parts": {"2": PART, "4": PART}}
TAG = {"encoding": "ascii", "size": 2, "length_encoding": "ascii", "length_digits": 2}
TAGGED = {**COMPOSITE, "kind": "tags", "tag": TAG, "parts": {"01": PART, "02": field(length="rest")}}


def parts(composite: Node, **others: Node) -> Node:
    """A composite with other parts; `p3=PART` adds part 3."""
    known = composite["parts"]
    assert isinstance(known, dict)
    return {**composite, "parts": {**known, **{key[1:]: part for key, part in others.items()}}}


FIELD_CHANGES = [
    ("name", {}, {"name": "other"}, "name", OK, OK),
    ("title", {}, {"title": {"en": "Other", "fa": "دیگر"}}, "title", OK, OK),
    ("mask", {}, {"mask": "wipe"}, "mask", OK, OK),
    ("wider class", N, {"kind": "ans"}, "kind", OK, BREAKING),
    ("other class", {"kind": "an"}, {"kind": "z"}, "kind", BREAKING, BREAKING),
    ("track to text", {"kind": "z"}, {"kind": "text"}, "kind", OK, BREAKING),
    ("packed number to track", PACKED, {**PACKED, "kind": "z"}, "kind", BREAKING, BREAKING),
    ("even number to track", EVEN, {**EVEN, "kind": "z"}, "kind", OK, BREAKING),
    ("ascii to ebcdic", {}, {"encoding": "ebcdic"}, "encoding", BREAKING, BREAKING),
    ("code pages, digits", {**N, "encoding": "ebcdic"}, {**N, "encoding": "ebcdic1047"}, "encoding", OK, OK),
    ("code pages, text", {"encoding": "ebcdic"}, {"encoding": "ebcdic1047"}, "encoding", BREAKING, BREAKING),
    ("ascii to utf8", {"kind": "text"}, {"kind": "text", "encoding": "utf8"}, "encoding", OK, BREAKING),
    ("bytes to hex", BYTES, {**BYTES, "encoding": "hex"}, "encoding", BREAKING, BREAKING),
    ("longer prefix", {}, {"length": "LLL"}, "length", BREAKING, BREAKING),
    ("fixed to variable", SHORT, {"size": 8}, "length", BREAKING, BREAKING),
    ("packed L to LL", {**PACKED, "length": "L", "size": 9, "length_encoding": "bcd"},
     {**PACKED, "length": "LL", "size": 9, "length_encoding": "bcd"}, "length", OK, OK),
    ("wider", {"size": 20}, {"size": 30}, "size", OK, BREAKING),
    ("narrower", {"size": 20}, {"size": 10}, "size", BREAKING, OK),
    ("other fixed size", SHORT, {**SHORT, "size": 9}, "size", BREAKING, BREAKING),
    ("digits to bytes", {**EVEN, "size": 3, "pad": "left"}, {**EVEN, "size": 3, "unit": "bytes"}, "unit",
     BREAKING, BREAKING),
    ("the same said in bytes", EVEN, {**EVEN, "size": 3, "unit": "bytes"}, "unit", OK, OK),
    ("other lengths", {}, {"length_encoding": "bcd"}, "length_encoding", BREAKING, BREAKING),
    ("the same lengths said", {}, {"length_encoding": "ascii"}, "length_encoding", OK, OK),
    ("lengths of a fixed field", SHORT, {**SHORT, "length_encoding": "bcd"}, "length_encoding", OK, OK),
    ("other pad", PACKED, {**PACKED, "pad": "right"}, "pad", BREAKING, BREAKING),
    ("justified", SHORT, JUSTIFIED, "justify", BREAKING, BREAKING),
    ("other side", JUSTIFIED, {**JUSTIFIED, "justify": "right"}, "justify", BREAKING, BREAKING),
    ("other fill", JUSTIFIED, {**JUSTIFIED, "fill": "_"}, "fill", BREAKING, BREAKING),
    ("part at the end", POSITIONAL, parts(POSITIONAL, p5=PART), "presence", OK, UNUSED),
    ("part between", POSITIONAL, parts(POSITIONAL, p3=PART), "presence", BREAKING, BREAKING),
    ("part behind a bit", BITMAPPED, parts(BITMAPPED, p3=PART), "presence", OK, UNUSED),
    ("part changed", BITMAPPED, parts(BITMAPPED, p4={**PART, "size": 3}), "size", BREAKING, BREAKING),
    ("tagged part wider", TAGGED, parts(TAGGED, p02=field(length="rest", size=40)), "size", OK, BREAKING),
    ("other tags", TAGGED, {**TAGGED, "tag": {**TAG, "encoding": "ebcdic"}}, "tag.encoding",
     BREAKING, BREAKING),
    ("other tag lengths", TAGGED, {**TAGGED, "tag": {**TAG, "length_digits": 3}}, "tag.length_digits",
     BREAKING, BREAKING),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "axis", "forth", "back"),
    [case[1:] for case in FIELD_CHANGES],
    ids=[case[0] for case in FIELD_CHANGES],
)
def test_a_change_of_a_field_does_what_is_said_of_it(
    before: Node, after: Node, axis: str, forth: Verdict, back: Verdict
) -> None:
    old, new = spec(field(**before)), spec(field(**after))
    changes = compare(old, new)
    assert axis in {change.axis for change in changes}
    assert (direction(changes, forth=True), direction(changes, forth=False)) == (forth, back)
    assert all(change.path.startswith("fields.48") for change in changes)
    prove(old, new, forth)
    prove(new, old, back)


def test_an_unknown_tagged_part_is_kept_as_bytes_by_one_that_does_not_know_it() -> None:
    old, new = spec(field(**TAGGED)), spec(field(**parts(TAGGED, p03=PART)))
    changes = compare(old, new)
    assert [(change.path, change.verdict) for change in changes] == [("fields.48.parts.03", OK)]
    payload = encode(new, Message("0100", {48: {"03": "77"}}))
    read = decode(old, payload)
    assert read.fields[48] == {"03": b"77"}
    assert encode(old, read) == payload


SPEC_CHANGES = [
    ("mti_encoding", {}, {"mti_encoding": "bcd"}, BREAKING, BREAKING),
    ("mti_encoding", {"mti_encoding": "ebcdic"}, {"mti_encoding": "ebcdic1047"}, OK, OK),
    ("bitmap_encoding", {}, {"bitmap_encoding": "hex"}, BREAKING, BREAKING),
    ("length_encoding", {}, {"length_encoding": "bcd"}, BREAKING, BREAKING),
    ("length_encoding", {"length_encoding": "ebcdic"}, {"length_encoding": "ebcdic1047"}, OK, OK),
    ("characters", {}, {"characters": "validate"}, OK, BREAKING),
    ("version", {}, {"version": 2}, OK, OK),
    ("name", {}, {"name": "other"}, OK, OK),
    ("title", {}, {"title": {"en": "Other", "fa": "دیگر"}}, OK, OK),
    ("payload_maximum_bytes", {"payload_maximum_bytes": 24}, {"payload_maximum_bytes": 30}, OK, BREAKING),
]


@pytest.mark.parametrize(("axis", "before", "after", "forth", "back"), SPEC_CHANGES, ids=str)
def test_a_change_of_the_whole_spec_does_what_is_said_of_it(
    axis: str, before: Node, after: Node, forth: Verdict, back: Verdict
) -> None:
    old, new = spec(None, **before), spec(None, **after)
    changes = compare(old, new)
    assert [(change.path, change.axis) for change in changes] == [("", axis)]
    assert (changes[0].old_to_new, changes[0].new_to_old) == (forth, back)
    if axis == "characters":
        assert reads(old, new, Message("0100", {11: "123456"}))
        assert not reads(new, old, Message("0100", {11: "12345x"}))
        return
    prove(old, new, forth)
    prove(new, old, back)


def test_lengths_of_a_spec_without_variable_fields_may_change() -> None:
    one = field(**SHORT)
    assert worst(compare(spec(one), spec(one, length_encoding="bcd"))) == OK


def test_a_field_and_a_tag_that_come_or_go() -> None:
    old = spec()
    fields = {number: known.model_dump() for number, known in old.fields.items()}
    new = spec(fields={**fields, 60: field(name="new")})
    (change,) = compare(old, new)
    assert (change.path, change.axis, change.before, change.after) == (
        "fields.60",
        "presence",
        "absent",
        "new",
    )
    assert (change.old_to_new, change.new_to_old) == (OK, UNUSED)
    assert (
        change.effect == "where this is used, one on the new spec sends what one on the old spec cannot read"
    )
    prove(old, new, OK)
    assert not reads(new, old, Message("0100", {60: "x"}))
    (change,) = compare(new, old)
    assert (change.old_to_new, change.new_to_old) == (UNUSED, OK)

    one = field(kind="tlv", encoding="binary")
    tags = {"DF01": {"name": "points", "kind": "n", "size": 4, "title": TITLE}}
    old, new = spec(one), spec(one, tags=tags)
    (change,) = compare(old, new)
    assert (change.path, change.verdict, change.effect) == ("tags.DF01", OK, "harmless")
    assert decode(old, encode(new, Message("0100", {48: {"DF01": "0012"}}))).fields[48] == {
        "DF01": b"\x00\x12"
    }


@pytest.mark.parametrize(
    ("axis", "value", "forth", "back"),
    [
        ("name", "other", OK, OK),
        ("kind", "b", BREAKING, BREAKING),
        ("size", 30, OK, BREAKING),
        ("size", 5, BREAKING, OK),
        ("mask", "wipe", OK, OK),
    ],
)
def test_a_change_of_a_tag_does_what_is_said_of_it(
    axis: str, value: object, forth: Verdict, back: Verdict
) -> None:
    tag = {"name": "text", "kind": "text", "size": 15, "title": TITLE}
    one = field(kind="tlv", encoding="binary", size=99)
    old, new = spec(one, tags={"DF01": tag}), spec(one, tags={"DF01": {**tag, axis: value}})
    (change,) = compare(old, new)
    assert (change.path, change.axis) == ("tags.DF01", axis)
    assert (change.old_to_new, change.new_to_old) == (forth, back)
    prove(old, new, forth)
    prove(new, old, back)


def typed(**rules: object) -> SpecDocument:
    return spec(messages={"0100": {"title": TITLE, "mandatory": [11], **rules}})


RULE_CHANGES = [
    ("optional becomes mandatory", {"optional": [48]}, {"mandatory": [11, 48]}, BREAKING, OK),
    ("a new mandatory field", {}, {"mandatory": [11, 48]}, BREAKING, BREAKING),
    ("a new optional field", {}, {"optional": [48]}, OK, UNUSED),
    ("optional becomes conditional", {"optional": [48]}, {"conditional": {48: TITLE}}, OK, OK),
    ("mandatory becomes one of two", {}, {"mandatory": [], "one_of": [[11, 48]]}, OK, BREAKING),
    ("one of two, where both were optional", {"mandatory": [], "optional": [11, 48]},
     {"mandatory": [], "one_of": [[11, 48]]}, BREAKING, OK),
]  # fmt: skip


def obeys(document: SpecDocument, present: set[int]) -> bool:
    """The rules of type 0100, said once more."""
    rules = document.messages["0100"]
    return (
        present >= set(rules.mandatory)
        and present <= set(rules.listed)
        and all(len(present.intersection(group)) == 1 for group in rules.one_of)
    )


@pytest.mark.parametrize(
    ("before", "after", "forth", "back"),
    [case[1:] for case in RULE_CHANGES],
    ids=[case[0] for case in RULE_CHANGES],
)
def test_a_change_of_the_rules_of_a_type_does_what_is_said_of_it(
    before: Node, after: Node, forth: Verdict, back: Verdict
) -> None:
    old, new = typed(**before), typed(**after)
    changes = compare(old, new)
    assert all(change.path.startswith("messages.0100") for change in changes)
    assert (direction(changes, forth=True), direction(changes, forth=False)) == (forth, back)
    for writer, reader, verdict in ((old, new, forth), (new, old, back)):
        sent = [present for present in (set(), {11}, {48}, {11, 48}) if obeys(writer, present)]
        assert sent
        refused = [present for present in sent if not obeys(reader, present)]
        assert bool(refused) == (verdict != OK)


def test_types_codes_and_echoes_that_change() -> None:
    rules = {"title": TITLE, "mandatory": [11], "optional": [48], "echo": [11]}
    code = {"00": {"name": "approved", "title": TITLE}}
    old = spec(messages={"0110": rules}, response_codes=code)
    new = spec(
        messages={"0110": {**rules, "echo": [11, 48]}, "0100": rules},
        response_codes={**code, "05": {"name": "declined", "title": TITLE}},
    )
    assert [(change.path, change.old_to_new, change.new_to_old) for change in compare(old, new)] == [
        ("messages.0100", OK, UNUSED),
        ("messages.0110", UNUSED, OK),
        ("response_codes.05", OK, UNUSED),
    ]


def test_sealing_breaks_those_that_do_not_seal() -> None:
    mac = {"kind": "b", "encoding": "binary", "length": "fixed", "size": 8}
    fields = {64: field(name="mac", **mac), 128: field(name="mac_2", **mac), 11: field(name="stan")}
    (change,) = compare(spec(fields=fields), spec(fields=fields, sealed=True))
    assert (change.axis, change.old_to_new, change.new_to_old) == ("sealed", BREAKING, OK)
    assert compare(spec(), spec(fields=fields, sealed=True))[0].new_to_old == BREAKING


@pytest.mark.parametrize("name", bundled_specs())
def test_a_spec_has_no_changes_against_itself(name: str) -> None:
    one = load_spec(name)
    assert compare(one, one) == []
    assert compare(one, SpecDocument.model_validate_json(one.model_dump_json())) == []
    assert worst([]) == OK
