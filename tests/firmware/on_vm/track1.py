"""Track 1 and readers of both tracks on the VM."""

import unit
from terminal.devices.misread import Misread
from terminal.devices.stripe import StripeParser
from terminal.devices.stripe_bits import BitCollector, read_characters
from terminal.devices.stripe_line import StripeLineParser
from terminal.devices.track1 import from_bits, from_characters

# The message AT3 of MagTek's "I/O Interface for TTL Magnetic Stripe Readers", low bit first, parity last.
AT3 = "101000110000110010110110010011111000011100"
PAN = "6369490000000013"
TRACK_1 = "%B" + PAN + "^MEMBER/CARD^3012101?"
TRACK_2 = ";" + PAN + "=3012101?"


def with_lrc(text, base):
    remainder = 0
    for character in text:
        remainder ^= ord(character) - base
    return text + chr(base + remainder)


def bits(text, width, base, backward):
    stream = [0] * 20
    for character in text:
        word = [ord(character) - base >> place & 1 for place in range(width)]
        stream.extend(word)
        stream.append(1 - sum(word) % 2)
    stream.extend([0] * (20 + -(len(stream) + 20) % 8))
    if backward:
        stream.reverse()
    data = bytearray(len(stream) // 8)
    for place, bit in enumerate(stream):
        data[place >> 3] |= bit << (7 - (place & 7))
    return data


def test_the_published_vector_by_clock_and_data():
    collector = BitCollector(16)
    for _ in range(11):
        collector.clock(1)
    for bit in AT3:
        collector.clock(bit == "0")
    assert read_characters(collector.bits, False, 6, "%", 79) == "%AT3?<"
    assert with_lrc("%AT3?", 32) == "%AT3?<"


def test_both_directions():
    for backward in (False, True):
        first = bits(with_lrc(TRACK_1, 32), 6, 32, backward)
        second = bits(with_lrc(TRACK_2, 48), 4, 48, backward)
        card = from_bits(first)
        assert (card.pan, card.expiry, card.entry_mode) == (PAN, "3012", "021")
        frame = b"T" + bytes((1 + len(first) + len(second), len(first))) + first + second
        (swipe,) = StripeParser().feed(frame)
        assert swipe.data == TRACK_2[1:-1]
        frame = b"T" + bytes((1 + len(first), len(first))) + first
        (swipe,) = StripeParser().feed(frame)
        assert swipe.pan == PAN


def test_a_wrong_lrc():
    text = with_lrc(TRACK_1, 32)
    fault = unit.raises(Misread, from_characters, text[:-1] + chr(ord(text[-1]) ^ 1))
    assert fault.reason == "lrc"


def test_readers_that_send_text():
    parser = StripeLineParser()
    (swipe,) = parser.feed((TRACK_1 + TRACK_2 + "\r").encode())
    assert swipe.data == TRACK_2[1:-1]
    (swipe,) = parser.feed((TRACK_1 + ";E?\r").encode())
    assert swipe.pan == PAN
    (swipe,) = StripeLineParser(True).feed((with_lrc(TRACK_1, 32) + with_lrc(TRACK_2, 48) + "\r").encode())
    assert swipe.pan == PAN
    (swipe,) = parser.feed(b"%E?;E?\r")
    assert swipe.reason == "track"


unit.run(globals())
