"""Track 2 as readers deliver it: what is damaged is refused, what is whole is read, in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.devices.stripe import StripeParser
from terminal.devices.track2 import Misread, Track2, from_bits, from_characters, luhn_holds

from simulator.virtual_terminal.card import Card, check_digit
from simulator.virtual_terminal.stripe import Damage, Swipe, bits, characters, reader_frame


@st.composite
def cards(draw: st.DrawFn) -> Card:
    body = draw(st.text("0123456789", min_size=11, max_size=18))
    expiry = f"{draw(st.integers(0, 99)):02d}{draw(st.integers(1, 12)):02d}"
    room = 37 - (len(body) + 1) - 1 - 4 - 3
    return Card(
        body + check_digit(body),
        expiry,
        draw(st.text("0123456789", min_size=3, max_size=3)),
        draw(st.text("0123456789", max_size=room)),
    )


@given(cards(), st.booleans())
def test_a_whole_swipe_is_read_in_both_directions(card: Card, backward: bool) -> None:
    read = from_bits(bits(characters(card.track2), backward=backward))
    assert (read.pan, read.expiry, read.data) == (card.number, card.expiry, card.track2)


@given(cards())
def test_a_decoding_reader_gives_the_same(card: Card) -> None:
    assert from_characters(characters(card.track2)).data == card.track2


@given(cards(), st.booleans(), st.data())
def test_no_single_wrong_bit_goes_unnoticed(card: Card, backward: bool, data: st.DataObject) -> None:
    text = characters(card.track2)
    good = bits(text)
    position = 25 + data.draw(st.integers(0, 5 * len(text) - 1))
    damaged = bytearray(good)
    damaged[position >> 3] ^= 0x80 >> (position & 7)
    if backward:
        damaged = bytearray(int(f"{byte:08b}"[::-1], 2) for byte in reversed(damaged))
    with pytest.raises(Misread):
        from_bits(damaged)


@given(cards(), st.data())
def test_no_single_wrong_character_goes_unnoticed(card: Card, data: st.DataObject) -> None:
    text = characters(card.track2)
    position = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from([c for c in "0123456789:;<=>?" if c != text[position]]))
    with pytest.raises(Misread):
        from_characters(text[:position] + wrong + text[position + 1 :])


@given(st.binary(max_size=255))
def test_noise_is_a_misread_or_a_card_and_never_anything_else(noise: bytes) -> None:
    parser = StripeParser()
    swipes = parser.feed(b"B" + bytes([len(noise)]) + noise) + parser.feed(b"C" + bytes([len(noise)]) + noise)
    assert len(swipes) == 2
    assert all(isinstance(swipe, Track2 | Misread) for swipe in swipes)


CARD = Card.issue("636949", 1)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (Damage.PARITY, "parity"),
        (Damage.LRC, "lrc"),
        (Damage.NO_START, "start"),
        (Damage.NO_END, "end"),
        (Damage.CHECK_DIGIT, "luhn"),
        (Damage.TOO_LONG, "length"),
    ],
)
@pytest.mark.parametrize("backward", [False, True])
def test_the_reason_of_a_misread_is_told(damage: Damage, reason: str, backward: bool) -> None:
    (swipe,) = StripeParser().feed(reader_frame(CARD, Swipe(backward=backward, damage=damage)))
    assert isinstance(swipe, Misread)
    # Without a start sentinel, bits of the other direction may look like one.
    assert swipe.reason in ((reason, "parity", "end") if damage is Damage.NO_START else (reason,))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("6369490000000013", "separator"),
        ("636949=3012101", "pan"),
        (CARD.number + "=3013101", "expiry"),
        (CARD.number + "=30", "expiry"),
        (CARD.number + "=3012<01", "character"),
    ],
)
def test_content_rules(data: str, reason: str) -> None:
    with pytest.raises(Misread) as misread:
        from_characters(characters(data))
    assert misread.value.reason == reason


def test_a_misread_says_nothing_of_the_card() -> None:
    with pytest.raises(Misread) as misread:
        from_characters(characters(CARD.track2, Damage.CHECK_DIGIT))
    assert not any(character.isdigit() for character in str(misread.value))


def test_a_blank_stripe() -> None:
    with pytest.raises(Misread) as misread:
        from_bits(bytes(30))
    assert misread.value.reason == "blank"


@given(st.lists(cards(), min_size=1, max_size=4), st.integers(1, 40))
def test_frames_survive_any_slicing(several: list[Card], step: int) -> None:
    stream = b"".join(
        reader_frame(card, Swipe(decoded=number % 2 == 0)) for number, card in enumerate(several)
    )
    parser = StripeParser()
    read = [swipe for at in range(0, len(stream), step) for swipe in parser.feed(stream[at : at + step])]
    assert [swipe.data for swipe in read if isinstance(swipe, Track2)] == [card.track2 for card in several]


@given(st.text("0123456789", min_size=1, max_size=18))
def test_exactly_one_check_digit_completes_a_number(body: str) -> None:
    assert [digit for digit in "0123456789" if luhn_holds(body + digit)] == [check_digit(body)]
