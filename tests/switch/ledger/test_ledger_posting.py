"""Movements between lots: what is taken first, what debt does, what comes back where."""

import pytest

from switch.journal.entries import Reason, Transfer
from switch.ledger.accounts import COUNTER_MAX, AccountKind, account_number
from switch.ledger.posting import Overflow, Shortage
from switch.rules.outcome import NEVER_S
from switch.rules.purses import BALANCE_MAX
from tests.switch.ledger.book import (
    BREAKAGE,
    LIABILITY,
    MEMBER,
    NEVER,
    OTHER,
    PLAIN_PURSE,
    POINTS,
    SHOP,
    day,
)
from tests.switch.ledger.movements import Lots, book_with, earn, give_back, hold, spend, take_back


@pytest.mark.parametrize(
    ("lots", "amount", "left"),
    [
        pytest.param([(30, 0, 5)], 2, [(30, 0, 3)], id="part of one"),
        pytest.param([(30, 0, 5)], 5, [], id="all of one"),
        pytest.param([(30, 0, 5), (10, 0, 5)], 7, [(30, 0, 3)], id="first to expire first"),
        pytest.param([(NEVER, 0, 5), (10, 0, 5)], 6, [(NEVER, 0, 4)], id="never expires last"),
        pytest.param([(10, 2, 5), (30, 0, 5)], 5, [(10, 2, 5)], id="not what is pending"),
        pytest.param([(30, 0, 5), (30, 0, 4)], 8, [(30, 0, 1)], id="equal lots are one"),
    ],
)
def test_spending_takes_what_expires_first(lots: Lots, amount: int, left: Lots) -> None:
    book = book_with(lots)
    spend(book, amount)
    assert book.lots() == left
    assert book.state.accounts.balance(SHOP) == amount
    book.check()


@pytest.mark.parametrize(
    ("lots", "amount", "missing"),
    [
        pytest.param([], 1, 1, id="nothing there"),
        pytest.param([(30, 0, 5)], 7, 2, id="too little"),
        pytest.param([(30, 2, 5)], 1, 1, id="pending"),
        pytest.param([(0, 0, 5)], 1, 1, id="expires now"),
        pytest.param([(30, NEVER, 5)], 1, 1, id="waits for an action"),
    ],
)
def test_spending_more_than_is_there_is_refused(lots: Lots, amount: int, missing: int) -> None:
    book = book_with(lots)
    before = book.state.digest()
    with pytest.raises(Shortage) as caught:
        spend(book, amount)
    assert (caught.value.account, caught.value.missing) == (MEMBER, missing)
    assert book.state.digest() == before


def test_a_lot_counts_from_its_first_second_to_the_one_before_its_end() -> None:
    book = book_with([(10, 5, 7)])
    found = []
    for now_s in (day(5) - 1, day(5), day(10) - 1, day(10)):
        found.append((book.state.lots.available(MEMBER, now_s), book.state.lots.pending(MEMBER, now_s)))
    assert found == [(0, 7), (7, 0), (7, 0), (0, 0)]
    assert book.state.lots.balance(MEMBER) == 7


def test_a_purse_may_be_overdrawn_as_far_as_it_says() -> None:
    book = book_with([(30, 0, 5)], PLAIN_PURSE._replace(overdraft_max=10))
    spend(book, 12)
    assert book.lots() == [(0, 0, -7)]
    with pytest.raises(Shortage) as caught:
        spend(book, 4)
    assert caught.value.missing == 1
    spend(book, 3)
    assert book.lots() == [(0, 0, -10)]
    book.check()


def test_debt_stands_against_lots_that_come_up_later_and_is_paid_when_they_end() -> None:
    book = book_with([(30, 1, 9)], PLAIN_PURSE._replace(overdraft_max=3))
    spend(book, 3)
    book.now_s = day(1)
    assert (book.lots(), book.posting().available(MEMBER)) == ([(0, 0, -3), (30, 1, 9)], 6)
    spend(book, 6)
    assert (book.lots(), book.posting().available(MEMBER)) == ([(0, 0, -3), (30, 1, 3)], 0)
    earn(book, 1, 40)
    assert book.lots() == [(0, 0, -2), (30, 1, 3)]
    book.now_s = day(30)
    book.maintain()
    assert (book.lots(), book.state.accounts.balance(BREAKAGE)) == ([], 1)
    book.check()


