"""T=0 and T=1: bytes of the standard, whole conversations with a chip, damage on the line, and noise."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.devices.chip.fault import ChipFault
from terminal.devices.chip.t0 import T0
from terminal.devices.chip.t1 import T1
from terminal.devices.chip.t1_block import BROKEN, DAMAGED, MORE, WHOLE, BlockParser, block, crc, lrc

from simulator.virtual_card.line_t0 import T0Card
from simulator.virtual_card.line_t1 import T1Card, epilogue

ENDLESS = 3000


class Echo:
    """A card whose answer is `answer`, and that remembers what it was told."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.told: list[bytes] = []

    def exchange(self, apdu: bytes) -> bytes:
        self.told.append(apdu)
        return self.answer


def converse(protocol: T0 | T1, card: T0Card | T1Card, apdu: bytes, damage: Iterable[int] = ()) -> bytes:
    """Exchange one APDU. A number of `damage` spoils a transmission: 1 loses, 2 cuts, 3 changes it."""
    harm = itertools.chain(damage, itertools.repeat(0))
    protocol.start(apdu)
    for _ in range(ENDLESS):
        sent = spoiled(protocol.output, next(harm))
        protocol.sent()
        said = card.feed(sent)
        if isinstance(card, T1Card):
            card.silence()
        for value in spoiled(said, next(harm)):
            protocol.feed(value)
        if protocol.response is not None:
            return bytes(protocol.response)
        if not protocol.output:
            protocol.timed_out()
    raise AssertionError("no end of it")


