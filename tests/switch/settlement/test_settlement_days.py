"""Business days: where one ends, who may end it, and that only its place in the journal counts."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.dialect import Tag
from protocol.reconciliation import BatchTotals
from switch.authoriser.cut_over import cut_over_due, decide_cut_over
from switch.journal.entries import (
    ENTRY_VERSION,
    CutOverEntry,
    EntryFault,
    ReconciliationEntry,
    UploadedItem,
    Verdict,
    pack,
    unpack,
)
from switch.ledger.business_day import DAYS_KEPT, business_day_at
from switch.ledger.state import State
from tests.switch.scenarios.club import HOST, host_record
from tests.switch.settlement.shops import DAY_S, START_S, Shops, month_day

ZONE = "Asia/Tehran"
_TILL = "T0000001"
_numbers = st.integers(0, (1 << 64) - 1)
_words = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8)
_items = st.builds(
    UploadedItem,
    st.sampled_from(["0200", "0220", "0400"]),
    st.integers(0, 999_999).map(lambda number: f"{number:06d}"),
    st.integers(0, 999_999),
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    st.sampled_from(Verdict),
)
_totals = st.builds(BatchTotals, *[_numbers] * 8)
_reconciliations = st.builds(
    ReconciliationEntry,
    at_ms=_numbers,
    mti=st.sampled_from(["0500", "0520"]),
    terminal_id=_words,
    stan=st.integers(0, 999_999),
    transmitted_s=_numbers,
    digest=st.binary(min_size=16, max_size=16),
    merchant_id=st.text(max_size=15),
    branch_number=st.integers(0, 999_999),
    day=st.integers(0, 1 << 31),
    response_code=st.sampled_from(["00", "95"]),
    settlement_code=st.sampled_from(["", "1", "2", "3"]),
    claimed=_totals,
    counted=_totals,
    announced=st.none() | st.integers(0, 999_999),
    differences=st.integers(0, 1 << 31),
    first_position=_numbers,
    last_position=_numbers,
    items=st.lists(_items, max_size=36).map(tuple),
)


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


@given(_reconciliations)
def test_entries_go_through_their_bytes(entry: ReconciliationEntry) -> None:
    kind, body = pack(entry)
    assert unpack(kind, ENTRY_VERSION, body) == entry
    for wrong in (body[:-1], body + b"\0"):
        with pytest.raises(EntryFault):
            unpack(kind, ENTRY_VERSION, wrong)


def test_a_cut_over_goes_through_its_bytes() -> None:
    kind, body = pack(CutOverEntry(1, 2))
    assert unpack(kind, ENTRY_VERSION, body) == CutOverEntry(1, 2)
    with pytest.raises(EntryFault):
        unpack(kind, ENTRY_VERSION, body + b"\0")


@pytest.mark.parametrize(
    ("cut_over", "at", "day"),
    [
        (0, "2026-03-20T23:59:59", "2026-03-20"),
        (0, "2026-03-21T00:00:00", "2026-03-21"),
        (180, "2026-03-21T02:59:59", "2026-03-20"),
        (180, "2026-03-21T03:00:00", "2026-03-21"),
        (1320, "2026-03-20T21:59:59", "2026-03-20"),
        (1320, "2026-03-20T22:00:00", "2026-03-21"),
    ],
)
def test_the_day_of_a_moment(cut_over: int, at: str, day: str) -> None:
    expected = business_day_at(ZONE, second(day + "T12:00:00"), 0)
    assert business_day_at(ZONE, second(at), cut_over) == expected


def test_the_first_day_is_that_of_the_first_table_and_the_clock_ends_it_once() -> None:
    shops = Shops(second("2026-06-14T23:59:50"))
    assert State(host_record()).business.open_day.day == 0
    assert shops.month_day == "0614"
    assert cut_over_due(State(host_record()), shops.now_s * 1000, 0) is None
    assert not shops.cut_over()
    shops.buy(_TILL, 1000)
    shops.pass_time(10)
    shops.buy(_TILL, 2000)
    assert shops.cut_over()
    shops.buy(_TILL, 4000)
    old, new = shops.state.business.books
    assert old.totals(_TILL) == BatchTotals(debits_number=2, debits_amount=3000)
    assert new.totals(_TILL) == BatchTotals(debits_number=1, debits_amount=4000)
    cut = shops.state.position - 1
    assert (old.last_position, new.first_position, new.last_position) == (cut, cut + 1, 0)
    assert [old.holds(cut), old.holds(cut + 1), new.holds(cut), new.holds(cut + 1)] == [
        True,
        False,
        False,
        True,
    ]
    assert not shops.cut_over()
    shops.pass_time(-DAY_S)
    assert not shops.cut_over()
    assert shops.replayed().digest() == shops.state.digest()


def test_days_are_kept_so_long() -> None:
    shops = Shops()
    for _ in range(DAYS_KEPT + 2):
        shops.buy(_TILL, 1000)
        shops.next_day()
    books = shops.state.business.books
    assert len(books) == DAYS_KEPT
    assert shops.state.business.book(books[0].day - 1) is None
    with pytest.raises(ValueError, match="can't follow"):
        shops.state.business.cut_over(CutOverEntry(0, books[-1].day), shops.state.position)


def test_a_host_may_begin_tomorrow_and_may_say_so_twice() -> None:
    shops = Shops()
    host, till = shops.state.terminal(HOST), shops.state.terminals[_TILL]
    assert host is not None
    now_ms = shops.now_s * 1000
    today = shops.state.business.open_day.day
    assert decide_cut_over(shops.state, till, month_day(today + 1), now_ms) == ("58", None)
    for wrong in (month_day(today + 2), month_day(today - 1), "1399", "0000"):
        assert decide_cut_over(shops.state, host, wrong, now_ms) == ("12", None)
    assert decide_cut_over(shops.state, host, month_day(today), now_ms) == ("00", None)
    code, entry = decide_cut_over(shops.state, host, month_day(today + 1), now_ms)
    assert (code, entry) == ("00", CutOverEntry(now_ms, today + 1))
    assert entry is not None
    shops.append(entry)
    assert decide_cut_over(shops.state, host, month_day(today + 1), now_ms) == ("00", None)
    shops.pass_time(DAY_S)
    assert not shops.cut_over()
    assert decide_cut_over(State(host_record()), host, month_day(today), now_ms) == ("12", None)


def test_totals_do_not_tell_where_a_terminal_is_deleted_or_moved() -> None:
    """A till's totals are the till's, whatever its record says later."""
    shops = Shops()
    shops.buy(_TILL, 1000)
    shops.add_terminal(_TILL, "SHOP2", **{Tag.GUILD.value: "music"})
    assert shops.counted(_TILL).debits_number == 1
    places = shops.totals().days[shops.state.business.open_day.day]
    assert [(place.merchant_id, place.guild) for place in places] == [("SHOP1", "food")]


def test_start_of_the_tests_is_where_they_think_it_is() -> None:
    assert datetime.fromtimestamp(START_S, ZoneInfo(ZONE)).isoformat()[:16] == "2026-06-14T08:00"
