"""Lots, plain and flat: every history reads the same on both, and expires in the same order."""

from collections.abc import Callable
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import NO_TRANSFER, LotMove
from switch.ledger.lots import bucket_key
from switch.rules.outcome import NEVER_S
from tests.amounts import many
from tests.switch.ledger.flat.implementations import PLAIN, Balances, Stores, each_implementation

DAY_S = 86_400
ACCOUNTS = [(2 << 56) + (owner << 8) + 91 for owner in (5, 3, 900, 1, (1 << 48) - 1)]
UNKNOWN = 6 << 56 | 91
EXPIRIES = (0, DAY_S, 2 * DAY_S, 2 * DAY_S + 1, 3 * DAY_S, NEVER_S)
# Available at once, at a time, only on action; the last pair is debt.
TIMES = [*[(start, end) for start in (0, DAY_S, NEVER_S) for end in EXPIRIES[1:]], (0, 0)]

Step = Callable[[Balances], list[tuple[int, int, int]]]


def move(account: int, times: tuple[int, int], delta: int) -> LotMove:
    return LotMove(NO_TRANSFER, account, *times, delta)


def _apply(moves: list[LotMove]) -> Step:
    def step(balances: Balances) -> list[tuple[int, int, int]]:
        balances.lots.apply(moves)
        return []

    return step


def _expire(now_s: int, most: int | None) -> Step:
    """Ask what has expired, look at some of it, and take these away."""

    def step(balances: Balances) -> list[tuple[int, int, int]]:
        found = list(islice(balances.lots.expired(now_s), most))
        balances.lots.apply(
            [move(account, (key & NEVER_S, key >> 40), -amount) for account, key, amount in found]
        )
        return found

    return step


def _ask(now_s: int) -> Step:
    return lambda balances: list(balances.lots.expired(now_s))