def test_an_earning_pays_debt_first() -> None:
    book = book_with([], PLAIN_PURSE._replace(overdraft_max=10))
    spend(book, 8)
    earn(book, 5)
    assert book.lots() == [(0, 0, -3)]
    earn(book, 5)
    assert book.lots() == [(30, 0, 2)]
    book.check()


@pytest.mark.parametrize(
    ("lots", "left"),
    [
        pytest.param([(30, 0, 6), (10, 0, 9)], [(10, 0, 9), (30, 0, 2)], id="its own lot"),
        pytest.param([(30, 0, 3), (10, 0, 9)], [(10, 0, 8)], id="then what expires first"),
        pytest.param([(20, 3, 9)], [(20, 3, 5)], id="pending ones too"),
        pytest.param([(0, 0, 9), (20, 0, 1)], [(0, 0, -3), (0, 0, 9)], id="not expired ones"),
        pytest.param([], [(0, 0, -4)], id="then debt"),
        pytest.param([(30, 0, 3)], [(0, 0, -1)], id="its own lot and debt"),
    ],
)
def test_taking_an_earning_back(lots: Lots, left: Lots) -> None:
    book = book_with(lots)
    take_back(book, 4)
    assert book.lots() == left
    assert book.entry(book.state.position).transfers[0].undoes == 1
    book.check()


@pytest.mark.parametrize("refused_by", ["rule", "purse"])
def test_taking_back_what_is_spent_may_be_refused(refused_by: str) -> None:
    book = book_with([(30, 0, 3)], PLAIN_PURSE._replace(return_may_overdraw=refused_by != "purse"))
    with pytest.raises(Shortage) as caught:
        take_back(book, 4, allow_debt=refused_by != "rule")
    assert caught.value.missing == 1


def test_a_spending_comes_back_to_its_lots_in_any_parts() -> None:
    for parts in ([9], [1] * 9, [2, 3, 4], [8, 1]):
        book = book_with([(10, 0, 4), (20, 0, 3), (30, 0, 5)], PLAIN_PURSE._replace(overdraft_max=0))
        before = book.lots()
        position = spend(book, 9)
        assert book.lots() == [(30, 0, 3)]
        already = 0
        for part in parts:
            give_back(book, position, part, already)
            already += part
        assert book.lots() == before
        book.check()


def test_what_expires_last_comes_back_first() -> None:
    book = book_with([(10, 0, 4), (20, 0, 3)], PLAIN_PURSE._replace(overdraft_max=5))
    position = spend(book, 9)
    assert book.lots() == [(0, 0, -2)]
    lots = []
    for already, part in ((0, 1), (1, 1), (2, 2), (4, 5)):
        give_back(book, position, part, already)
        lots.append(book.lots())
    assert lots == [[(0, 0, -1)], [], [(20, 0, 2)], [(10, 0, 4), (20, 0, 3)]]


def test_more_cannot_come_back_than_was_spent() -> None:
    book = book_with([(10, 0, 4)])
    position = spend(book, 4)
    give_back(book, position, 3)
    with pytest.raises(ValueError, match="fewer units"):
        give_back(book, position, 2, already=3)


def test_what_comes_back_has_at_least_the_grace() -> None:
    book = book_with([(1, 0, 4), (20, 0, 3)], PLAIN_PURSE._replace(restore_grace_days=7))
    position = spend(book, 7)
    book.now_s = day(5)
    give_back(book, position, 7)
    assert book.lots() == [(12, 0, 4), (20, 0, 3)]


def test_without_grace_what_has_expired_comes_back_expired() -> None:
    book = book_with([(1, 0, 4)])
    position = spend(book, 4)
    book.now_s = day(5)
    give_back(book, position, 4)
    assert book.posting().available(MEMBER) == 0
    book.maintain()
    assert book.state.accounts.balance(BREAKAGE) == 4
    book.check()


def test_an_overdraft_given_back_after_it_was_repaid_never_expires() -> None:
    book = book_with([], PLAIN_PURSE._replace(overdraft_max=5))
    position = spend(book, 5)
    earn(book, 5)
    give_back(book, position, 5)
    assert book.lots() == [(NEVER, 0, 5)]
    book.check()


def test_lots_change_hands_with_their_times_and_come_back() -> None:
    book = book_with([(10, 0, 4), (20, 0, 3)])
    position = spend(book, 5, MEMBER, OTHER)
    assert (book.lots(), book.lots(OTHER)) == ([(20, 0, 2)], [(10, 0, 4), (20, 0, 1)])
    give_back(book, position, 5)
    assert (book.lots(), book.lots(OTHER)) == ([(10, 0, 4), (20, 0, 3)], [])
    position = spend(book, 5, MEMBER, OTHER)
    spend(book, 2, OTHER)
    with pytest.raises(Shortage) as caught:
        give_back(book, position, 5)
    assert (caught.value.account, caught.value.missing) == (OTHER, 2)
    book.check()


