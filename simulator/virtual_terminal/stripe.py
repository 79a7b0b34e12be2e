"""How a swipe leaves the reader: raw bits or decoded characters, in either direction, whole or damaged."""

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from simulator.virtual_terminal.card import Card

CLOCKING_ZEROS = 25


class Damage(StrEnum):
    """What is wrong with a swipe."""

    NONE = "none"
    PARITY = "parity"
    LRC = "lrc"
    NO_START = "no start sentinel"
    NO_END = "no end sentinel"
    CHECK_DIGIT = "check digit"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Swipe:
    """The way a card goes through the reader; `decoded` readers send characters and know one direction."""

    backward: bool = False
    decoded: bool = False
    damage: Damage = Damage.NONE


def characters(data: str, damage: Damage = Damage.NONE) -> str:
    """Sentinels and LRC character around `data` (ISO/IEC 7811-2), damaged as asked."""
    if damage is Damage.CHECK_DIGIT:
        data = str((int(data[0]) + 1) % 10) + data[1:]
    if damage is Damage.TOO_LONG:
        data = data.ljust(38, "0")
    text = f";{data}?"
    text += chr(48 + reduce(lambda check, character: check ^ (ord(character) - 48), text, 0))
    if damage is Damage.LRC:
        text = text[:-1] + chr(48 + ((ord(text[-1]) - 48) ^ 1))
    if damage is Damage.NO_START:
        text = text[1:]
    if damage is Damage.NO_END:
        text = text[:-2]
    return text


def bits(text: str, *, backward: bool = False, parity_error_at: int | None = None) -> bytes:
    """`text` as 5-bit characters, least significant bit first with odd parity, between clocking zeros.

    Packed with the first bit in the top of the first byte. `parity_error_at` turns one character's parity.
    """
    stream = [0] * CLOCKING_ZEROS
    for position, character in enumerate(text):
        value = ord(character) - 48
        word = [value >> shift & 1 for shift in range(4)]
        word.append(1 - sum(word) % 2)
        if position == parity_error_at:
            word[4] ^= 1
        stream += word
    stream += [0] * CLOCKING_ZEROS
    stream += [0] * (-len(stream) % 8)
    if backward:
        stream.reverse()
    return bytes(
        sum(bit << (7 - place) for place, bit in enumerate(stream[at : at + 8]))
        for at in range(0, len(stream), 8)
    )


def reader_frame(card: Card, swipe: Swipe) -> bytes:
    """The reader's bytes for one swipe: kind, length, data."""
    text = characters(card.track2, swipe.damage)
    if swipe.decoded:
        data = text.encode("ascii")
        return b"C" + bytes([len(data)]) + data
    data = bits(text, backward=swipe.backward, parity_error_at=5 if swipe.damage is Damage.PARITY else None)
    return b"B" + bytes([len(data)]) + data
