"""The accounts of the business days: what counts on which, what is settled, and what an upload tells."""

from terminal.system.clock import Clock, seconds_of
from terminal.transactions.batch import PACKED_LIMIT
from terminal.transactions.day_book import dates_to_settle
from terminal.transactions.journal import Journal

from tests.firmware.journal_messages import account, message, sell
from tests.firmware.nor_flash import NorFlash


def to_settle(journal: Journal) -> list[str]:
    dates = dates_to_settle(journal, Clock(lambda: seconds_of(2026, 11, 21), 210))
    return [date.hex() for date in dates]


def uploaded_stans(upload: bytes) -> list[int]:
    return [int(upload[at + 5 : at + 8].hex()) for at in range(0, len(upload), 25)]


def test_what_is_sold_during_a_settlement_leaves_the_day_open() -> None:
    flash = NorFlash(block_count=8)
    journal = Journal(flash)
    first = sell(journal)
    begun = account(journal)
    second = sell(journal)
    assert (begun.date, begun.number, begun.figure(76)) == ("1121", 1, 1)
    record = f"0200000000{first:06d}1121{first:06d}000002500000{first:012d}"
    assert begun.records(0, 1).hex() == record
    begun.settled()
    for reopened in (journal, Journal(flash)):
        assert to_settle(reopened) == ["1121"]
        assert account(reopened).figure(76) == 2
        assert uploaded_stans(account(reopened).records(0, 36)) == [first, second]


def test_each_transaction_is_of_the_day_that_the_switch_names() -> None:
    flash = NorFlash(block_count=8)
    journal = Journal(flash)
    sold = {date: [sell(journal, date=date) for _ in range(3)] for date in ("1121", "1122")}
    late = journal.intend(journal.next_stan(), message("0200", 7))
    journal.answer(late, message("0210", 7, code="00", date="1121"))
    sold["1122"].append(sell(journal, date="1122"))
    sold["1121"].append(late.stan)
    journal.owe_reversal(late, message("0400", 8))
    journal.reversed(late, "00", "000000000099", date="1122")
    for reopened in (journal, Journal(flash)):
        assert to_settle(reopened) == ["1121", "1122"]
        first, second = account(reopened), account(reopened, "1122")
        assert (first.figure(76), first.figure(77)) == (4, 0)
        assert (second.figure(76), second.figure(77)) == (4, 1)
        assert uploaded_stans(first.records(0, 36)) == sold["1121"]
        assert uploaded_stans(second.records(0, 36)) == [*sold["1122"], 8]
    first.settled()
    assert to_settle(Journal(flash)) == ["1122"]
    account(Journal(flash), "1122").settled()
    assert to_settle(Journal(flash)) == ["1122"]  # again, as a whole


def test_where_nothing_was_sold_today_is_settled() -> None:
    journal = Journal(NorFlash())
    assert to_settle(journal) == ["1121"] and account(journal).number == 0
    account(journal).settled()
    assert journal.batch.days == []


def test_of_too_many_days_the_oldest_settled_one_goes_first() -> None:
    flash = NorFlash(block_count=8)
    journal = Journal(flash)
    dates = [f"11{number}" for number in range(11, 19)]
    for date in dates[:6]:
        sell(journal, date=date)
    account(journal, dates[2]).settled()
    for date in dates[6:]:
        sell(journal, date=date)
    left = [dates[1], *dates[3:]]
    for reopened in (journal, Journal(flash)):
        assert [day.date.hex() for day in reopened.batch.days] == left == to_settle(reopened)
    assert len(journal.batch.pack()) == PACKED_LIMIT


def test_an_upload_is_read_in_pieces_and_says_where_it_ends() -> None:
    journal = Journal(NorFlash(block_count=8))
    stans = [sell(journal) for _ in range(5)]
    day = account(journal)
    pieces = [day.records(first, 2) for first in range(0, 8, 2)]
    assert [len(piece) for piece in pieces] == [50, 50, 25, 0]
    assert uploaded_stans(b"".join(pieces)) == stans


def test_a_day_has_room_for_long_figures() -> None:
    journal = Journal(NorFlash())
    day = journal.batch.day(b"\x11\x21")
    journal.batch.days.append(day)
    day.numbers, day.amounts = [0xFFFF, 1, 2, 3], [0xFFFF_FFFF_FFFF, 1 << 32, 5, 0]
    fields = day.fields()
    assert fields[86] == "0281474976710655" and fields[97] == "C0281470681743354"
    journal.batch.load(journal.batch.pack())
    assert journal.batch.days[0].fields() == fields
