"""The terminal's journal: what it keeps, hides, counts and refuses. test_terminal_power_cuts cuts it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.messages.cmac import CmacKey
from terminal.transactions.blocks import JournalFault
from terminal.transactions.journal import Journal, JournalFull, OpenSale, RecordUnreadable
from terminal.transactions.record_cipher import RecordCipher

from tests.firmware.journal_messages import TRACK2_BYTES, account, message, sell
from tests.firmware.nor_flash import NorFlash
from tests.firmware.power_cut_model import FLASH_KEY, LoggedFlash, Shop, day, found

REQUEST = bytes(range(30))
REPLY = b"reply" * 9
REVERSAL = b"reversal" * 4


def undo(journal: Journal, sale: OpenSale) -> None:
    journal.owe_reversal(sale, message("0400", sale.stan + 1))
    journal.reversed(sale, "00", "000000000099")


def test_trace_numbers_wrap_to_one() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    journal._trace = journal._reserved = 999_990
    assert [journal.next_stan() for _ in range(12)] == [*range(999_991, 1_000_000), 1, 2, 3]
    assert Journal(flash).next_stan() == 33


def test_trace_numbers_of_open_sales_are_passed_over() -> None:
    journal = Journal(NorFlash())
    journal.intend(journal.next_stan(), REQUEST)
    journal.store_offline(journal.next_stan(), message("0220", 2), 0)
    journal._trace = journal._reserved = 999_999
    assert journal.next_stan() == 3


def test_a_full_journal_refuses_and_keeps_what_is_open() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    stans = []
    with pytest.raises(JournalFull):
        for _ in range(100):
            stan = journal.next_stan()
            journal.intend(stan, REQUEST)
            stans.append(stan)
    assert stans
    reopened = Journal(flash)
    assert [sale.stan for sale in reopened.open_sales()] == stans
    for sale in list(reopened.open_sales()):
        reopened.answer(sale, REPLY)
        reopened.complete(sale)
    reopened.intend(reopened.next_stan(), REQUEST)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9), st.integers(5, 12), st.sampled_from((1024, 2048)))
def test_what_was_let_in_can_always_be_finished(seed: int, blocks: int, block_bytes: int) -> None:
    seeded = random.Random(seed)
    journal = Journal(NorFlash(block_bytes, blocks), FLASH_KEY, offline_limit=200)
    reply = message("0210", 1, code="00") + bytes(seeded.randrange(100))
    # One that nobody acknowledges, whose records are spread over the blocks.
    owed = journal.intend(journal.next_stan(), message("0200", 1))
    for record in (journal.answer, journal.owe_reversal):
        for _ in range(seeded.randrange(7)):
            if journal.has_offline_room(130):
                stan = journal.next_stan()
                journal.store_offline(stan, message("0220", stan), 0)
        record(owed, reply)
    while journal.has_offline_room(130):
        stan = journal.next_stan()
        journal.store_offline(stan, message("0220", stan), 0)
    kept = found(journal)
    for _ in range(100):
        sale = journal.intend(journal.next_stan(), message("0200", 1))
        if seeded.random() < 0.5:
            journal.answer(sale, b"r" * seeded.randrange(block_bytes // 4 - 32))
        journal.owe_reversal(sale, message("0400", 1))
        for _ in range(seeded.randrange(3)):
            journal.sent(sale)
        journal.reversed(sale)
    assert found(journal) == kept
    assert found(Journal(journal._ring.flash, FLASH_KEY, offline_limit=1)) == kept


@pytest.mark.parametrize("version", [2, 4, 0xFE])
def test_another_format_is_refused_and_left_alone(version: int) -> None:
    flash = NorFlash()
    Journal(flash).next_stan()
    flash.content[3:5] = bytes((version, version))
    before = bytes(flash.content)
    with pytest.raises(JournalFault, match=f"version {version}"):
        Journal(flash)
    assert bytes(flash.content) == before


def test_foreign_content_is_refused_and_left_alone() -> None:
    flash = NorFlash()
    flash.content[100:200] = b"x" * 100
    before = bytes(flash.content)
    with pytest.raises(JournalFault):
        Journal(flash)
    assert bytes(flash.content) == before


def test_a_record_longer_than_a_block_is_refused() -> None:
    journal = Journal(NorFlash())
    with pytest.raises(JournalFault, match="too long"):
        journal.intend(journal.next_stan(), bytes(1000))


def test_a_record_that_does_not_read_back_goes_to_another_place() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    stan = journal.next_stan()
    place = journal._ring.place()[1]
    flash.content[place + 24] = 0x00  # a stuck bit where the next record would stand
    sale = journal.intend(stan, REQUEST)
    assert journal.read(sale.intent) == REQUEST
    assert [sale.stan for sale in Journal(flash).open_sales()] == [stan]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_anywhere_raises_nothing_but_the_journals_own_fault(data: st.DataObject) -> None:
    flash = NorFlash()
    shop = Shop(flash)
    shop.boot()
    shop.live(random.Random(data.draw(st.integers(0, 20))), 25)
    for _ in range(data.draw(st.integers(1, 12))):
        flash.content[data.draw(st.integers(0, len(flash.content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        journal = Journal(flash, FLASH_KEY)
        found(journal)
        journal.visit_bookings(lambda record: None)
        sell(journal)
    except JournalFault:
        pass


# What is hidden


def test_the_stream_is_output_feedback() -> None:
    """NIST SP 800-38A annex F.4.1, OFB-AES128.Encrypt."""
    key = CmacKey(bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"))
    plain = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    stream = memoryview(bytearray(64))
    for _ in range(2):  # what went before does not matter
        key.stream(bytes(range(16)), stream)
        covered = bytes(left ^ right for left, right in zip(plain, stream, strict=True))
        assert covered.hex() == (
            "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825"
            "9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e"
        )


def test_a_long_message_is_one_stream() -> None:
    data = bytearray(200)
    RecordCipher(FLASH_KEY).apply(b"12345678", memoryview(data))
    stream = memoryview(bytearray(208))
    FLASH_KEY.stream(b"12345678" + bytes(8), stream)
    assert data == stream[:200]


def test_no_track_lies_on_the_flash() -> None:
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    sale = journal.intend(1, message("0200", 1))
    journal.store_offline(2, message("0220", 2), 0)
    assert TRACK2_BYTES in journal.read(sale.intent) and TRACK2_BYTES not in flash.content
    plain = NorFlash()
    Journal(plain).intend(1, message("0200", 1))
    assert TRACK2_BYTES in plain.content


@pytest.mark.parametrize("seed", [1, 2])
def test_no_nonce_hides_two_messages(seed: int) -> None:
    hidden: dict[bytes, bytes] = {}
    flash = LoggedFlash()
    flash.shop = shop = Shop(flash)
    for _ in range(8):
        shop.boot()
        shop.live(random.Random(seed), 15)
        # The newest block loses its header, and its epoch with it.
        flash.content[shop.journal._ring._active * flash.block_bytes] = 0
        journal = Journal(flash, FLASH_KEY)
        for sale in list(journal.open_sales()):
            journal.reversed(sale)
        flash.shop = shop = Shop(flash, found(journal))
    for change in flash.changes:
        kind = change.data[6] & 0x3F if len(change.data) > 16 and not change.is_erase else 0
        if kind in (1, 3, 4, 7):
            clear = {1: 23, 3: 8, 4: 8, 7: 29}[kind]
            size = int.from_bytes(change.data[4:6], "little")
            covered = change.data[20 + clear : 8 + size]
            assert hidden.setdefault(change.data[12:20], covered) == covered
    assert len(hidden) > 60


class ErasedKey:
    """A slot that has lost its key."""

    def cmac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        raise OSError

    cmac8 = cmac

    def stream(self, start: bytes | memoryview, into: memoryview) -> None:
        raise OSError


@pytest.mark.parametrize("key", [None, ErasedKey(), CmacKey(bytes(16))], ids=["none", "erased", "other"])
def test_without_its_key_a_sale_is_unreadable_and_still_reversible(key: CmacKey | None) -> None:
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    sale = journal.intend(7, message("0200", 7))
    journal.answer(sale, message("0210", 7, code="00"))
    journal = Journal(flash, key)
    (sale,) = journal.open_sales()
    for location in (sale.intent, sale.reply):
        with pytest.raises(RecordUnreadable):
            journal.read(location)
    mti, original = journal.original(sale)
    assert (mti, original) == (
        "0200",
        {3: "000000", 4: "000002500007", 7: "1121000007", 11: "000007", 12: "233000", 13: "1121", 49: "364"},
    )
    journal.complete(sale)
    assert account(journal).figure(88) == 2_500_007


# What is counted


def test_the_sums_are_those_of_the_handbooks_example() -> None:
    """docs/messages.md, 0500: three debits, one of them reversed, and a credit."""
    flash = NorFlash()
    journal = Journal(flash)
    sell(journal, amount=2_500_000)
    sell(journal, kind="redemption", amount=1_500_000)
    sell(journal, kind="return", amount=400_000)
    sell(journal, code="51")
    stan = journal.next_stan()
    sale = journal.intend(stan, message("0200", stan, amount=2_500_000 - stan))
    journal.answer(sale, message("0210", stan, code="00"))
    undo(journal, sale)
    stan = journal.next_stan()
    unanswered = journal.intend(stan, message("0200", stan))
    undo(journal, unanswered)
    expected = {
        74: "0000000001",
        75: "0000000000",
        76: "0000000003",
        77: "0000000001",
        86: "0000000000400000",
        87: "0000000000000000",
        88: "0000000006500000",
        89: "0000000002500000",
        97: "D0000000003600000",
    }
    assert account(journal).fields == account(Journal(flash)).fields == expected


def test_sums_outlive_the_records_they_are_made_of() -> None:
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    for _ in range(80):
        sell(journal)
    assert flash.erases > flash.block_count
    assert account(Journal(flash, FLASH_KEY)).figure(76) == 80
    records = account(journal).records(0, 100)
    assert 0 < len(records) < 80 * 25  # what is gone can't be uploaded, and nothing else comes in its place
    assert len(records) % 25 == 0


def test_the_last_receipts_can_be_read_again() -> None:
    flash = NorFlash()
    journal = Journal(flash, FLASH_KEY)
    stans = [sell(journal) for _ in range(11)]
    stan = journal.next_stan()
    journal.store_offline(stan, message("0220", stan), 0)
    for reopened in (journal, Journal(flash, FLASH_KEY)):
        receipts = reopened.receipts()
        assert [receipt[0] for receipt in receipts] == [*stans, stan][-8:]
        assert reopened.read(receipts[0][2]) == message("0210", receipts[0][0], code="00", date="1121")
        assert receipts[-1][2] == 0 and reopened.read(receipts[-1][1]) == message("0220", stan)
    for _ in range(480):
        journal.settle(b"\x11\x21", 1)
    assert [receipt[0] for receipt in journal.receipts()] == [
        stan
    ]  # it waits still; the others' block is gone


def test_a_days_flash_can_be_read_whole() -> None:
    changes = day()
    flash = NorFlash(1024, 7)
    flash.content = bytearray(changes[-1].before)
    assert len(Journal(flash, FLASH_KEY).receipts()) == 8
