"""The stripe parser on the VM, with a swipe's bits made by hand."""

import unit
from terminal.devices.stripe import StripeParser
from terminal.devices.track2 import Misread, from_characters

TEXT = ";6369490000000013=3012101?"


def with_lrc(text):
    remainder = 0
    for character in text:
        remainder ^= ord(character) - 48
    return text + chr(48 + remainder)


def bits(text, backward):
    stream = [0] * 20
    for character in text:
        value = ord(character) - 48
        word = [value >> place & 1 for place in range(4)]
        word.append(1 - sum(word) % 2)
        stream.extend(word)
    stream.extend([0] * (20 + -(len(stream) + 20) % 8))
    if backward:
        stream.reverse()
    data = bytearray(len(stream) // 8)
    for place, bit in enumerate(stream):
        data[place >> 3] |= bit << (7 - (place & 7))
    return data


def test_both_directions_and_both_kinds():
    text = with_lrc(TEXT)
    for frame in (b"B", bits(text, False)), (b"B", bits(text, True)), (b"C", text.encode()):
        swipes = StripeParser().feed(frame[0] + bytes((len(frame[1]),)) + frame[1])
        assert len(swipes) == 1
        assert swipes[0].pan == "6369490000000013"
        assert swipes[0].expiry == "3012"


def test_a_wrong_lrc():
    text = with_lrc(TEXT)
    fault = unit.raises(Misread, from_characters, text[:-1] + chr(ord(text[-1]) ^ 1))
    assert fault.reason == "lrc"


def test_nothing_of_the_card_stays_in_the_parser():
    parser = StripeParser()
    parser.feed(b"C" + bytes((len(TEXT) + 1,)) + with_lrc(TEXT).encode())
    assert not any(parser._frame)


unit.run(globals())
