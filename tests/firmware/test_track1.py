"""Track 1, readers of both tracks, and readers that send text: good swipes, damaged ones, noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.entry_mode import STRIPE
from terminal.devices.misread import Misread
from terminal.devices.stripe import StripeParser
from terminal.devices.stripe_bits import BitCollector, read_characters
from terminal.devices.stripe_line import StripeLineParser
from terminal.devices.track1 import Track1, from_bits, from_characters
from terminal.devices.track2 import Track2

from protocol.dialect import EntryMode
from simulator.virtual_terminal import Card
from simulator.virtual_terminal.stripe import bits, characters
from simulator.virtual_terminal.track1 import (
    both_tracks_frame,
    decoded_line,
    track1_bits,
    track1_characters,
    track1_data,
)

CARD = Card.issue("9364", 5)
# The message AT3 as MagTek's "I/O Interface for TTL Magnetic Stripe Readers" lays it out: start sentinel, A,
# T, 3, end sentinel, LRC, each with its low bit first and its parity last.
AT3 = "1010001 1000011 0010110 1100100 1111100 0011100"
# The same manual's example of track 2: start sentinel, 0, end sentinel, LRC.
ZERO = "11010 00001 11111 00100"


def packed(text: str) -> bytes:
    stream = "0" * 9 + text.replace(" ", "") + "0" * 9
    stream += "0" * (-len(stream) % 8)
    return int(stream, 2).to_bytes(len(stream) // 8, "big")


def reversed_bits(data: bytes) -> bytes:
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in reversed(data))


@st.composite
def cards(draw: st.DrawFn) -> Card:
    body = draw(st.integers(0, 10**11 - 1))
    return Card.issue("9364", body, f"{draw(st.integers(0, 99)):02d}{draw(st.integers(1, 12)):02d}")


names = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ /.-'"), min_size=2, max_size=26)


def test_field_22_is_that_of_the_message_spec() -> None:
    assert STRIPE == EntryMode.STRIPE


@pytest.mark.parametrize("backward", [False, True])
def test_the_published_vectors(backward: bool) -> None:
    for vector, width, start, text in ((AT3, 6, "%", "%AT3?<"), (ZERO, 4, ";", ";0?4")):
        swipe = packed(vector)
        assert (
            read_characters(reversed_bits(swipe) if backward else swipe, backward, width, start, 40) == text
        )


def test_the_simulated_stripe_is_the_published_one() -> None:
    assert track1_characters("AT3") == "%AT3?<"
    assert AT3.replace(" ", "") in f"{int.from_bytes(track1_bits('%AT3?<'), 'big'):b}"


@given(cards(), names, st.booleans())
def test_a_whole_swipe_is_read_in_both_directions(card: Card, name: str, backward: bool) -> None:
    read = from_bits(track1_bits(track1_characters(track1_data(card, name)), backward=backward))
    assert (read.pan, read.expiry, read.entry_mode) == (card.number, card.expiry, "021")


@given(cards(), st.booleans(), st.data())
def test_no_single_wrong_bit_goes_unnoticed(card: Card, backward: bool, data: st.DataObject) -> None:
    text = track1_characters(track1_data(card))
    damaged = bytearray(track1_bits(text))
    place = 25 + data.draw(st.integers(0, 7 * len(text) - 1))
    damaged[place >> 3] ^= 0x80 >> (place & 7)
    with pytest.raises(Misread):
        from_bits(reversed_bits(bytes(damaged)) if backward else damaged)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("A" + track1_data(CARD)[1:], "format"),
        (track1_data(CARD).replace("^", "/"), "separator"),
        (f"B{CARD.number}^CARD/MEMBER", "separator"),
        (f"B93640^CARD/MEMBER^{CARD.expiry}101", "pan"),
        (f"B9364 0000 0000^CARD/MEMBER^{CARD.expiry}101", "pan"),
        (f"B{CARD.number[:-1]}{(int(CARD.number[-1]) + 1) % 10}^CARD/MEMBER^{CARD.expiry}101", "luhn"),
        (f"B{CARD.number}^M^{CARD.expiry}101", "name"),
        (f"B{CARD.number}^{'M' * 27}^{CARD.expiry}101", "name"),
        (f"B{CARD.number}^CARD/MEMBER^3013101", "expiry"),
        (f"B{CARD.number}^CARD/MEMBER^30", "expiry"),
        (track1_data(CARD).ljust(77, "0"), "length"),
    ],
    ids=[
        "format A",
        "no separator",
        "one separator",
        "short",
        "spaces",
        "check digit",
        "short name",
        "long name",
        "month",
        "no expiry",
        "long",
    ],
)
def test_content_rules(data: str, reason: str) -> None:
    with pytest.raises(Misread) as misread:
        from_characters(track1_characters(data))
    assert misread.value.reason == reason
    assert not any(character.isdigit() for character in str(misread.value))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "length"),
        ("B123", "start"),
        ("%B123", "end"),
        ("%B12?", "end"),
        ("%B1?22", "length"),
        ("%AT3?=", "lrc"),
    ],
    ids=["nothing", "start", "no end", "no lrc", "more", "lrc"],
)
def test_framing_rules(text: str, reason: str) -> None:
    with pytest.raises(Misread) as misread:
        from_characters(text)
    assert misread.value.reason == reason


@pytest.mark.parametrize("backward", [False, True])
def test_of_both_tracks_the_second_is_taken(backward: bool) -> None:
    (swipe,) = StripeParser().feed(both_tracks_frame(CARD, backward=backward))
    assert isinstance(swipe, Track2)
    assert swipe.data == CARD.track2


def test_the_first_track_stands_in_for_a_damaged_second() -> None:
    first = track1_bits(track1_characters(track1_data(CARD)))
    second = bytearray(bits(characters(CARD.track2)))
    second[8] ^= 0x10
    (swipe,) = StripeParser().feed(b"T" + bytes([1 + len(first) + len(second), len(first)]) + first + second)
    assert isinstance(swipe, Track1)
    assert swipe.pan == CARD.number
    (swipe,) = StripeParser().feed(b"T" + bytes([1 + len(second), 0]) + second)
    assert isinstance(swipe, Misread)
    assert swipe.reason == "parity"


@given(st.binary(max_size=255))
def test_any_frame_of_both_tracks_is_one_swipe(data: bytes) -> None:
    (swipe,) = StripeParser().feed(b"T" + bytes([len(data)]) + data)
    assert isinstance(swipe, Track1 | Track2 | Misread)


@pytest.mark.parametrize("backward", [False, True])
def test_clock_and_data(backward: bool) -> None:
    collector = BitCollector()
    for swipe in (track1_bits(track1_characters(track1_data(CARD)), backward=backward), bytes(200)):
        collector.wipe()
        for byte in swipe:
            for place in range(8):
                collector.clock(not byte >> (7 - place) & 1)
        assert collector.count == min(len(swipe) * 8, 1024)
        if any(swipe):
            assert from_bits(collector.bits).pan == CARD.number
    assert not any(collector.bits)


# Readers that decode for themselves


@pytest.mark.parametrize("lrc", [False, True])
@given(cards(), st.integers(1, 200))
def test_text_of_both_tracks(lrc: bool, card: Card, step: int) -> None:
    parser = StripeLineParser(lrc)
    line = decoded_line(card, lrc=lrc) + b"\n"
    (swipe,) = [found for at in range(0, len(line), step) for found in parser.feed(line[at : at + step])]
    assert isinstance(swipe, Track2)
    assert swipe.data == card.track2


def test_a_line_that_ends_in_a_pause() -> None:
    parser = StripeLineParser()
    assert not parser.unfinished
    assert parser.feed(f";{CARD.track2}?".encode()) == []
    assert parser.unfinished
    (swipe,) = parser.pause()
    assert isinstance(swipe, Track2)
    assert parser.pause() == []


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        (f"%{track1_data(CARD)}?", Track1),
        (f"%{track1_data(CARD)}?;E?", Track1),
        (f"%E?;{CARD.track2}?", Track2),
        (f"%{track1_data(CARD, 'SEMI;COLON')}?;{CARD.track2}?", Track2),
        (f"%{track1_data(CARD)}?;{CARD.track2}?;1234=5678?", Track2),
        (f"\x02{CARD.track2.join((';', '?'))}\x03", Track2),
        ("%E?;E?", "track"),
        ("%E?", "track"),
        (";E?", "track"),
        (f";{CARD.track2}", "end"),
        (f"%{track1_data(CARD)}", "end"),
        (CARD.track2, "start"),
        (";" + "1" * 300 + "?", "length"),
        (f";{CARD.track2.ljust(38, '0')}?", "length"),
    ],
    ids=[
        "track 1",
        "second unreadable",
        "first unreadable",
        "semicolon in a name",
        "three tracks",
        "STX and ETX",
        "both unreadable",
        "track 1 unreadable",
        "track 2 unreadable",
        "no end",
        "no end of track 1",
        "no sentinels",
        "endless",
        "track 2 too long",
    ],
)
@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n"], ids=["cr", "lf", "crlf"])
def test_lines(line: str, outcome: type | str, ending: bytes) -> None:
    (swipe,) = StripeLineParser().feed(line.encode("ascii") + ending)
    if isinstance(outcome, str):
        assert isinstance(swipe, Misread)
        assert swipe.reason == outcome
    else:
        assert isinstance(swipe, outcome)


def test_an_unreadable_first_track_has_no_lrc() -> None:
    (swipe,) = StripeLineParser(lrc=True).feed(b"%E?" + characters(CARD.track2).encode() + b"\r")
    assert isinstance(swipe, Track2)


def test_a_wrong_lrc_in_text() -> None:
    line = decoded_line(CARD, lrc=True)
    last = line[-2]
    (swipe,) = StripeLineParser(lrc=True).feed(line[:-2] + bytes([last ^ 1]) + b"\r")
    # Track 1 is whole.
    assert isinstance(swipe, Track1)


@given(st.lists(st.binary(max_size=60), max_size=12), st.booleans())
def test_noise_is_a_misread_or_nothing(parts: list[bytes], lrc: bool) -> None:
    parser = StripeLineParser(lrc)
    for part in parts:
        for swipe in parser.feed(part) + parser.feed(b"%;?="):
            assert isinstance(swipe, Misread)
    assert all(isinstance(swipe, Misread) for swipe in parser.pause())
    assert not parser.unfinished
