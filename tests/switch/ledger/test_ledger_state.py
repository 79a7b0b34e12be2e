"""What the state makes of entries besides balances: records, returns, reversals, activities, tables."""

import pytest

from switch.journal.entries import Reason, RecordChange, RuleTableEntry, pack
from switch.journal.format import RawEntry
from switch.ledger import state
from switch.ledger.accounts import AccountKind, account_number, member_account
from switch.ledger.posting import Posting
from switch.ledger.records import CardRecord, MemberRecord, Status
from switch.ledger.returns import NOT_RETURNED, Returned
from switch.ledger.state import purse_account, tier_of
from switch.ledger.tables import TABLES_KEPT
from switch.rules.outcome import NEVER_S, CounterKey, CounterMove
from switch.rules.table import Tier
from tests.switch.ledger.book import (
    CREDIT,
    CREDIT_PURSE,
    DAY_S,
    LIABILITY,
    MEMBER,
    PLAIN_PURSE,
    SHOP,
    START_S,
    TIER_POINTS,
    Book,
    day,
    packed_table,
)

TOKEN = b"t" * 16


def member(number: int, **tags: str | bytes) -> RecordChange:
    return RecordChange(
        "MEMBER",
        False,
        bytes(16),
        (("DF20", f"{number:012d}"), *((f"DF{tag}", text) for tag, text in tags.items())),
    )


def earn(posting: Posting) -> None:
    posting.earn(LIABILITY, MEMBER, 10, Reason.EARN, 0, 0, NEVER_S)


def original(book: Book, position: int) -> tuple[int, int]:
    entry = book.entry(position)
    return entry.transmitted_s, entry.stan


def test_records_come_with_transactions_too() -> None:
    book = Book()
    card = (("DF20", "000000000012"), ("DF29", "000000000034"), ("DF24", "LOYAL"), ("DF50", "20271231"))
    book.transact(
        record_changes=(member(12, **{"05": "عضو نمونه"}), RecordChange("CARD", False, TOKEN, card))
    )
    assert book.state.members == {12: MemberRecord(12, "عضو نمونه", "", Status.ACTIVE)}
    assert book.state.cards == {TOKEN: CardRecord(34, 12, "LOYAL", Status.ACTIVE, 20271231)}
    assert book.state.cards_of_member == {12: 1}
    # A replaced card.
    book.transact(
        record_changes=(RecordChange("CARD", True, TOKEN, ()), RecordChange("CARD", False, b"n" * 16, card))
    )
    assert list(book.state.cards) == [b"n" * 16]
    assert book.state.cards_of_member == {12: 1}
    book.transact(record_changes=(RecordChange("CARD", True, b"n" * 16, ()),))
    assert book.state.cards_of_member == {}
    book.check()


def test_cards_in_stock_belong_to_nobody() -> None:
    book = Book()
    stock = (("DF29", "000000000034"), ("DF21", "N"))
    book.transact(record_changes=(RecordChange("CARD", False, TOKEN, stock),))
    assert book.state.cards[TOKEN].status == Status.NEW
    assert book.state.cards_of_member == {}
    book.transact(
        record_changes=(
            RecordChange("CARD", False, TOKEN, (("DF29", "000000000034"), ("DF20", "000000000012"))),
        )
    )
    assert book.state.cards_of_member == {12: 1}


def test_the_greatest_member_number_is_remembered_after_deletion() -> None:
    book = Book()
    assert book.state.member_number_max == 0
    book.transact(record_changes=(member(70), member(12)))
    deletion = RecordChange("MEMBER", True, bytes(16), (("DF20", "000000000070"),))
    book.transact(record_changes=(deletion,))
    assert (book.state.member_number_max, list(book.state.members)) == (70, [12])
    book.check()


def test_declined_transactions_change_nothing_but_are_remembered() -> None:
    book = Book()
    before = book.state.digest()
    position = book.transact(response_code="51", activity=True, member_number=12)
    assert book.state.last_purchase_s == {}
    assert book.state.returns == {}
    assert book.state.digest() != before
    window = book.state.window("T1")
    assert window is not None
    key = START_S * 1_000_000 + 1
    assert (window.find(key), window.is_counted(key)) == (position, False)


@pytest.mark.parametrize(
    ("today", "depth", "expected"),
    [
        pytest.param(20260101, 10, (2, 3, 4), id="all, then nobody"),
        pytest.param(20260101, 2, (2, 3), id="depth"),
        pytest.param(20260101, 0, (), id="no depth"),
        pytest.param(20260630, 10, (2, 3, 4), id="last day"),
        pytest.param(20260701, 10, (2,), id="ended with the second introduction"),
    ],
)
def test_uplines_follow_valid_introductions(today: int, depth: int, expected: tuple[int, ...]) -> None:
    book = Book()
    book.transact(
        record_changes=(
            member(1, **{"46": "2"}),
            member(2, **{"46": "3", "47": "20260630"}),
            member(3, **{"46": "4", "47": "00000000"}),
            member(4, **{"46": "5"}),  # who is no member
        )
    )
    assert book.state.uplines(1, today, depth) == expected


