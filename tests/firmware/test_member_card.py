"""The terminal and the club's card: over plain APDUs, and over both protocols of a chip."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance
from terminal.devices.chip.chip import Chip
from terminal.devices.chip.fault import ChipFault

from protocol.card_application.records import Balance as IssuedBalance
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import CardStore
from tests.firmware.card_conversation import STEPS
from tests.firmware.card_conversation import ZONE_KEY as GOLDEN_ZONE_KEY
from tests.firmware.chip_stream import ChipStream
from tests.firmware.member_cards import slot, spend, terminal_card
from tests.simulator.virtual_card.issued_card import (
    BALANCE_KEY,
    OWNER,
    ZONE_KEY,
    authenticated,
    issued,
    powered,
    source,
)


def test_a_genuine_card_is_read_and_its_balance_spent() -> None:
    memory = issued()

    async def go() -> None:
        card = terminal_card(memory)
        identity = await card.read()
        assert (identity.card_number, identity.member_number, identity.expiry) == (
            OWNER.card_number,
            12,
            "3012",
        )
        assert (identity.key_zone, identity.key_generation, identity.card_sequence) == (7, 2, 0)
        await spend(card, 1000)

    asyncio.run(go())
    kept = authenticated(powered(memory)).read_balance(BALANCE_KEY)
    assert kept == IssuedBalance(2, 499_000, 199_000, "20300115", "00", "364")


def test_the_golden_meeting_is_what_a_card_says() -> None:
    card = powered(issued(), 3)
    for sent, said in STEPS:
        assert card.exchange(bytes.fromhex(sent)).hex() == said
    assert ZONE_KEY.hex() == GOLDEN_ZONE_KEY


def test_a_card_without_a_balance_gets_its_first() -> None:
    memory = issued(balance=None)

    async def go() -> None:
        card = terminal_card(memory)
        await card.read()
        await card.authenticate()
        assert await card.read_balance() is None
        for balance in (100, 50):
            await card.write_balance(Balance(0, balance, 20, "20300115", "20", "364"))

    asyncio.run(go())
    kept = authenticated(powered(memory)).read_balance(BALANCE_KEY)
    assert kept == IssuedBalance(2, 50, 20, "20300115", "20", "364")


TRAITS = {
    "T=0": ChipTraits(0),
    "T=0 byte by byte, slow, inverse": ChipTraits(0, byte_by_byte=True, nulls=2, inverse=True),
    "T=0 fast": ChipTraits(0, speed=0x18),
    "T=1": ChipTraits(1),
    "T=1 small blocks, CRC": ChipTraits(1, card_size=11, with_crc=True, extensions=2),
    "T=1 inverse, fast": ChipTraits(1, speed=0x96, inverse=True, new_size=20),
    "T=1 without PPS": ChipTraits(1, speed=0x96, refuses_pps=True),
}


@pytest.mark.parametrize("echo", [False, True], ids=["two wires", "one wire"])
@pytest.mark.parametrize("name", TRAITS)
def test_over_the_contacts(name: str, echo: bool) -> None:
    memory = issued()
    lines: list[tuple[int, bool]] = []

    async def power_on() -> ChipStream:
        return ChipStream(VirtualChip(CardApplication(memory, source(4)), TRAITS[name]), echo=echo)

    async def go() -> None:
        # A quick clock, so that what is silent is found so at once.
        chip = Chip(power_on, set_line=lambda *line: lines.append(line), clock_hz=10**10, echo=echo)
        await chip.connect()
        assert chip.atr is not None
        assert chip.atr.historical == b"\x80\x54VAFA"
        assert (await spend(MemberCard(chip, [slot()]), 1)).counter == 2
        chip.close()

    asyncio.run(go())
    assert CardStore(memory).newest_balance() == (2, 2)
    traits = TRAITS[name]
    clocks = {0x11: 372, 0x18: 31, 0x96: 16}[0x11 if traits.refuses_pps else traits.speed]
    assert lines[-1] == (clocks, traits.inverse)


def test_without_a_way_to_change_its_speed_a_line_stays_as_it_is() -> None:
    spoken: list[bytes] = []

    def heard(data: bytes) -> bytes:
        spoken.append(data)
        return data

    async def power_on() -> ChipStream:
        return ChipStream(VirtualChip(powered(issued()), ChipTraits(1, speed=0x96)), heard)

    async def go() -> None:
        chip = Chip(power_on, clock_hz=10**10)
        await chip.connect()
        await MemberCard(chip, [slot()]).read()

    asyncio.run(go())
    assert spoken[0].hex() == "00c101fe3e"


def test_damage_on_the_line_is_made_good() -> None:
    memory = issued()
    count = 0

    def spoil(data: bytes) -> bytes:
        nonlocal count
        count += 1
        return data[:-1] + bytes((data[-1] ^ 1,)) if count % 9 == 0 and data else data

    async def power_on() -> ChipStream:
        return ChipStream(VirtualChip(CardApplication(memory, source(4))), spoil)

    async def go() -> None:
        chip = Chip(power_on, clock_hz=10**10)
        await chip.connect()
        await spend(MemberCard(chip, [slot()]), 1)

    asyncio.run(go())
    assert CardStore(memory).newest_balance() == (2, 2)


@given(st.binary(max_size=120))
def test_a_line_of_noise_is_a_fault(noise: bytes) -> None:
    class Noise(ChipStream):
        def __init__(self) -> None:
            super().__init__(VirtualChip(powered(CardMemory(bytes(400)))))
            self._arrived = bytearray(noise)
            self._ended = False

        async def readinto(self, buffer: bytearray | memoryview) -> int:
            return await super().readinto(buffer) if self._arrived else 0

    streams: list[Noise] = []

    async def power_on() -> Noise:
        streams.append(Noise())
        return streams[-1]

    async def go() -> None:
        chip = Chip(power_on, clock_hz=10**10)
        try:
            await chip.connect()
            await chip.exchange(b"\x00\xa4\x04\x00")
        except ChipFault:
            assert streams[-1].closed

    asyncio.run(go())


def test_an_empty_slot_and_a_chip_that_is_pulled_out() -> None:
    async def empty() -> ChipStream:
        raise OSError

    async def go() -> None:
        with pytest.raises(ChipFault, match="absent"):
            await Chip(empty).connect()
        with pytest.raises(ChipFault, match="absent"):
            await Chip(empty).exchange(b"\x00\xa4\x04\x00")
        chip_inside = VirtualChip(powered(issued()))

        async def power_on() -> ChipStream:
            return ChipStream(chip_inside)

        chip = Chip(power_on, clock_hz=10**10)
        await chip.connect()
        chip_inside.power_off()
        with pytest.raises(ChipFault, match="silent"):
            await chip.exchange(b"\x00\xa4\x04\x00")

    asyncio.run(go())
