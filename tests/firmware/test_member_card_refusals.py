"""Cards that aren't genuine, torn out or never end, and terminals that no card takes."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.cards.apdu import command, transceive
from terminal.cards.fault import CardFault
from terminal.cards.member_card import MemberCard
from terminal.cards.records import Balance, Identity, read_balance
from terminal.cards.zone_slot import ZoneSlot

from protocol.card_application import keys
from protocol.card_application.records import Balance as IssuedBalance
from protocol.card_application.session import signed_balance
from simulator.virtual_card.memory import CardMemory
from simulator.virtual_card.store import CardStore
from tests.firmware.member_cards import Direct, KeySlot, reason, slot, spend, terminal_card
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