def test_uplines_end_in_a_circle() -> None:
    book = Book()
    book.transact(
        record_changes=(
            member(1, **{"46": "2"}),
            member(2, **{"46": "3"}),
            member(3, **{"46": "1"}),
            member(4, **{"46": "4"}),
            member(5, **{"46": "6"}),
            member(6, **{"46": "7"}),
            member(7, **{"46": "6"}),
        )
    )
    found = [book.state.uplines(number, 20260101) for number in range(1, 9)]
    assert found == [(2, 3), (3, 1), (1, 2), (), (6, 7), (7,), (6,), ()]


def test_uplines_have_ten_levels() -> None:
    book = Book()
    for number in range(1, 14):
        book.transact(record_changes=(member(number, **{"46": str(number + 1)}),))
    assert book.state.uplines(1, 20260101) == tuple(range(2, 12))


def test_pooled_purses_are_the_households() -> None:
    single, housed = (
        MemberRecord(1, "", "", Status.ACTIVE),
        MemberRecord(2, "", "", Status.ACTIVE, household=7),
    )
    assert purse_account(single, CREDIT_PURSE) == member_account(1, CREDIT)
    assert purse_account(housed, CREDIT_PURSE) == account_number(AccountKind.HOUSEHOLD, 7, CREDIT)
    assert purse_account(housed, PLAIN_PURSE) == member_account(2, 91)


TIERS = (Tier("bronze", 0), Tier("silver", 1000), Tier("gold", 5000))


@pytest.mark.parametrize(
    ("pinned", "points", "tier"),
    [
        ("", 0, "bronze"),
        ("", -5, "bronze"),
        ("", 999, "bronze"),
        ("", 1000, "silver"),
        ("", 5000, "gold"),
        ("silver", 0, "silver"),
        ("silver", 5000, "gold"),
        ("gold", 1000, "gold"),
        ("founder", 5000, "founder"),
    ],
)
def test_the_higher_of_pinned_and_reached_tier_counts(pinned: str, points: int, tier: str) -> None:
    book = Book(tiers=TIERS)
    account = member_account(11, TIER_POINTS)
    programme = account_number(AccountKind.PROGRAMME, 1, TIER_POINTS)
    if points > 0:
        book.transact(lambda posting: posting.earn(programme, account, points, Reason.EARN, 0, 0, NEVER_S))
    elif points < 0:
        book.transact(
            lambda posting: posting.take_back(account, programme, -points, Reason.RETURN, 0, 0, 1, True, 1)
        )
    record = MemberRecord(11, "", pinned, Status.ACTIVE)
    assert tier_of(book.state, book.state.rule_table, record) == tier


def test_without_tiers_the_record_tells() -> None:
    book = Book()
    assert tier_of(book.state, book.state.rule_table, MemberRecord(11, "", "GOLD", Status.ACTIVE)) == "GOLD"


def test_returns_add_up_by_sale_and_line() -> None:
    book = Book()
    sale = book.transact(earn, amount=900)
    for amount, lines in ((300, ((0, 100), (2, 200))), (50, ()), (100, ((2, 100),))):
        book.transact(processing_code="200000", amount=amount, concerns=sale, line_returns=lines)
    returned = book.state.returns[sale]
    assert (returned.amount, returned.line_amounts, returned.is_undone) == (450, (100, 0, 300), False)
    assert [returned.line(index) for index in range(4)] == [100, 0, 300, 0]
    # Not approved, or no return at all.
    book.transact(processing_code="200000", amount=9, concerns=sale, response_code="51")
    book.transact(processing_code="930000", amount=9, concerns=sale)
    assert book.state.returns == {sale: returned}
    book.check()


def test_a_reversed_return_gives_the_sale_back_its_part_once() -> None:
    book = Book()
    sale = book.transact(earn, amount=900)
    lines = ((1, 200),)
    first = book.transact(processing_code="200000", amount=200, concerns=sale, line_returns=lines)
    second = book.transact(processing_code="200000", amount=300, concerns=sale)
    for _ in range(2):
        book.transact(
            mti="0400",
            processing_code="200000",
            amount=200,
            reverses=first,
            original=original(book, first),
            concerns=sale,
            line_returns=lines,
        )
        assert book.state.returns == {sale: Returned(300, ())}
    book.transact(
        mti="0400",
        processing_code="200000",
        amount=300,
        reverses=second,
        original=original(book, second),
        concerns=sale,
    )
    assert book.state.returns == {}
    book.check()


def test_a_reversed_sale_has_nothing_to_return() -> None:
    book = Book()
    sale = book.transact(earn, amount=900)
    book.transact(mti="0400", amount=900, reverses=sale, original=original(book, sale))
    assert book.state.returns[sale].is_undone
    window = book.state.window("T1")
    assert window is not None
    assert window.undone_by(START_S * 1_000_000 + 1) == book.state.position
    # A reversal that came before its original undoes nothing that is known.
    book.transact(mti="0400", amount=900, original=(START_S, 99))
    assert list(book.state.returns) == [sale]
    book.check()


