"""Frames of the PN532: its user manual's vectors, recorded sessions, streams that are cut and garbled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.contactless import frames
from terminal.devices.contactless.dialogue import DONE, FAILED, SEND_COMMAND, SEND_NACK, WAIT, Dialogue
from terminal.devices.contactless.frames import BODY_AT, FRAME_LIMIT, FrameParser, seal

from simulator.virtual_contactless import wire

# UM0701-02, 6.2.1 and the examples of 7.2 and 7.3.
FROM_HOST = {
    "GetFirmwareVersion": "0000ff02fe d402 2a00",
    "SAMConfiguration": "0000ff05fb d414011401 0200",
    "InListPassiveTarget": "0000ff04fc d44a0100 e100",
    "InListPassiveTarget of two": "0000ff04fc d44a0200 e000",
}
FROM_CHIP = {
    "GetFirmwareVersion": "0000ff06fa d50332010607 e800",
    "SAMConfiguration": "0000ff02fe d515 1600",
    "MIFARE Classic": "0000ff0cf4 d54b010100040804078cfc4f f000",
    "another": "0000ff0cf4 d54b010100040804c2994a1b 0e00",
    "ISO-DEP": "0000ff1ce4 d54b010100042804fde6089910788090022090 0000000000fde60899 5c00",
}
CONTROLS = [
    (wire.ACK, frames.ACK),
    (wire.NACK, frames.NACK),
    (wire.ERROR, frames.ERROR),
]


def sealed(data: bytes) -> bytes:
    buffer = bytearray(FRAME_LIMIT)
    buffer[BODY_AT + 1 : BODY_AT + 1 + len(data)] = data
    assert len(buffer) == FRAME_LIMIT
    return bytes(seal(buffer, 1 + len(data)))


@pytest.mark.parametrize("text", FROM_HOST.values(), ids=FROM_HOST.keys())
def test_commands_are_the_published_ones(text: str) -> None:
    frame = bytes.fromhex(text)
    assert sealed(frame[6:-2]) == frame
    assert wire.frame(frame[6:-2], wire.FROM_HOST) == frame


@pytest.mark.parametrize("text", FROM_CHIP.values(), ids=FROM_CHIP.keys())
def test_published_answers_are_read(text: str) -> None:
    frame = bytes.fromhex(text)
    assert FrameParser().feed(frame) == [(frames.DATA, frame[6:-2])]
    assert wire.frame(frame[6:-2]) == frame


@pytest.mark.parametrize(("frame", "kind"), CONTROLS, ids=["ack", "nack", "error"])
def test_control_frames(frame: bytes, kind: int) -> None:
    assert FrameParser().feed(frame) == [(kind, b"")]


@pytest.mark.parametrize("size", [1, 253, 254, 255, 256, 264])
def test_every_length_both_ways(size: int) -> None:
    data = bytes(place & 0xFF for place in range(1, size + 1))
    assert FrameParser().feed(wire.frame(data)) == [(frames.DATA, data)]
    assert wire.FrameReader().feed(sealed(data)) == [wire.Received(wire.Kind.COMMAND, data)]


def test_nothing_of_a_card_stays_in_the_parser() -> None:
    parser = FrameParser()
    parser.feed(wire.frame(bytes([0xA5]) * 200))
    parser.feed(wire.frame(bytes([0xA5]) * 200)[:100])
    parser.reset()
    assert not any(parser._body)


def test_both_lengths_of_header() -> None:
    assert sealed(bytes(254))[3:5] == bytes.fromhex("ff01")
    assert sealed(bytes(255))[:8] == bytes.fromhex("0000ffffff0100ff")
    longest = sealed(bytes(264))
    assert len(longest) == FRAME_LIMIT
    assert longest[:8] == bytes.fromhex("0000ffffff0109f6")


@given(st.binary(min_size=1, max_size=264))
def test_the_simulated_chip_reads_what_the_terminal_sends(data: bytes) -> None:
    assert wire.FrameReader().feed(sealed(data)) == [wire.Received(wire.Kind.COMMAND, data)]


@given(st.lists(st.binary(min_size=1, max_size=264), min_size=1, max_size=4), st.integers(1, 300))
def test_frames_survive_any_slicing(several: list[bytes], step: int) -> None:
    stream = b"".join(wire.frame(data) + wire.ACK for data in several)
    parser = FrameParser()
    read = [found for at in range(0, len(stream), step) for found in parser.feed(stream[at : at + step])]
    assert read == [pair for data in several for pair in ((frames.DATA, data), (frames.ACK, b""))]
    assert not parser.unfinished


@given(st.binary(max_size=600), st.binary(min_size=1, max_size=264))
def test_noise_harms_one_frame_at_most_after_a_reset(noise: bytes, data: bytes) -> None:
    parser = FrameParser()
    for kind, content in parser.feed(noise):
        assert kind in (frames.ACK, frames.NACK, frames.DATA, frames.ERROR, frames.DAMAGED)
        assert bool(content) == (kind == frames.DATA)
    parser.reset()
    assert parser.feed(wire.frame(data)) == [(frames.DATA, data)]


@given(st.binary(min_size=1, max_size=264), st.data())
def test_a_wrong_bit_is_never_taken_for_data(data: bytes, draws: st.DataObject) -> None:
    good = wire.frame(data)
    # The first zero and the postamble mean nothing.
    place = draws.draw(st.integers(8, 8 * (len(good) - 1) - 1))
    garbled = bytearray(good)
    garbled[place >> 3] ^= 1 << (place & 7)
    found = FrameParser().feed(garbled + bytes(300))
    assert all(kind != frames.DATA for kind, _ in found)


def test_a_start_code_inside_a_broken_header_is_found() -> None:
    assert FrameParser().feed(b"\x00\xff\x00" + wire.ACK) == [(frames.DAMAGED, b""), (frames.ACK, b"")]


@pytest.mark.parametrize(
    "text",
    ["0000ff0000", "0000fffffff0000010", "0000ffffff010af5", "0000ff01ffd42c00", "0000ff01ffd52b00"],
    ids=["no body", "too long", "one too long", "of a host", "no command"],
)
def test_frames_that_the_chip_does_not_send(text: str) -> None:
    (kind, _), *_ = FrameParser().feed(bytes.fromhex(text) + bytes(8))
    assert kind == frames.DAMAGED


@given(st.binary(min_size=1, max_size=264))
def test_the_parser_never_wants_more_than_the_frame_has(data: bytes) -> None:
    frame = wire.frame(data)
    parser = FrameParser()
    at = 0
    found: list[tuple[int, bytes]] = []
    while not found:
        step = parser.missing
        assert at + step <= len(frame)
        found = parser.feed(frame[at : at + step])
        at += step
    assert found == [(frames.DATA, data)]


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from([frames.ACK, frames.NACK, frames.DATA, frames.ERROR, frames.DAMAGED]),
                st.binary(min_size=1, max_size=3),
            ),
            st.booleans(),
        ),
        min_size=40,
        max_size=60,
    ),
    st.booleans(),
)
def test_a_dialogue_always_ends(happenings: list[tuple[int, bytes] | bool], repeatable: bool) -> None:
    dialogue = Dialogue(0x40, repeatable)
    sent = 1
    for happening in happenings:
        action = dialogue.expired(happening) if isinstance(happening, bool) else dialogue.take(*happening)
        sent += action == SEND_COMMAND
        assert sent <= (3 if repeatable else 1)
        if action == DONE:
            assert dialogue.answer[0] == 0x41
            return
        if action == FAILED:
            assert dialogue.fault in ("silent", "refused", "answer")
            return
        assert action in (WAIT, SEND_COMMAND, SEND_NACK)
    pytest.fail("neither an answer nor an end")
