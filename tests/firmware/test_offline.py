"""Sales without a link: the sealed table, the limits, and forwarding in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.messages.cmac import CmacKey, cmac8
from terminal.messages.codec import unpack
from terminal.transactions.journal import Journal, JournalFull
from terminal.transactions.offline_index import OfflineIndex, OfflineRow
from terminal.transactions.offline_store import AGAIN, DONE, FOREIGN, REFUSED, UNREADABLE, OfflineBook
from terminal.transactions.offline_table import OfflineTable, TableFault
from terminal.transactions.summary import amount_in, card_digits, date_in, original_of, raw_field, summary_of

from tests.firmware.journal_messages import TRACK2, message
from tests.firmware.nor_flash import NorFlash
from tests.firmware.offline_tables import TABLE_KEY, TERMINAL, VALID_FROM, VALID_UNTIL, table
from tests.firmware.power_cut_model import FLASH_KEY

NOW = VALID_FROM + 1000
CARD = "6369490000000000017"
OTHER = "6369490000000000025"


def mac(buffer: bytes | bytearray | memoryview, length: int) -> bytes:
    return bytes(cmac8(bytes(16), buffer, length))


def book(flash: NorFlash | None = None) -> OfflineBook:
    journal = Journal(flash or NorFlash(1024, 10), FLASH_KEY)
    return OfflineBook(journal, TABLE_KEY, mac=mac)


def ready() -> OfflineBook:
    made = book()
    made.adopt(table(), TERMINAL, NOW)
    return made


def sell(made: OfflineBook, amount: int = 2_500_000) -> int:
    stan = int(made._journal.next_stan())
    made.sell(stan, message("0220", stan, amount=amount - stan))
    return stan


def forwarded(made: OfflineBook, code: str) -> tuple[str, int, str]:
    """What goes out next, and what becomes of it."""
    advice = made.next_advice()
    assert advice is not None
    assert advice[-8:] == mac(advice, len(advice) - 8)
    mti, fields = unpack(advice)
    stan = int(str(fields[11]))
    return mti, stan, made.acknowledged(f"{stan:06d}", code, f"{stan:012d}")


# The table


def opened(data: bytes, least_sequence: int = 0, now: int = NOW, terminal_id: str = TERMINAL) -> OfflineTable:
    return OfflineTable(data, TABLE_KEY, terminal_id=terminal_id, now=now, least_sequence=least_sequence)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "size", id="nothing"),
        pytest.param(table()[:50], "size", id="cut"),
        pytest.param(table() + bytes(5000), "size", id="long"),
        pytest.param(table(version=2), "version", id="newer"),
        pytest.param(b"V0T" + table()[3:], "version", id="foreign"),
        pytest.param(table(key=CmacKey(bytes(16))), "mac", id="other-key"),
        pytest.param(table()[:-1] + b"\0", "mac", id="other-mac"),
        pytest.param(table(terminal_id="T0000002"), "terminal", id="other-terminal"),
        pytest.param(table(sequence=4), "sequence", id="older"),
        pytest.param(table(extra=b"\0"), "format", id="more"),
        pytest.param(table(extra=b"\0" * 3), "format", id="more-than-a-count"),
    ],
)
def test_a_table_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(TableFault) as fault:
        opened(data, least_sequence=5)
    assert fault.value.reason == reason


@pytest.mark.parametrize(
    ("now", "valid"), [(VALID_FROM - 1, False), (VALID_FROM, True), (VALID_UNTIL - 1, True)]
)
def test_a_table_has_its_time(now: int, valid: bool) -> None:
    assert opened(table(), now=now).is_valid(now) is valid


def test_an_expired_table_is_refused() -> None:
    with pytest.raises(TableFault, match="expired"):
        opened(table(), now=VALID_UNTIL)


@given(st.data())
def test_no_bytes_raise_anything_else(data: st.DataObject) -> None:
    content = bytearray(table(blocked=(CARD,))[:-8])
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(4, len(content)))]
    sealed = bytes(content) + TABLE_KEY.cmac8(content, len(content))
    try:
        made = opened(sealed)
        made.has_range_of(CARD)
        made.is_blocked(7)
        made.preview(1000)
    except TableFault:
        pass


def test_what_a_sale_would_earn() -> None:
    made = opened(table(steps=((1_000_000, 1, 200), (10_000_000, 2, 300))))
    assert made.preview(999_999) == (0, 0)
    assert made.preview(2_500_000) == (250, 50_000)
    assert made.preview(10_000_000) == (2_000, 300_000)


def test_ranges_and_blocked_cards() -> None:
    blocked = tuple(f"63694900000000{number:05d}" for number in range(0, 300, 3))
    made = book()
    made.adopt(table(blocked=blocked), TERMINAL, NOW)
    for number in range(300):
        card = f"63694900000000{number:05d}"
        assert made.may_sell(1000, card, NOW) == ("offline_blocked" if number % 3 == 0 else None)
    assert made.may_sell(1000, "6369500000000000017", NOW) == "offline_card"
    assert made.may_sell(1000, "9364000000000017", NOW) is None


# The limits


def test_the_limits_of_the_table() -> None:
    made = book()
    assert made.may_sell(1000, CARD, NOW) == "offline_none"
    made.adopt(table(limits=(5_000_000, 3, 8_000_000, 12_000_000, 5, 20_000_000)), TERMINAL, NOW)
    assert made.may_sell(1000, CARD, VALID_UNTIL) == "offline_expired"
    assert made.may_sell(5_000_001, CARD, NOW) == "offline_amount"
    assert made.may_sell(0, CARD, NOW) == "offline_amount"
    # The sales of the model are all of card and day that its messages tell.
    today = 1_795_291_800  # 21 November 2026, 23:30 in Tehran
    made.adopt(table(limits=(5_000_000, 3, 8_000_000, 12_000_000, 5, 20_000_000)), TERMINAL, NOW)
    made.table.valid_from = 0
    sell(made, 4_000_000)
    assert made.may_sell(4_000_000, CARD, today) is None
    assert made.may_sell(4_000_001, CARD, today) == "offline_often"
    sell(made, 100_000)
    sell(made, 100_000)
    assert made.may_sell(1000, CARD, today) == "offline_often"
    assert made.may_sell(1000, OTHER, today) is None
    sell(made, 5_000_000)
    assert made.may_sell(2_800_001, OTHER, today) == "offline_day"
    assert made.may_sell(2_800_001, OTHER, today + 86_400) is None
    sell(made, 2_000_000)
    assert made.may_sell(1000, OTHER, today + 86_400) == "offline_limit"
    assert (made.waiting, made.waiting_amount) == (5, 11_200_000)


def test_an_older_table_stays_out_after_a_restart() -> None:
    flash = NorFlash()
    made = book(flash)
    made.adopt(table(sequence=9), TERMINAL, NOW)
    with pytest.raises(TableFault, match="sequence"):
        made.adopt(table(sequence=8), TERMINAL, NOW)
    assert made.table is not None and made.table.sequence == 9
    again = book(flash)
    with pytest.raises(TableFault, match="sequence"):
        again.adopt(table(sequence=8), TERMINAL, NOW)
    again.adopt(table(sequence=9), TERMINAL, NOW)


def test_a_full_journal_refuses_and_goes_on_with_a_link() -> None:
    made = ready()
    with pytest.raises(JournalFull):
        for _ in range(1000):
            sell(made)
    assert made.is_full and made.may_sell(1000, OTHER, NOW) in ("offline_full", "offline_limit")
    journal = made._journal
    for _ in range(40):
        stan = journal.next_stan()
        sale = journal.intend(stan, message("0200", stan))
        journal.answer(sale, message("0210", stan, code="00"))
        journal.complete(sale)
    waiting = made.waiting
    order = [forwarded(made, "00")[1] for _ in range(waiting)]
    assert order == sorted(order) and not made.waiting and not made.is_full


# Forwarding


def test_advices_go_out_in_order_one_at_a_time() -> None:
    made = ready()
    stans = [sell(made) for _ in range(3)]
    first = made.next_advice()
    assert first is not None and unpack(first)[1][35] == TRACK2
    assert made.next_advice() is None
    assert made.acknowledged(f"{stans[1]:06d}", "00") == FOREIGN
    assert made.acknowledged(f"{stans[0]:06d}", "00", "000000000001") == DONE
    assert made.acknowledged(f"{stans[0]:06d}", "00") == FOREIGN
    assert forwarded(made, "21") == ("0220", stans[1], DONE)
    assert forwarded(made, "00") == ("0220", stans[2], DONE)
    assert made.next_advice() is None and made.waiting == 0
    # 21: the switch has reversed it; so it is in no total.
    assert made._journal.batch.days[0].fields()[76] == "0000000002"


def test_no_answer_means_a_repeat_with_the_same_content() -> None:
    flash = NorFlash()
    made = book(flash)
    stan = sell(made)
    first = made.next_advice()
    made.unanswered()
    assert made.delay_ms == 1000
    second = made.next_advice()
    again = book(flash).next_advice()  # and after a restart
    assert first is not None and second is not None
    assert second == again and second[:2] == b"\x02\x21" and second[2:-8] == first[2:-8]
    assert made.acknowledged(stan, "00") == DONE and made.delay_ms == 0


@pytest.mark.parametrize("code", ["58", "63", "68", "91"])
def test_what_decides_nothing_is_repeated_for_ever(code: str) -> None:
    made = ready()
    stan = sell(made)
    later = sell(made)
    delays = []
    for _ in range(40):
        assert forwarded(made, code)[1:] == (stan, AGAIN)
        delays.append(made.delay_ms)
    assert delays[:6] == [1000, 2000, 4000, 8000, 16000, 30000] and delays[-1] == 30000
    assert forwarded(made, "00") == ("0221", stan, DONE)
    assert forwarded(made, "00") == ("0220", later, DONE)


@pytest.mark.parametrize("code", ["05", "12", "14", "30", "62", "94"])
def test_a_final_refusal_stays_for_the_operator_and_lets_the_others_go(code: str) -> None:
    flash = NorFlash()
    made = book(flash)
    stan = sell(made)
    later = sell(made)
    assert forwarded(made, code)[1:] == (stan, REFUSED)
    assert forwarded(made, "00")[1:] == (later, DONE)
    for seen in (made, book(flash)):
        assert (seen.waiting, seen.waiting_amount) == (0, 0)
        ((found, said, amount, location),) = seen.refused()
        assert (found, said, amount) == (stan, code, 2_500_000)
        assert card_digits(seen._journal.read(location)) == CARD
    assert not made.dismiss(later) and made.dismiss(stan) and not made.dismiss(stan)
    assert made.refused() == [] and book(flash).refused() == []
    assert book(flash)._journal.batch.days[0].fields()[76] == "0000000001"


def test_a_switch_that_chokes_on_an_advice_is_spared_the_ninth() -> None:
    made = ready()
    stan = sell(made)
    for _ in range(7):
        assert forwarded(made, "96")[2] == AGAIN
    assert forwarded(made, "96") == ("0221", stan, REFUSED)
    assert made.refused()[0][1] == "96"


def test_an_advice_whose_key_was_erased_is_told_to_the_operator() -> None:
    flash = NorFlash()
    stan = sell(book(flash))
    made = OfflineBook(Journal(flash, CmacKey(bytes(16))), TABLE_KEY, mac=mac)
    assert made.next_advice() is None
    assert [row[:3] for row in made.refused()] == [(stan, UNREADABLE, 2_500_000)]


# What stands in memory and in clear


@given(st.lists(st.integers(1, 999_999), unique=True, max_size=30), st.integers(0, 999_998))
def test_the_index_keeps_the_order_of_trace_numbers_that_went_round(steps: list[int], start: int) -> None:
    index = OfflineIndex(4)
    stans = [(start + step) % 999_999 + 1 for step in sorted(steps) if step < 490_000]
    for stan in sorted(stans):
        index.put(OfflineRow(stan, stan, space=160, date=b"\x11\x21", amount=stan << 8, card_tag=stan))
    assert [index.row(at).stan for at in range(index.count)] == stans
    assert index.sums() == (len(stans), sum(stans) << 8)
    for stan in stans:
        index.remove(stan)
    assert (index.count, index.space) == (0, 0)


def test_a_summary_is_what_a_reversal_needs() -> None:
    packed = message("0200", 42)
    summary = summary_of(packed)
    assert (amount_in(summary), date_in(summary)) == (2_500_042, b"\x11\x21")
    fields = unpack(packed)[1]
    mti, original = original_of(summary, 42)
    assert mti == "0200" and all(fields[number] == value for number, value in original.items())
    for number in fields:
        assert raw_field(packed, number) is not None


@given(st.binary(max_size=120))
def test_a_summary_of_anything(data: bytes) -> None:
    assert len(summary_of(data)) == 23
    card_digits(data)
    raw_field(data, 128)