def test_a_voided_hold_is_no_return() -> None:
    book = Book()
    book.transact(earn)
    position = book.transact(
        lambda posting: posting.hold(MEMBER, SHOP, 4),
        mti="0100",
        hold_until_s=day(1),
        processing_code="009100",
    )
    held = book.state.holds[position]
    book.transact(lambda posting: posting.release(held), processing_code="200000", concerns=position)
    assert book.state.holds == {}
    assert book.state.returns == {}
    book.check()


def test_no_return_is_like_none() -> None:
    assert Returned(5, (0, 5)).plus(-5, ((1, -5),)) == NOT_RETURNED
    assert NOT_RETURNED.plus(7, ((2, 3), (2, 4))) == Returned(7, (0, 0, 7))


def test_activities_are_those_of_members_and_households() -> None:
    book = Book()
    book.transact(record_changes=(member(12, **{"48": "000000000007"}), member(13)))
    book.transact(activity=True, member_number=12)
    book.now_s += 60
    book.transact(activity=True, member_number=13)
    book.transact(activity=False, member_number=12)
    book.transact(activity=True)
    assert book.state.last_purchase_s == {12: START_S, 13: START_S + 60}
    assert book.state.last_household_purchase_s == {7: START_S}
    # An offline sale that comes late doesn't set the time back.
    book.now_s -= 3600
    book.transact(activity=True, member_number=13)
    assert book.state.last_purchase_s[13] == START_S + 60
    book.check()


def test_counters_move_with_entries_and_end_with_their_day() -> None:
    book = Book()
    today = START_S // DAY_S
    keys = [CounterKey("R-1/0", 12, today, drop_day) for drop_day in (today + 2, 0xFFFF_FFFF)]
    for delta in (5, -2):
        book.transact(counter_moves=tuple(CounterMove(key, delta, True, False) for key in keys))
    assert [book.state.counters.value(key) for key in keys] == [3, 3]
    book.check()
    book.now_s += 2 * DAY_S
    book.transact()
    assert [book.state.counters.value(key) for key in keys] == [0, 3]
    # Too old to matter: not counted again.
    book.transact(counter_moves=(CounterMove(keys[0], 5, True, False),))
    assert [book.state.counters.value(key) for key in keys] == [0, 3]
    book.check()


def test_the_last_tables_are_kept_with_their_times() -> None:
    book = Book()
    for version in range(2, 12):
        book.now_s += 100
        book.take(RuleTableEntry(book.now_s * 1000, version, packed_table(name=f"club{version}")))
    assert (book.state.rule_table_version, book.state.rule_table.programme.name) == (11, "club11")
    assert [kept.version for kept in book.state.tables.kept] == list(range(4, 12))
    assert len(book.state.tables) == TABLES_KEPT
    moments = (0, START_S + 299, START_S + 300, START_S + 399, START_S + 400, START_S + 10_000)
    assert [book.state.table_at(moment).version for moment in moments] == [4, 4, 4, 4, 5, 11]
    second = (START_S + 400) * 1000
    assert [book.state.tables.at(second + offset).version for offset in (-1, 0)] == [4, 5]
    found = book.state.tables.of_version(5)
    assert found is not None
    assert found.table.programme.name == "club5"
    assert book.state.tables.of_version(3) is None
    with pytest.raises(ValueError, match="can't follow 11"):
        book.take(RuleTableEntry(book.now_s * 1000, 11, packed_table()))


def test_before_the_first_table_there_are_no_purses() -> None:
    found = Book().replayed()
    assert found.tables.at(0).version == 1
    fresh = type(found)(found._host)
    assert (fresh.rule_table_version, fresh.rule_table.purses, fresh.rule_table.rules) == (0, {}, ())


def test_entries_are_found_in_memory_and_then_in_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "RECENT_ENTRIES", 16)
    book = Book()
    asked: list[int] = []

    def find_older(position: int) -> RawEntry | None:
        asked.append(position)
        return book.journal[position - 1]

    book.state.find_older = find_older
    first = book.transact(amount=77)
    last = first
    for _ in range(state.RECENT_ENTRIES):
        last = book.transact()
    assert book.entry(first).amount == 77
    assert asked == [first]
    assert book.entry(last).stan == book.stan
    assert book.state.find_entry(last + 1) is None
    assert book.state.find_entry(0) is None
    assert asked == [first]


def test_entries_follow_each_other() -> None:
    book = Book()
    entry = RuleTableEntry(0, 2, packed_table())
    kind, body = pack(entry)
    for position in (1, 3):
        with pytest.raises(ValueError, match="can't follow 1"):
            book.state.apply(RawEntry(position, kind, 2, body), entry)
