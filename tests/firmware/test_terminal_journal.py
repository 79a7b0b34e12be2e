"""The terminal's journal: nothing acknowledged is ever lost, wherever the power goes."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.transactions.journal import Journal, JournalFull
from terminal.transactions.ring import JournalFault

from tests.firmware.nor_flash import NorFlash, PowerCut

REQUEST = bytes(range(30))
REPLY = b"reply" * 9
REVERSAL = b"reversal" * 4


class Ledger:
    """What the caller was told is safe: an operation is here once it has returned."""

    def __init__(self) -> None:
        self.open: dict[int, dict[str, bytes]] = {}
        self.stans: list[int] = []
        self.under_way = ""

    def run(self, journal: Journal, rounds: int) -> None:
        for round_number in range(rounds):
            self.under_way = "stan"
            stan = journal.next_stan()
            self.stans.append(stan)
            self.under_way = f"intend {stan}"
            request = REQUEST + stan.to_bytes(4, "big")
            sale = journal.intend(stan, request)
            self.open[stan] = {"request": request}
            if round_number % 3 == 2:
                self.under_way = f"reversal {stan}"
                journal.owe_reversal(sale, REVERSAL)
                self.open[stan]["reversal"] = REVERSAL
                self.under_way = f"sent {stan}"
                journal.sent(sale)
                self.under_way = f"close {stan}"
                journal.reversed(sale)
            else:
                self.under_way = f"reply {stan}"
                journal.answer(sale, REPLY)
                self.open[stan]["reply"] = REPLY
                self.under_way = f"close {stan}"
                journal.complete(sale)
            del self.open[stan]
        self.under_way = ""


def check(flash: NorFlash, ledger: Ledger) -> None:
    flash.fuel = None
    journal = Journal(flash)
    found = {sale.stan: sale for sale in journal.open_sales()}
    word, _, number = ledger.under_way.partition(" ")
    doubtful = int(number or 0)
    for stan, messages in ledger.open.items():
        if stan == doubtful and word == "close":
            continue
        sale = found[stan]
        assert journal.read(sale.intent) == messages["request"]
        if "reply" in messages:
            assert journal.read(sale.reply) == messages["reply"]
        if "reversal" in messages:
            assert journal.read(sale.reversal) == messages["reversal"]
    # Nothing that was closed comes back, or a paid sale would be reversed.
    assert set(found) <= set(ledger.open) | {doubtful}
    # And the journal goes on, with numbers never used before.
    for sale in list(journal.open_sales()):
        journal.reversed(sale)
    after = Ledger()
    after.run(journal, 3)
    assert not set(after.stans) & set(ledger.stans)


def scripted_run(prepare: Callable[[NorFlash], None]) -> tuple[NorFlash, Ledger]:
    flash = NorFlash(block_bytes=256)
    prepare(flash)
    ledger = Ledger()
    with suppress(PowerCut):
        ledger.run(Journal(flash), 12)
    return flash, ledger


@pytest.mark.parametrize("torn", [None, 0x00, 0x5A])
@pytest.mark.parametrize("backward_erase", [False, True])
def test_a_power_cut_at_every_byte_loses_nothing(torn: int | None, backward_erase: bool) -> None:
    whole, _ = scripted_run(lambda flash: None)
    assert whole.erases >= 2  # the ring went round, so erasing is among the places cut

    for fuel in range(whole.used):

        def prepare(flash: NorFlash, fuel: int = fuel) -> None:
            flash.fuel, flash.torn, flash.backward_erase = fuel, torn, backward_erase

        flash, ledger = scripted_run(prepare)
        check(flash, ledger)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1500), min_size=2, max_size=6))
def test_one_power_cut_after_another(fuels: list[int]) -> None:
    flash = NorFlash()
    used: list[int] = []
    for fuel in fuels:
        flash.fuel = fuel
        ledger = Ledger()
        try:
            journal = Journal(flash)
            for sale in list(journal.open_sales()):
                journal.reversed(sale)
            ledger.run(journal, 4)
        except PowerCut:
            pass
        assert not set(used) & set(ledger.stans)
        used += ledger.stans
    flash.fuel = None
    Journal(flash)


def test_trace_numbers_wrap_to_one() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    journal._trace = journal._reserved = 999_990
    assert [journal.next_stan() for _ in range(12)] == [*range(999_991, 1_000_000), 1, 2, 3]
    assert Journal(flash).next_stan() == 33


def test_a_full_journal_refuses_and_keeps_what_is_open() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    stans = []
    with pytest.raises(JournalFull):
        for _ in range(100):
            stan = journal.next_stan()
            journal.intend(stan, REQUEST)
            stans.append(stan)
    reopened = Journal(flash)
    assert [sale.stan for sale in reopened.open_sales()] == stans
    for sale in list(reopened.open_sales()):
        reopened.answer(sale, REPLY)
        reopened.complete(sale)
    reopened.intend(reopened.next_stan(), REQUEST)


def test_a_newer_format_is_refused_and_left_alone() -> None:
    flash = NorFlash()
    Journal(flash).next_stan()
    flash.content[3:5] = bytes((2, 2))
    before = bytes(flash.content)
    with pytest.raises(JournalFault, match="version 2"):
        Journal(flash)
    assert bytes(flash.content) == before


def test_foreign_content_is_refused_and_left_alone() -> None:
    flash = NorFlash()
    flash.content[100:200] = b"x" * 100
    before = bytes(flash.content)
    with pytest.raises(JournalFault):
        Journal(flash)
    assert bytes(flash.content) == before


def test_a_record_that_does_not_read_back_goes_to_another_block() -> None:
    flash = NorFlash()
    journal = Journal(flash)
    stan = journal.next_stan()
    flash.content[48 + 24] = 0x00  # a stuck bit where the next record would stand
    sale = journal.intend(stan, REQUEST)
    assert journal.read(sale.intent) == REQUEST
    assert [sale.stan for sale in Journal(flash).open_sales()] == [stan]