def test_an_action_makes_an_earning_spendable() -> None:
    book = book_with([(10, NEVER, 4), (20, NEVER, 3)])
    moved: list[int] = []
    book.transact(lambda posting: moved.append(posting.activate(MEMBER, 3, day(10))))
    assert (moved, book.lots()) == ([3], [(10, 0, 3), (10, NEVER, 1), (20, NEVER, 3)])
    book.transact(lambda posting: moved.append(posting.activate(MEMBER, 9, day(20))))
    book.transact(lambda posting: moved.append(posting.activate(MEMBER, 9, day(20))))
    assert moved == [3, 3, 0]
    assert book.entry(book.state.position - 1).transfers == ()
    book.check()


def test_a_posting_sees_what_it_posted_itself() -> None:
    book = book_with([(10, 0, 4)])
    posting = book.posting()
    posting.spend(MEMBER, SHOP, 3, Reason.SPEND, 0)
    posting.earn(LIABILITY, MEMBER, 5, Reason.EARN, 1, day(2), day(9))
    posting.plain(LIABILITY, SHOP, 2, Reason.EARN, 2)
    assert (posting.available(MEMBER), posting.pending(MEMBER), posting.balance(MEMBER)) == (1, 5, 6)
    assert (posting.balance(SHOP), posting.balance(LIABILITY)) == (5, -11)
    with pytest.raises(Shortage):
        posting.spend(MEMBER, SHOP, 2, Reason.SPEND, 3)
    assert book.lots() == [(10, 0, 4)]


@pytest.mark.parametrize(
    "post",
    [
        lambda posting: posting.earn(LIABILITY, SHOP, 1, Reason.EARN, 0, 0, NEVER_S),
        lambda posting: posting.earn(MEMBER, OTHER, 1, Reason.EARN, 0, 0, NEVER_S),
        lambda posting: posting.spend(SHOP, LIABILITY, 1, Reason.SPEND, 0),
        lambda posting: posting.plain(LIABILITY, MEMBER, 1, Reason.EARN, 0),
        lambda posting: posting.plain(SHOP, SHOP, 1, Reason.EARN, 0),
        lambda posting: posting.plain(SHOP, LIABILITY + 1, 1, Reason.EARN, 0),
        lambda posting: posting.plain(SHOP, LIABILITY, 0, Reason.EARN, 0),
        lambda posting: posting.hold(MEMBER, OTHER, 1),
        lambda posting: posting.take_back(SHOP, LIABILITY, 1, Reason.RETURN, 0, 0, 1, True, 0),
    ],
)
def test_movements_between_wrong_accounts_are_mistakes(post: object) -> None:
    assert callable(post)
    with pytest.raises(ValueError, match="account"):
        post(book_with([(10, 0, 9)]).posting())


def test_what_messages_cannot_say_is_refused() -> None:
    book = book_with([])
    earn(book, BALANCE_MAX - 1)
    earn(book, 1)
    for amount in (1, BALANCE_MAX + 1):
        with pytest.raises(Overflow):
            earn(book, amount)
    # What is held may come back, so it counts.
    hold(book, 10)
    with pytest.raises(Overflow):
        earn(book, 1)
    posting = book.posting()
    for _ in range(255):
        posting.plain(SHOP, LIABILITY, 1, Reason.EARN, 0)
    with pytest.raises(Overflow):
        posting.plain(SHOP, LIABILITY, 1, Reason.EARN, 0)


def test_a_full_counter_is_refused_in_time() -> None:
    book = book_with([(10, 0, 9)])
    book.state.accounts.post([Transfer(POINTS, LIABILITY, SHOP, COUNTER_MAX + 1, Reason.EARN)])
    with pytest.raises(Overflow):
        earn(book, 1)


def test_a_gift_card_has_lots_of_its_own() -> None:
    book = book_with([])
    card = account_number(AccountKind.GIFT_CARD, 34, 91)
    earn(book, 9, 10, account=card)
    spend(book, 4, card, MEMBER)
    spend(book, 5, card)
    assert (book.lots(card), book.lots()) == ([], [(10, 0, 4)])
    book.check()
