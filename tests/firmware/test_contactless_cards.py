"""What cards and tags say of themselves: recorded answers, published tags, and nonsense."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.contactless.fault import ContactlessFault
from terminal.devices.contactless.ndef import member_card
from terminal.devices.contactless.target import Target, read_ats, read_targets
from terminal.devices.contactless.type2 import Type2Reading
from terminal.devices.entry_mode import CONTACTLESS
from terminal.devices.misread import Misread

from protocol.dialect import EntryMode
from simulator.virtual_contactless import Type2Tag, text_message, uri_message
from simulator.virtual_terminal import Card

NUMBER = Card.issue("9364", 7).number
# Recorded answers of InListPassiveTarget: a DESFire EV1, a JCOP card and a MIFARE Classic.
DESFIRE = bytes.fromhex("4b01010344200704 1e2061801d80 067577810280")
JCOP = bytes.fromhex("4b0101004820070413 14218b2080 0d7877b1024a434f5076323431")
CLASSIC = bytes.fromhex("4b010100040804924c5227")
# The memory of a MIFARE Ultralight that links to its own page, published with a reader's examples.
ULTRALIGHT = bytes.fromhex(
    "047bcb3c 51962280 6548ff7f e1100600 031dd101 19550174 6167 2e62652f6d 2f303437 42434235 31393632"
    "32383050c7badbbb 3df622c1 68e88f24 00000000"
)


def read_tag(tag: Type2Tag) -> bytes:
    reading = Type2Reading()
    turns = 0
    while command := reading.command():
        reading.take(tag.answer(command) or b"")
        turns += 1
        assert turns <= 17
    assert reading.message is not None
    return bytes(reading.message)


def test_field_22_is_that_of_the_message_spec() -> None:
    assert CONTACTLESS == EntryMode.CONTACTLESS


def test_a_desfire() -> None:
    (target,) = read_targets(DESFIRE)
    assert (target.number, target.atqa, target.sak) == (1, 0x0344, 0x20)
    assert target.uid.hex() == "041e2061801d80"
    assert target.is_iso_dep and not target.is_type2
    ats = read_ats(target.ats)
    assert (ats.frame_bytes, ats.takes_cid, ats.historical.hex()) == (64, True, "80")
    assert ats.wait_us == 77328  # FWI 8: 256 * 16 / 13.56 MHz * 2^8


def test_a_jcop() -> None:
    (target,) = read_targets(JCOP)
    ats = read_ats(target.ats)
    assert (ats.frame_bytes, ats.historical) == (256, b"JCOPv241")


def test_a_classic() -> None:
    (target,) = read_targets(CLASSIC)
    assert target.uid.hex() == "924c5227"
    assert not target.is_iso_dep and not target.is_type2


def test_two_cards() -> None:
    first, second = read_targets(b"\x4b\x02" + DESFIRE[2:] + b"\x02" + CLASSIC[3:])
    assert (first.number, second.number) == (1, 2)
    assert first.is_iso_dep and second.uid.hex() == "924c5227"


def test_an_empty_field() -> None:
    assert read_targets(b"\x4b\x00") == []


def test_the_standard_s_defaults_of_an_ats() -> None:
    ats = read_ats(b"\x01")
    assert (ats.frame_bytes, ats.wait_us, ats.takes_cid, ats.historical) == (32, 4833, True, b"")
    # Reserved codes: the greatest frame, the default time.
    ats = read_ats(bytes.fromhex("032ff0"))
    assert (ats.frame_bytes, ats.wait_us) == (4096, 4833)


@given(st.one_of(st.binary(max_size=40), st.integers(0, len(DESFIRE)).map(lambda end: DESFIRE[:end])))
def test_nonsense_is_an_answer_fault(answer: bytes) -> None:
    try:
        targets = read_targets(answer)
    except ContactlessFault as fault:
        assert fault.reason == "answer"
        return
    assert all(isinstance(target, Target) for target in targets)


@given(st.binary(max_size=20))
def test_any_ats_is_read_or_refused(ats: bytes) -> None:
    try:
        read = read_ats(ats)
    except ContactlessFault as fault:
        assert fault.reason == "answer"
        return
    assert 16 <= read.frame_bytes <= 4096
    assert len(read.historical) < 20


def test_a_published_tag() -> None:
    message = read_tag(Type2Tag(ULTRALIGHT))
    assert message[5:] == b"tag.be/m/047BCB51962280P"
    with pytest.raises(Misread) as misread:
        member_card(message, CONTACTLESS)
    assert misread.value.reason == "form"


@pytest.mark.parametrize("message", [uri_message, text_message], ids=["uri", "text"])
@pytest.mark.parametrize("scheme", ["vafa:", "VAFA:"])
def test_a_member_s_tag(message: Callable[[str], bytes], scheme: str) -> None:
    card = member_card(read_tag(Type2Tag.with_message(message(scheme + NUMBER))), CONTACTLESS)
    assert (card.pan, card.entry_mode) == (NUMBER, "071")


def test_locks_and_vendors_data_before_the_message() -> None:
    tag = Type2Tag.with_message(uri_message("vafa:" + NUMBER))
    before = bytes.fromhex("0103a00c34 0000 fd03aabbcc")
    tag.memory = tag.memory[:16] + before + tag.memory[16:-12]
    assert member_card(read_tag(tag), CONTACTLESS).pan == NUMBER


def test_a_long_length_and_a_second_record() -> None:
    first = bytes.fromhex("91010855 03 6578616d706c65")
    uri = b"\x00vafa:" + NUMBER.encode()
    second = bytes([0x49, 1]) + len(uri).to_bytes(4, "big") + b"\x01U" + b"i" + uri
    message = first + second
    tag = Type2Tag.with_message(message)
    size = bytes([0x03, 0xFF]) + len(message).to_bytes(2, "big")
    tag.memory = tag.memory[:16] + (size + message + b"\xfe").ljust(144, b"\x00")
    assert member_card(read_tag(tag), CONTACTLESS).pan == NUMBER


@pytest.mark.parametrize(
    ("memory", "reason"),
    [
        (bytes(64), "tag"),
        (ULTRALIGHT[:12] + bytes.fromhex("e1200600") + ULTRALIGHT[16:], "tag"),
        (ULTRALIGHT[:16] + b"\xfe" + bytes(47), "ndef"),
        (ULTRALIGHT[:16] + bytes(48), "ndef"),
        (ULTRALIGHT[:16] + b"\x03\x7f" + bytes(46), "ndef"),
        (ULTRALIGHT[:16] + b"\x03\xff\x7f\xff" + bytes(44), "ndef"),
        (ULTRALIGHT[:12] + bytes.fromhex("e1100000") + ULTRALIGHT[16:], "ndef"),
        (ULTRALIGHT[:8], "tag"),
    ],
    ids=["blank", "version 2", "terminator", "nulls", "cut", "longer than the tag", "no room", "cut memory"],
)
def test_tags_without_a_message(memory: bytes, reason: str) -> None:
    with pytest.raises(Misread) as misread:
        read_tag(Type2Tag(memory))
    assert misread.value.reason == reason


@given(st.binary(min_size=48, max_size=400), st.integers(0, 255))
def test_any_memory_is_read_or_refused(area: bytes, eighths: int) -> None:
    memory = ULTRALIGHT[:12] + bytes([0xE1, 0x10, eighths, 0]) + area
    try:
        message = read_tag(Type2Tag(memory[: len(memory) & ~3]))
    except Misread as misread:
        assert misread.reason in ("tag", "ndef")
        return
    assert message in memory


@given(st.binary(max_size=80))
def test_any_message_holds_a_member_or_not(message: bytes) -> None:
    with pytest.raises(Misread) as misread:
        member_card(message, CONTACTLESS)
    assert misread.value.reason in ("ndef", "form")


@given(st.data())
def test_a_cut_message_is_no_message(data: st.DataObject) -> None:
    message = uri_message("vafa:" + NUMBER)
    with pytest.raises(Misread) as misread:
        member_card(message[: data.draw(st.integers(0, len(message) - 1))], CONTACTLESS)
    assert misread.value.reason == "ndef"


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("vafa:" + NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "luhn"),
        ("vafa:93640", "pan"),
        ("vafa:" + "0" * 20, "pan"),
        ("vafa:", "form"),
        ("vafa:93640000000000x3", "form"),
        ("https://example.org", "form"),
    ],
    ids=["check digit", "short", "long", "none", "letter", "another scheme"],
)
def test_other_numbers(uri: str, reason: str) -> None:
    with pytest.raises(Misread) as misread:
        member_card(uri_message(uri), CONTACTLESS)
    assert misread.value.reason == reason
    assert not any(character.isdigit() for character in str(misread.value))