def spoiled(data: bytes, harm: int) -> bytes:
    if harm == 1:
        return b""
    if harm == 2:
        return data[: len(data) // 2]
    if harm == 3 and data:
        return data[:-1] + bytes((data[-1] ^ 0x40,))
    return data


def test_lrc_and_blocks_of_published_traces() -> None:
    # S(IFS request, 254) and its answer, as traces of CCID readers show them.
    assert block(0xC1, b"\xfe", with_crc=False).hex() == "00c101fe3e"
    assert block(0xE1, b"\xfe", with_crc=False).hex() == "00e101fe1e"
    assert block(0xC0, b"", with_crc=False).hex() == "00c000c0"
    assert lrc(bytes.fromhex("00c101fe3e")) == 0


@pytest.mark.parametrize(("text", "code"), [("000000", "ccc6"), ("0faaff", "fcd1"), ("0a123456", "2cf6")])
def test_crc_of_iso_14443_3_annex_b(text: str, code: str) -> None:
    assert crc(bytes.fromhex(text)).to_bytes(2, "little").hex() == code
    assert epilogue(bytes.fromhex(text), with_crc=True).hex() == code


@given(st.integers(0, 255), st.binary(max_size=254), st.booleans())
def test_a_block_is_read_as_it_was_made(pcb: int, information: bytes, with_crc: bool) -> None:
    parser = BlockParser(with_crc)
    states = [parser.feed(value) for value in block(pcb, information, with_crc)]
    assert states == [MORE] * (len(states) - 1) + [WHOLE]
    assert (parser.pcb, parser.information) == (pcb, information)


@given(st.binary(max_size=600), st.booleans())
def test_any_bytes_are_blocks_or_none(noise: bytes, with_crc: bool) -> None:
    parser = BlockParser(with_crc)
    assert {parser.feed(value) for value in noise} <= {MORE, WHOLE, BROKEN, DAMAGED}


@given(st.lists(st.binary(min_size=1, max_size=12), max_size=40), st.binary(min_size=4, max_size=100))
def test_t1_bears_any_noise(noise: list[bytes], apdu: bytes) -> None:
    protocol = T1(32, 100, 10, False)
    protocol.start(apdu)
    with_end = [*noise, *[b""] * 10]
    try:
        for piece in with_end:
            protocol.sent()
            for value in piece:
                protocol.feed(value)
            if protocol.response is not None:
                break
            protocol.timed_out()
    except ChipFault as fault:
        assert fault.reason in ("silent", "lost", "block", "length")
    else:
        assert protocol.response is not None


blocks_of_any_sort = st.tuples(
    st.sampled_from([0x00, 0x20, 0x40, 0x60, 0x80, 0x90, 0x81, 0xC1, 0xC2, 0xC3, 0xE0, 0xE1, 0xE3]),
    st.binary(max_size=3),
)


@given(st.lists(blocks_of_any_sort, max_size=60), st.binary(min_size=4, max_size=100))
def test_t1_ends_whatever_blocks_a_chip_sends(blocks: list[tuple[int, bytes]], apdu: bytes) -> None:
    protocol = T1(16, 100, 10, False)
    protocol.start(apdu)
    try:
        for pcb, information in blocks + [(0xC3, b"\x01")] * 700:
            protocol.sent()
            for value in block(pcb, information, with_crc=False):
                protocol.feed(value)
            if protocol.response is not None:
                return
    except ChipFault as fault:
        assert fault.reason in ("silent", "lost", "block", "length")
        return
    raise AssertionError("no end of it")


@pytest.mark.parametrize("with_crc", [False, True], ids=["LRC", "CRC"])
@pytest.mark.parametrize("card_size", [1, 5, 32, 254])
def test_t1_carries_any_length_in_both_directions(card_size: int, with_crc: bool) -> None:
    for command_length, answer_length in ((4, 2), (5, 258), (261, 3), (33, 254), (261, 258)):
        echo = Echo(bytes(range(256)) + b"\x90\x00" if answer_length == 258 else bytes(answer_length))
        protocol = T1(card_size, 100, 10, with_crc)
        card = T1Card(echo.exchange, card_size=card_size, with_crc=with_crc)
        command = bytes(place % 251 for place in range(command_length))
        for _ in range(3):
            assert converse(protocol, card, command) == echo.answer
        assert echo.told == [command] * 3


def test_t1_gives_the_chip_the_time_it_asks_for() -> None:
    echo = Echo(b"\x90\x00")
    card = T1Card(echo.exchange, extensions=1)
    protocol = T1(32, 100, 10, False)
    protocol.start(b"\x00\xa4\x04\x00")
    protocol.sent()
    for value in card.feed(bytes.fromhex("00c101fe3e")):
        protocol.feed(value)
    sent = protocol.output
    protocol.sent()
    for value in card.feed(sent):
        protocol.feed(value)
    assert (protocol.output.hex(), protocol.wait_etu) == ("00e30102e0", 200)


def test_t1_cuts_its_blocks_to_the_size_the_chip_asks_for() -> None:
    echo = Echo(b"\x90\x00")
    card = T1Card(echo.exchange, card_size=20, new_size=7)
    protocol = T1(20, 100, 10, False)
    assert converse(protocol, card, bytes(30)) == b"\x90\x00"
    sizes = []
    protocol.start(bytes(30))
    while protocol.response is None:
        sent = protocol.output
        sizes.append(sent[2])
        protocol.sent()
        for value in card.feed(sent):
            protocol.feed(value)
    assert sizes == [7, 7, 7, 7, 2]


@settings(max_examples=300)
@given(
    st.lists(st.integers(0, 3), max_size=14), st.sampled_from([3, 20, 254]), st.booleans(), st.integers(0, 2),
    st.binary(min_size=4, max_size=60), st.binary(min_size=2, max_size=258),
)  # fmt: skip
def test_t1_under_damage_is_right_or_says_so_and_does_nothing_twice(  # noqa: PLR0917
    damage: list[int], card_size: int, with_crc: bool, extensions: int, command: bytes, answer: bytes
) -> None:
    echo = Echo(answer)
    protocol = T1(card_size, 100, 10, with_crc)
    card = T1Card(echo.exchange, card_size=card_size, with_crc=with_crc, extensions=extensions)
    try:
        assert converse(protocol, card, command, damage) == answer
        assert echo.told == [command]
    except ChipFault as fault:
        assert fault.reason in ("lost", "silent")
        assert echo.told in ([], [command])
        if fault.reason == "silent":
            return
    # Both sides agree again, whatever it was.
    echo.told.clear()
    assert converse(protocol, card, command) == answer
    assert echo.told == [command]


def test_one_lost_or_damaged_block_is_always_made_good() -> None:
    for place in range(12):
        for harm in (1, 2, 3):
            echo = Echo(bytes(300 - 42))
            protocol = T1(10, 100, 10, False)
            card = T1Card(echo.exchange, card_size=10, extensions=1)
            assert converse(protocol, card, bytes(25), [0] * place + [harm]) == echo.answer


def test_t1_asks_again_for_a_block_that_is_out_of_turn() -> None:
    def after(*said: str) -> str:
        protocol = T1(3, 100, 10, False)
        protocol.start(bytes.fromhex("00a40400"))
        for text in said:
            protocol.sent()
            for value in block(*parts(text), with_crc=False):
                protocol.feed(value)
        assert protocol.response is None
        return bytes(protocol.output).hex()

    def parts(text: str) -> tuple[int, bytes]:
        return int(text[:2], 16), bytes.fromhex(text[2:])

    agreed = "e1fe"
    assert after(agreed) == "00200300a404" + "83"
    # An answer before the command is whole, one with another number, and one before the sizes are told.
    assert after(agreed, "009000") == after(agreed, "90", "409000") == "00820082"
    assert after("009000") == "00c101fe3e"
    # A receipt for the first piece brings the second; for the second piece there is none.
    assert after(agreed, "90") == "0040010041"
    assert after(agreed, "90", "80") == "00820082"
    # A receipt that asks for the first piece again gets it.
    assert after(agreed, "80") == "00200300a40483"


def test_t1_after_resynchronising_says_lost_and_both_begin_anew() -> None:
    echo = Echo(b"\x90\x00")
    protocol = T1(254, 100, 10, False)
    card = T1Card(echo.exchange)
    for command in (b"\x00\xa4\x04\x00", b"\x00\xa4\x04\x01"):
        converse(protocol, card, command)
        with pytest.raises(ChipFault) as fault:
            converse(protocol, card, command, [1, 0] * 3)
        assert fault.value.reason == "lost"
        assert converse(protocol, card, command) == b"\x90\x00"
        assert echo.told == [command] * 2
        echo.told.clear()


def test_t1_gives_up_a_dead_chip_after_resynchronising() -> None:
    protocol = T1(32, 100, 10, False)
    protocol.start(b"\x00\xa4\x04\x00")
    said = []
    with pytest.raises(ChipFault) as fault:
        for _ in range(10):
            said.append(protocol.output.hex())
            protocol.sent()
            protocol.timed_out()
    assert fault.value.reason == "silent"
    assert said == ["00c101fe3e"] * 3 + ["00c000c0"] * 3


@pytest.mark.parametrize("byte_by_byte", [False, True], ids=["all at once", "byte by byte"])
@pytest.mark.parametrize("nulls", [0, 3])
def test_t0_cases(nulls: int, byte_by_byte: bool) -> None:
    echo = Echo(b"\x90\x00")
    card = T0Card(echo.exchange, byte_by_byte=byte_by_byte, nulls=nulls)
    protocol = T0(10, 1)
    assert converse(protocol, card, bytes.fromhex("00820000")) == b"\x90\x00"
    assert converse(protocol, card, bytes.fromhex("0082000003010203")) == b"\x90\x00"
    echo.answer = b"\x01\x02\x03\x90\x00"
    assert converse(protocol, card, bytes.fromhex("00b2010c03")) == echo.answer
    assert converse(protocol, card, bytes.fromhex("00b2010c00")) == b"\x6c\x03"
    assert converse(protocol, card, bytes.fromhex("008800000201 0200")) == b"\x61\x03"
    assert converse(protocol, card, bytes.fromhex("00c0000002")) == b"\x01\x02\x61\x01"
    assert converse(protocol, card, bytes.fromhex("00c0000001")) == b"\x03\x90\x00"
    echo.answer = bytes(256) + b"\x90\x00"
    assert converse(protocol, card, bytes.fromhex("00b2010c00")) == echo.answer


@pytest.mark.parametrize(
    ("said", "reason"),
    [("b3", "procedure"), ("82", "procedure"), ("00", "procedure"), ("60" * 251, "silent")],
    ids=["other instruction", "acknowledges what there is not", "zero", "asks for time without end"],
)
def test_t0_refuses_what_is_no_procedure_byte(said: str, reason: str) -> None:
    protocol = T0(10, 1)
    protocol.start(bytes.fromhex("00820000"))
    protocol.sent()
    with pytest.raises(ChipFault) as fault:
        for value in bytes.fromhex(said):
            protocol.feed(value)
    assert fault.value.reason == reason


@given(st.binary(max_size=400), st.sampled_from(["00820000", "0082000003010203", "00b2010c00", "00b2010c02"]))
def test_t0_bears_any_noise(noise: bytes, command: str) -> None:
    protocol = T0(10, 1)
    protocol.start(bytes.fromhex(command))
    try:
        for value in noise:
            protocol.sent()
            protocol.feed(value)
            if protocol.response is not None:
                assert 2 <= len(protocol.response) <= 258
                return
        protocol.timed_out()
    except ChipFault as fault:
        assert fault.reason in ("procedure", "silent")


@pytest.mark.parametrize("apdu", ["", "00a404", "00a4040005010203", "00a40400000000", "0060000000"])
def test_t0_refuses_what_is_no_short_command(apdu: str) -> None:
    with pytest.raises(ChipFault) as fault:
        T0(10, 1).start(bytes.fromhex(apdu))
    assert fault.value.reason == "length"


def test_waiting_time_of_t0() -> None:
    # Clause 10.2: WT = WI x 960 x Fi / f, which is WI x 960 x Di elementary time units.
    assert T0(10, 12).wait_etu == 115_200
