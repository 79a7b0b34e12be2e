"""Prepared purchases are what the codec writes; replies are read as it reads them, however they are cut."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode_sealed
from protocol.framing import frame
from protocol.message import Message, Value
from protocol.rules_of_type import respond
from tests.amounts import many
from tools.bench import switch_club as club
from tools.bench.load.purchases import (
    SPEC,
    PurchaseMaker,
    mac_of,
    purchase_message,
    sign_on_frame,
    terminal_field,
)
from tools.bench.load.replies import MAC_STRIDE, Answer, ReplyFault, ReplyReader

NOW_S = int(time.time())
MACS = {terminal_field(number): mac_of(number) for number in (0, 3)}


def reply(stan: int, points: int, code: str = "00", terminal: int = 3) -> bytes:
    """A framed reply as the switch sends it."""
    request = purchase_message(terminal, 7, 100_000, stan, NOW_S)
    own: dict[int, Value] = {37: f"{stan + 100:012d}", 39: code}
    if code == "00":
        own |= {38: "000001", 48: {"DF01": f"{points:012d}", "DF05": "عضو 7"}}
    answer = respond(SPEC, request, own)
    return frame(encode_sealed(SPEC, answer, mac_of(terminal)))


def test_a_frame_is_what_the_codec_writes_for_the_same_purchase() -> None:
    maker = PurchaseMaker(1000, NOW_S, seed=5)
    mac = mac_of(3)
    for stan in (1, 2, 999_998):
        made = maker.frame(3, mac, stan)
        read = decode(SPEC, made[2:])
        card = int(read.text(35)[3:16])
        message = purchase_message(3, card, int(read.text(4)), stan, NOW_S)
        assert made == frame(encode_sealed(SPEC, message, mac))
        assert len(made) == maker.frame_bytes
        assert card < 1000
        assert 100_000 <= int(read.text(4)) <= 20_000_000


def test_the_same_seed_makes_the_same_purchases() -> None:
    first, second = (PurchaseMaker(1000, NOW_S, seed=5) for _ in range(2))
    mac = mac_of(0)
    assert [first.frame(0, mac, n) for n in range(1, 50)] == [second.frame(0, mac, n) for n in range(1, 50)]


def test_a_sign_on_is_one() -> None:
    message = decode(SPEC, sign_on_frame(3, mac_of(3), NOW_S)[2:])
    assert (message.mti, message.text(41), message.text(70)) == ("0800", club.terminal_id(3), "001")


@settings(max_examples=many(50), deadline=None)
@given(st.lists(st.integers(1, 400), max_size=12))
def test_replies_are_read_however_they_are_cut(cuts: list[int]) -> None:
    stream = reply(1, 250) + reply(2, 0, "51") + reply(3, 7) + reply(4, 0, "91")
    bounds = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    chunks = [(number, stream[start:stop]) for number, (start, stop) in enumerate(pairwise(bounds))]
    found = list(ReplyReader().answers(chunks, MACS))
    assert [answer[:4] for answer in found] == [
        (1, 101, 250, "00"),
        (2, 102, 0, "51"),
        (3, 103, 7, "00"),
        (4, 104, 0, "91"),
    ]
    assert [answer.is_shed for answer in found] == [False, False, False, True]
    assert found[-1].at_ns == len(chunks) - 1


def test_a_reply_with_another_mac_ends_the_benchmark() -> None:
    forged = bytearray(reply(1, 250))
    forged[-1] ^= 1
    with pytest.raises(ReplyFault, match="MAC"):
        list(ReplyReader().answers([(0, bytes(forged))], MACS))


def test_one_reply_in_so_many_is_checked() -> None:
    good, forged = reply(1, 5), bytearray(reply(2, 5))
    forged[-1] ^= 1
    stream = good * MAC_STRIDE + bytes(forged)
    with pytest.raises(ReplyFault, match="MAC"):
        list(ReplyReader().answers([(0, stream)], MACS))


def test_something_else_than_a_reply_to_a_purchase_ends_the_benchmark() -> None:
    other = Message("0810", {7: "1121200000", 11: "000001", 39: "00", 41: club.terminal_id(3)})
    stream = frame(encode_sealed(SPEC, other, mac_of(3)))
    with pytest.raises(ReplyFault, match="0810"):
        list(ReplyReader().answers([(0, stream)], MACS))


def test_an_answer_without_points_counts_none() -> None:
    found = list(ReplyReader().answers([(9, reply(8, 0, "54"))], MACS))
    assert found == [Answer(8, 108, 0, "54", 9)]
