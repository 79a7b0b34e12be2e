"""The terminal and the club's card: over plain APDUs, over both protocols of a chip, cards not genuine."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.cards.apdu import command, transceive
from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance, Identity, read_balance
from terminal.cards.zone_slot import ZoneSlot
from terminal.devices.apdu_channel import ChannelFault
from terminal.devices.chip.chip import Chip
from terminal.devices.chip.fault import ChipFault
from terminal.messages.cmac import CmacKey

from protocol.card_application import keys
from protocol.card_application.records import Balance as IssuedBalance
from protocol.card_application.session import signed_balance
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.chip import ChipTraits, VirtualChip
from simulator.virtual_card.memory import CardMemory, PowerLost
from simulator.virtual_card.store import CardStore
from tests.firmware.card_conversation import STEPS
from tests.firmware.card_conversation import ZONE_KEY as GOLDEN_ZONE_KEY
from tests.firmware.chip_stream import ChipStream
from tests.simulator.virtual_card.issued_card import (
    BALANCE,
    BALANCE_KEY,
    MASTER,
    OWNER,
    ZONE_KEY,
    authenticated,
    issued,
    powered,
    source,
)


class KeySlot:
    """A key slot of a board, in software."""

    def __init__(self, key: bytes) -> None:
        self._key = CmacKey(key)

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        return bytes(self._key.cmac8(buffer, length))

    def derive(self, fixed_input: bytes) -> CmacKey:
        text = b"\x00\x00\x00\x01" + fixed_input
        return CmacKey(self._key.cmac(text, len(text)))


def slot(zone_key: bytes = ZONE_KEY, seed: int = 9, zone: int = 7, generation: int = 2) -> ZoneSlot:
    random_bytes = source(seed)
    return ZoneSlot(zone, generation, KeySlot(zone_key), lambda limit: random_bytes(1)[0] % limit)


class Direct:
    """A card without any line: what a contactless reader is to the terminal."""

    def __init__(self, card: CardApplication, spoil: Callable[[bytes], bytes] | None = None) -> None:
        self._card = card
        self._spoil = spoil
        self.heard: list[tuple[bytes, bytes]] = []

    async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
        try:
            answer = self._card.exchange(bytes(apdu))
        except PowerLost:
            raise ChannelFault("gone") from None
        self.heard.append((bytes(apdu), answer))
        return self._spoil(answer) if self._spoil else answer


def terminal_card(memory: CardMemory, seed: int = 3) -> MemberCard:
    return MemberCard(Direct(powered(memory, seed)), [slot()])


async def spend(card: MemberCard, amount: int) -> Balance:
    await card.read()
    await card.authenticate()
    balance = await card.read_balance()
    assert balance is not None
    balance.balance -= amount
    balance.limit -= amount
    await card.write_balance(balance)
    return balance


def reason(awaited: "asyncio.Future[object] | object") -> str:
    with pytest.raises(CardFault) as fault:
        asyncio.run(awaited)  # type: ignore[arg-type]
    return str(fault.value.reason)


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


def test_a_copied_card_is_refused() -> None:
    """All that can be read is copied; the key cannot be, so the copy has another."""
    genuine = powered(issued())
    genuine.exchange(command(bytes.fromhex("00a40400"), b"\xf0VAFACARD", 256))
    record = genuine.exchange(bytes.fromhex("00b2010c00"))[:-2]
    copy = issued()
    CardStore(copy).personalise(record, bytes(16))

    async def go() -> None:
        card = terminal_card(copy)
        assert (await card.read()).card_number == OWNER.card_number
        await card.authenticate()

    assert reason(go()) == "not_genuine"


def test_a_replayed_answer_is_refused() -> None:
    memory = issued()
    genuine = Direct(powered(memory))

    class Parrot:
        """Says again what the genuine card once said to the same instruction."""

        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            return next(answer for asked, answer in genuine.heard if asked[:4] == bytes(apdu)[:4])

    async def go() -> None:
        card = MemberCard(genuine, [slot(seed=1)])
        await card.read()
        await card.authenticate()
        copy = MemberCard(Parrot(), [slot(seed=2)])
        await copy.read()
        await copy.authenticate()

    assert reason(go()) == "not_genuine"


def test_an_answer_is_good_for_one_challenge_of_one_slot() -> None:
    async def go() -> None:
        keys_of_zone = slot()
        direct = Direct(powered(issued()))
        card = MemberCard(direct, [keys_of_zone])
        identity = await card.read()
        await card.authenticate()
        answer = direct.heard[-2][1][:-2]
        await keys_of_zone.verify(identity.raw, answer)

    assert reason(go()) == "not_genuine"


def test_a_terminal_with_the_wrong_key_is_refused_and_counted() -> None:
    memory = issued()
    wrong = keys.zone_key(MASTER, 7, 3)

    async def go() -> None:
        card = MemberCard(Direct(powered(memory)), [slot(wrong)])
        await card.read()
        await card.authenticate()

    # It takes the card for a copy, and never gets to show its own proof.
    assert reason(go()) == "not_genuine"
    assert CardStore(memory).counters.tries == 10

    class Gullible(ZoneSlot):  # type: ignore[misc]  # mypy sees no types of the firmware from here
        async def verify(self, identity: bytes, answer: bytes) -> bytes:
            return bytes(8)

    async def insist(expected: str) -> None:
        random_bytes = source()
        gullible = Gullible(7, 2, KeySlot(wrong), lambda limit: random_bytes(1)[0] % limit)
        card = MemberCard(Direct(powered(memory)), [gullible])
        await card.read()
        with pytest.raises(CardFault, match=expected):
            await card.authenticate()

    for tries in range(10):
        asyncio.run(insist("terminal_refused"))
        assert CardStore(memory).counters.tries == 9 - tries
    asyncio.run(insist("blocked"))


def test_a_card_of_another_zone_or_generation() -> None:
    async def go(zone: int, generation: int) -> None:
        card = MemberCard(Direct(powered(issued())), [slot(zone=zone, generation=generation)])
        await card.read()
        await card.authenticate()

    assert reason(go(8, 2)) == reason(go(7, 1)) == "other_zone"


def test_a_balance_signed_by_nobody_is_refused() -> None:
    memory = issued()
    forged = signed_balance(bytes(16), IssuedBalance(5, 9_999_999, 9_999_999, "20300115", "00", "364").pack())
    CardStore(memory).write_balance(2, forged)
    assert reason(spend(terminal_card(memory), 1)) == "bad_balance"


def test_a_balance_of_another_card_is_refused() -> None:
    memory = issued()
    other = keys.balance_key(ZONE_KEY, OWNER.pack()[:11] + b"\x01" + OWNER.pack()[12:])
    CardStore(memory).write_balance(
        2, signed_balance(other, IssuedBalance(5, 1, 1, "20300115", "00", "364").pack())
    )
    assert reason(spend(terminal_card(memory), 1)) == "bad_balance"


@pytest.mark.parametrize("place", range(4))
def test_a_changed_answer_of_a_session_is_noticed(place: int) -> None:
    memory = issued()
    seen = 0

    def spoil(answer: bytes) -> bytes:
        nonlocal seen
        seen += 1
        # Read, read, write come after the first four answers.
        return bytes((answer[0] ^ 1,)) + answer[1:] if seen == 4 + place + 1 else answer

    card = MemberCard(Direct(powered(memory), spoil), [slot()])
    expected = {0: "not_genuine", 1: "not_genuine", 2: "uncertain"}
    if place in expected:
        assert reason(spend(card, 1)) == expected[place]
    else:
        asyncio.run(spend(card, 1))


def test_torn_at_every_byte_the_terminal_knows_or_says_that_it_does_not() -> None:
    before = issued().content
    whole = CardMemory(before)
    asyncio.run(spend(terminal_card(whole), 1000))
    reasons = set()
    for cut in range(whole.written + 1):
        memory = CardMemory(before)
        memory.tear_after = cut
        written = None
        try:
            written = asyncio.run(spend(terminal_card(memory), 1000))
        except CardFault as fault:
            reasons.add(fault.reason)
            certain = fault.reason == "no_answer"
        memory.tear_after = None
        kept = authenticated(powered(memory)).read_balance(BALANCE_KEY)
        assert kept is not None
        if written is not None:
            assert (kept.counter, kept.balance) == (2, 499_000)
        elif certain:
            assert kept == BALANCE
        else:
            assert (kept.counter, kept.balance) in ((1, 500_000), (2, 499_000))
        # The card serves on.
        assert asyncio.run(spend(terminal_card(memory, seed=8), 1)).counter == kept.counter + 1
    assert reasons == {"no_answer", "uncertain"}


def test_what_is_no_card_of_ours() -> None:
    class Other:
        def __init__(self, *answers: str) -> None:
            self._answers = iter(bytes.fromhex(answer) for answer in answers)

        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            return next(self._answers)

    control = "6f108409f05641464143415244a503c001"
    for answers, expected in (
        (["6a82"], "no_application"),
        ([""], "no_application"),
        (["9000"], "no_application"),
        (["6f00" + "9000"], "no_application"),
        ([control + "029000"], "unknown_version"),
        ([control + "019000", "6a83"], "bad_record"),
        ([control + "019000", "6985"], "refused"),
        ([control + "019000", "01" * 24 + "9000"], "bad_record"),
        ([control + "019000", "02" * 25 + "9000"], "unknown_version"),
    ):
        assert reason(MemberCard(Other(*answers), [slot()]).read()) == expected


def test_a_reader_that_goes_away() -> None:
    class Unplugged:
        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            raise OSError

    assert reason(MemberCard(Unplugged(), []).read()) == "no_answer"


def test_out_of_turn_nothing_is_done() -> None:
    card = terminal_card(issued())
    assert reason(card.authenticate()) == "refused"
    assert reason(card.read_balance()) == "refused"
    assert reason(card.write_balance(Balance(0, 1, 1, "20300115", "00", "364"))) == "refused"


@given(st.binary(max_size=600), st.binary(max_size=700))
def test_long_data_goes_in_a_chain_and_long_answers_are_fetched(data: bytes, answer: bytes) -> None:
    class Chained:
        def __init__(self) -> None:
            self.taken = b""
            self.left = b""

        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            apdu = bytes(apdu)
            assert len(apdu) <= 261
            if apdu[1] == 0xC0:
                wanted = apdu[4] or 256
                said, self.left = self.left[:wanted], self.left[wanted:]
                return said + self._status()
            if len(apdu) > 5:
                self.taken += apdu[5 : 5 + apdu[4]]
            if apdu[0] & 0x10:
                return b"\x90\x00"
            self.left = answer
            return self._status()

        def _status(self) -> bytes:
            return bytes((0x61, min(len(self.left), 256) & 0xFF)) if self.left else b"\x90\x00"

    async def go() -> None:
        card = Chained()
        assert await transceive(card, b"\x00\xda\x00\x00", data) == (answer, 0x9000)
        assert card.taken == data

    asyncio.run(go())


@pytest.mark.parametrize("endless", ["6101", "00" * 256 + "6100", "6c05"])
def test_a_card_that_never_ends_is_given_up(endless: str) -> None:
    class Endless:
        calls = 0

        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            self.calls += 1
            return bytes.fromhex(endless)

    async def go() -> None:
        card = Endless()
        data, status = await transceive(card, b"\x00\xb2\x01\x0c")
        assert (data, status) == ((b"", 0x6C05) if endless == "6c05" else (b"", 0))
        assert card.calls <= 40

    asyncio.run(go())


@given(st.binary(max_size=40))
def test_any_record_is_one_or_a_fault(raw: bytes) -> None:
    for read in (Identity, read_balance):
        try:
            read(raw)
        except CardFault as fault:
            assert fault.reason in ("bad_record", "unknown_version")
