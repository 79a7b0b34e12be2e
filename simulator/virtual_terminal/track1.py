"""Track 1 of a swipe, and readers that give more than track 2."""

from functools import reduce

from simulator.virtual_terminal.card import Card
from simulator.virtual_terminal.stripe import CLOCKING_ZEROS, bits, characters


def track1_data(card: Card, name: str = "CARD/MEMBER") -> str:
    """The characters between the sentinels in format B (ISO/IEC 7813)."""
    return f"B{card.number}^{name}^{card.expiry}{card.service_code}{card.discretionary}"


def track1_characters(data: str) -> str:
    """Sentinels and LRC character around `data` (ISO/IEC 7811-2)."""
    text = f"%{data}?"
    return text + chr(32 + reduce(lambda check, character: check ^ (ord(character) - 32), text, 0))


def track1_bits(text: str, *, backward: bool = False) -> bytes:
    """`text` as 7-bit characters, least significant bit first with odd parity, between clocking zeros."""
    stream = [0] * CLOCKING_ZEROS
    for character in text:
        word = [(ord(character) - 32) >> shift & 1 for shift in range(6)]
        stream += [*word, 1 - sum(word) % 2]
    stream += [0] * CLOCKING_ZEROS
    stream += [0] * (-len(stream) % 8)
    if backward:
        stream.reverse()
    return int("".join(map(str, stream)), 2).to_bytes(len(stream) // 8, "big")


def both_tracks_frame(card: Card, *, backward: bool = False) -> bytes:
    """The bytes of a reader that sends the raw bits of both tracks at once."""
    first = track1_bits(track1_characters(track1_data(card)), backward=backward)
    second = bits(characters(card.track2), backward=backward)
    data = bytes([len(first)]) + first + second
    return b"T" + bytes([len(data)]) + data


def decoded_line(card: Card, *, lrc: bool = False) -> bytes:
    """The text of a reader that decodes both tracks for itself."""
    first, second = track1_characters(track1_data(card)), characters(card.track2)
    if not lrc:
        first, second = first[:-1], second[:-1]
    return (first + second + "\r").encode("ascii")