moves = st.builds(
    move,
    st.sampled_from(ACCOUNTS),
    st.sampled_from(TIMES),
    st.one_of(st.integers(-3, 3), st.integers(-(10**15), 10**15)),
)
moments = st.integers(0, 4 * DAY_S).map(lambda offset: offset // (DAY_S // 2) * (DAY_S // 2))
steps = st.one_of(
    st.lists(moves, min_size=1, max_size=6).map(_apply),
    st.builds(_expire, moments, st.one_of(st.none(), st.integers(0, 4))),
    moments.map(_ask),
)


def assert_same(one: Balances, other: Balances) -> None:
    for account in (*ACCOUNTS, UNKNOWN):
        assert one.lots.pairs(account) == other.lots.pairs(account)
        assert one.lots.buckets(account) == other.lots.buckets(account)
        assert one.lots.balance(account) == other.lots.balance(account)
        for now_s in (0, DAY_S - 1, DAY_S, 2 * DAY_S, 2 * DAY_S + 1, NEVER_S - 1, NEVER_S):
            assert one.lots.available(account, now_s) == other.lots.available(account, now_s)
            assert one.lots.pending(account, now_s) == other.lots.pending(account, now_s)
    assert one.lots.digest() == other.lots.digest()
    assert one.accounts.digest() == other.accounts.digest()


@each_implementation
@given(history=st.lists(steps, max_size=25))
@settings(max_examples=many(200), deadline=None)
def test_any_history_reads_the_same(stores: Stores, history: list[Step]) -> None:
    mine, plain = stores.balances(), PLAIN.balances()
    for step in history:
        assert step(mine) == step(plain)
        assert_same(mine, plain)
    assert _ask(NEVER_S)(mine) == _ask(NEVER_S)(plain)


@each_implementation
@given(history=st.lists(steps, max_size=25))
@settings(max_examples=many(100), deadline=None)
def test_whatever_has_expired_is_found(stores: Stores, history: list[Step]) -> None:
    balances = stores.balances()
    for step in history:
        step(balances)
        for now_s in (DAY_S, 4 * DAY_S):
            there = [
                (expires_at_s, account, bucket_key(available_from_s, expires_at_s), amount)
                for account in balances.accounts
                for expires_at_s, available_from_s, amount in balances.lots.buckets(account)
                if 0 < expires_at_s <= now_s
            ]
            assert list(balances.lots.expired(now_s)) == [found[1:] for found in sorted(there)]


@each_implementation
def test_a_lot_that_comes_back_after_its_expiry_expires_again(stores: Stores) -> None:
    """Even where another account's came back before it."""
    lots = stores.balances().lots
    first, second = ACCOUNTS[:2]
    expired = (0, DAY_S)
    lots.apply([move(first, expired, 5)])
    assert list(lots.expired(DAY_S)) == [(first, bucket_key(*expired), 5)]
    lots.apply([move(first, expired, -5)])
    assert list(lots.expired(DAY_S)) == []
    lots.apply([move(second, expired, 2), move(first, expired, 3)])
    assert list(lots.expired(DAY_S)) == [
        (second, bucket_key(*expired), 2),
        (first, bucket_key(*expired), 3),
    ]


@each_implementation
def test_lots_may_change_while_the_expired_ones_are_told(stores: Stores) -> None:
    lots = stores.balances().lots
    accounts = [(2 << 56) + (owner << 8) + 91 for owner in range(0, 800, 2)]
    lots.apply([move(account, (0, DAY_S), 1) for account in accounts])
    told = []
    for account, _, amount in lots.expired(DAY_S):
        told.append(account)
        lots.apply([move(account, (0, DAY_S), -amount)])
        for other in (account - (1 << 8), account + (1 << 40)):
            lots.apply([move(other, (start, DAY_S), 1) for start in range(3)])
        # Which forgets the one just told, and puts the new ones among the others.
        assert all(amount == 1 for _, _, amount in islice(lots.expired(DAY_S), 5))
    assert told == accounts
    assert len(list(lots.expired(DAY_S))) == 6 * len(accounts)


@each_implementation
def test_an_account_with_many_buckets(stores: Stores) -> None:
    mine, plain = stores.balances(), PLAIN.balances()
    days = [day * 37 % 101 for day in range(101)]
    batch = [move(ACCOUNTS[0], (0, (1 + day) * DAY_S), 1 + day) for day in days]
    batch.append(move(ACCOUNTS[0], (0, 0), -4))
    for balances in (mine, plain):
        balances.lots.apply(batch)
    assert_same(mine, plain)
    assert mine.lots.pairs(ACCOUNTS[0])[:4] == (0, -4, bucket_key(0, DAY_S), 1)
    assert mine.lots.available(ACCOUNTS[0], 50 * DAY_S) == sum(range(51, 102)) - 5 + 1
    for day in days[:-1]:
        for balances in (mine, plain):
            balances.lots.apply([move(ACCOUNTS[0], (0, (1 + day) * DAY_S), -1 - day)])
        assert mine.lots.pairs(ACCOUNTS[0]) == plain.lots.pairs(ACCOUNTS[0])
    assert_same(mine, plain)
    assert len(mine.lots.buckets(ACCOUNTS[0])) == 2


@each_implementation
def test_an_account_is_told_once_however_often_it_was_noted(stores: Stores) -> None:
    lots = stores.balances().lots
    kept, moving = (0, 3 * DAY_S), (0, DAY_S)
    for account in ACCOUNTS:
        lots.apply([move(account, kept, 1)])
        for _ in range(50):
            lots.apply([move(account, moving, 2), move(account, moving, -2)])
        lots.apply([move(account, moving, 7)])
    assert list(lots.expired(2 * DAY_S)) == [
        (account, bucket_key(*moving), 7) for account in sorted(ACCOUNTS)
    ]


@each_implementation
def test_many_accounts_and_times(stores: Stores) -> None:
    mine, plain = stores.balances(), PLAIN.balances()
    batch = [
        move((2 << 56) + (number * 7_919 % 100_003 << 8) + 91, (number % 3, (1 + number % 500) * 977), 1)
        for number in range(30_000)
    ]
    for balances in (mine, plain):
        balances.lots.apply(batch)
        balances.lots.apply(batch[::7])
    assert mine.lots.digest() == plain.lots.digest()
    for now_s in (977 * 20, 977 * 10, 977 * 21, 977 * 501):
        assert list(mine.lots.expired(now_s)) == list(plain.lots.expired(now_s))


@each_implementation
def test_a_bucket_is_64_bits_wide(stores: Stores) -> None:
    lots = stores.balances().lots
    widest = (1 << 63) - 1
    lots.apply([move(ACCOUNTS[0], (0, DAY_S), widest)])
    with pytest.raises(OverflowError):
        lots.apply([move(ACCOUNTS[0], (0, DAY_S), 1)])
    assert lots.pairs(ACCOUNTS[0]) == (bucket_key(0, DAY_S), widest)
