"""Accounts, plain and flat: every history reads the same on both."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import Reason, Stage, Transfer
from switch.ledger.accounts import Accounts, Counters
from tests.amounts import many
from tests.switch.ledger.flat.implementations import HAS_FLAT, PLAIN, Balances, Stores, each_implementation

PURSE, OTHER_PURSE = 91, 255
NUMBERS = [
    *[owner << 8 | purse for owner in (0, 1, 2, (1 << 56) - 1) for purse in (PURSE, OTHER_PURSE)],
    *[(2 << 56) + (owner << 8) + PURSE for owner in range(20)],
]
UNKNOWN = 3 << 56 | PURSE

transfers = st.builds(
    Transfer,
    purse=st.sampled_from((PURSE, PURSE, OTHER_PURSE)),
    debit=st.sampled_from(NUMBERS),
    credit=st.sampled_from(NUMBERS),
    amount=st.one_of(st.integers(1, 9), st.integers(0, 10**12)),
    reason=st.just(Reason.EARN),
    stage=st.sampled_from(Stage),
)


def transfer(debit: int, credit: int, amount: int, stage: Stage = Stage.POSTED) -> Transfer:
    return Transfer(debit & 0xFF, debit, credit, amount, Reason.EARN, stage=stage)


def post(balances: Balances, batch: list[Transfer]) -> str | None:
    """Post, and what was wrong with it."""
    try:
        balances.accounts.post(batch)
    except ValueError as fault:
        return str(fault)
    return None


def assert_same(one: Balances, other: Balances) -> None:
    assert len(one.accounts) == len(other.accounts)
    assert list(one.accounts) == list(other.accounts) == list(one.accounts.slots)
    for number in (*NUMBERS, UNKNOWN):
        assert (number in one.accounts) == (number in other.accounts) == (number in one.accounts.slots)
        assert one.accounts.counters(number) == other.accounts.counters(number)
        assert one.accounts.balance(number) == other.accounts.balance(number)
        assert one.accounts.posted(number) == other.accounts.posted(number)
    assert list(one.accounts.trial_balance().items()) == list(other.accounts.trial_balance().items())
    assert one.accounts.digest() == other.accounts.digest()


def test_the_flat_stores_are_built_where_there_is_a_compiler() -> None:
    assert HAS_FLAT or shutil.which("cc") is None


@each_implementation
@given(batches=st.lists(st.lists(transfers, max_size=4), max_size=20))
@settings(max_examples=many(150), deadline=None)
def test_any_history_reads_the_same(stores: Stores, batches: list[list[Transfer]]) -> None:
    mine, plain = stores.balances(), PLAIN.balances()
    assert_same(mine, plain)
    for batch in batches:
        assert post(mine, batch) == post(plain, batch)
        assert_same(mine, plain)


@each_implementation
def test_the_four_counters(stores: Stores) -> None:
    accounts = stores.balances().accounts
    giver, taker = NUMBERS[-1], NUMBERS[-2]
    for amount, stage in (
        (7, Stage.POSTED),
        (20, Stage.PENDING),
        (5, Stage.POST_PENDING),
        (9, Stage.VOID_PENDING),
    ):
        accounts.post([transfer(giver, taker, amount, stage)])
    assert accounts.counters(giver) == Counters(12, 0, 6, 0)
    assert accounts.counters(taker) == Counters(0, 12, 0, 6)
    assert (accounts.balance(giver), accounts.posted(giver), accounts.balance(taker)) == (-18, -12, 12)
    assert accounts.trial_balance() == {PURSE: 0}
    assert accounts.counters(UNKNOWN) == Counters(0, 0, 0, 0)


@each_implementation
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(transfer(NUMBERS[0], NUMBERS[2], 0), id="nothing"),
        pytest.param(transfer(NUMBERS[0], NUMBERS[2], -1), id="less than nothing"),
        pytest.param(transfer(NUMBERS[0], NUMBERS[0], 1), id="one account"),
        pytest.param(transfer(NUMBERS[0], NUMBERS[1], 1), id="two purses"),
        pytest.param(transfer(NUMBERS[0], NUMBERS[2], 1)._replace(purse=1), id="a purse of neither"),
    ],
)
def test_what_is_no_movement_of_its_purse_is_refused(stores: Stores, wrong: Transfer) -> None:
    accounts = stores.balances().accounts
    with pytest.raises(ValueError, match="a transfer moves a positive amount between two accounts"):
        accounts.post([transfer(NUMBERS[4], NUMBERS[2], 3), wrong])
    # What came before it stands.
    assert list(accounts) == [NUMBERS[4], NUMBERS[2]]
    assert accounts.balance(NUMBERS[2]) == 3


@each_implementation
@pytest.mark.parametrize("stage", [Stage.POSTED, Stage.PENDING])
def test_counters_are_64_bits_wide(stores: Stores, stage: Stage) -> None:
    accounts = stores.balances().accounts
    widest = (1 << 63) - 1
    accounts.post([transfer(NUMBERS[0], NUMBERS[2], widest, stage)])
    accounts.post([transfer(NUMBERS[2], NUMBERS[0], widest, stage)])
    before = accounts.digest()
    with pytest.raises(OverflowError):
        accounts.post([transfer(NUMBERS[0], NUMBERS[2], 1, stage)])
    with pytest.raises(OverflowError):
        accounts.post([transfer(NUMBERS[0], NUMBERS[2], widest + 1, stage)])
    assert accounts.digest() == before
    assert accounts.trial_balance() == {PURSE: 0}
    assert accounts.balance(NUMBERS[0]) == (0 if stage is Stage.POSTED else -widest)


@each_implementation
def test_a_balance_may_be_wider_than_its_counters(stores: Stores) -> None:
    accounts = stores.balances().accounts
    widest = (1 << 63) - 1
    for stage in (Stage.POSTED, Stage.PENDING):
        accounts.post([transfer(NUMBERS[0], NUMBERS[2], widest, stage)])
    assert accounts.balance(NUMBERS[0]) == -2 * widest
    assert accounts.posted(NUMBERS[2]) == widest


@each_implementation
def test_many_accounts(stores: Stores) -> None:
    mine, plain = stores.balances(), PLAIN.balances()
    numbers = [(2 << 56) + (owner * 7_919 % 100_003 << 8) + PURSE for owner in range(20_000)]
    batch = [transfer(NUMBERS[0], number, 1 + index % 7) for index, number in enumerate(numbers)]
    batch += [transfer(number, NUMBERS[2], 2, Stage.PENDING) for number in numbers[::3]]
    batch += [transfer(number, NUMBERS[2], 2, Stage.VOID_PENDING) for number in numbers[::6]]
    for balances in (mine, plain):
        balances.accounts.post(batch)
    assert [mine.accounts.slot(number) for number in (*numbers, UNKNOWN)] == [
        plain.accounts.slot(number) for number in (*numbers, UNKNOWN)
    ]
    assert [mine.accounts.counters(number) for number in numbers] == [
        plain.accounts.counters(number) for number in numbers
    ]
    assert_same(mine, plain)


@each_implementation
def test_an_account_begins_with_nothing(stores: Stores) -> None:
    accounts = stores.balances().accounts
    empty = accounts.digest()
    assert accounts.slot(NUMBERS[3]) == accounts.slot(NUMBERS[3]) == 0
    assert (NUMBERS[3] in accounts, len(accounts), accounts.balance(NUMBERS[3])) == (True, 1, 0)
    assert accounts.digest() != empty == Accounts().digest()
