"""Any sequence of movements against the slow reference ledger: same lots, same refusals, same replay."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from switch.journal.entries import Reason, RecordChange, transfer_number
from switch.ledger.accounts import (
    AccountKind,
    ProgrammeAccount,
    account_number,
    account_parts,
    programme_account,
)
from switch.ledger.posting import Posting, Shortage
from switch.rules.outcome import NEVER_S
from tests.amounts import many
from tests.switch.ledger.book import CREDIT, DAY_S, PLAIN_PURSE, POINTS, Book, day
from tests.switch.ledger.reference_ledger import ReferenceLedger, TooLittle, Unit

# One purse that forgives, one that doesn't.
PURSES = {
    POINTS: PLAIN_PURSE._replace(inactivity_days=5),
    CREDIT: PLAIN_PURSE._replace(
        code=CREDIT, name="credit", overdraft_max=6, return_may_overdraw=False, restore_grace_days=3
    ),
}
OWNERS = (
    (AccountKind.MEMBER, 11),
    (AccountKind.MEMBER, 22),
    (AccountKind.HOUSEHOLD, 7),
    (AccountKind.GIFT_CARD, 5),
)
ACCOUNTS = [account_number(kind, number, purse) for kind, number in OWNERS for purse in PURSES]
BREAKAGE = {purse: programme_account(ProgrammeAccount.BREAKAGE, purse) for purse in PURSES}

HOUSEHOLD_MEMBER = 33

accounts = st.sampled_from(ACCOUNTS)
amounts = st.integers(1, 9)
days = st.integers(0, 8)


def liability(account: int) -> int:
    return programme_account(ProgrammeAccount.LIABILITY, account & 0xFF)


def shop(account: int) -> int:
    return account_number(AccountKind.MERCHANT, 1, account & 0xFF)


def active_member(account: int) -> int | None:
    """Whose purchase keeps an account active."""
    kind, number, _ = account_parts(account)
    if kind == AccountKind.HOUSEHOLD:
        return HOUSEHOLD_MEMBER
    return number if kind == AccountKind.MEMBER else None


@dataclass
class Earning:
    position: int
    account: int
    unit: tuple[int, int]
    left: int


@dataclass
class Spending:
    position: int
    account: int
    credit: int
    taken: list[Unit]
    already: int = 0


NOTHING = Spending(0, ACCOUNTS[0], shop(ACCOUNTS[0]), [])


class LedgerMachine(RuleBasedStateMachine):
    """Both ledgers side by side."""

    earnings = Bundle("earnings")
    spendings = Bundle("spendings")
    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.book = Book(tuple(PURSES.values()))
        self.reference = ReferenceLedger(PURSES)
        self.reference.now_s = self.book.now_s
        self.held: dict[int, list[Unit]] = {}
        household = (("DF20", f"{HOUSEHOLD_MEMBER:012d}"), ("DF48", "000000000007"))
        self.book.transact(record_changes=(RecordChange("MEMBER", False, bytes(16), household),))
        for account in ACCOUNTS:
            self.earn(account, 4, 0, 4)
            self.earn(account, 4, 0, 0)

    @rule(target=earnings, account=accounts, amount=amounts, starts=st.one_of(st.none(), days), lasts=days)
    def earn(self, account: int, amount: int, starts: int | None, lasts: int) -> Earning:
        now_day = (self.book.now_s - day(0)) // DAY_S
        unit = (day(now_day + starts) if starts else 0, day(now_day + lasts) if lasts else NEVER_S)
        if starts is None:
            unit = (NEVER_S, unit[1])
        position = self.book.transact(
            lambda posting: posting.earn(liability(account), account, amount, Reason.EARN, 0, *unit),
            activity=True,
            member_number=active_member(account),
        )
        self.reference.earn(liability(account), account, amount, unit)
        if active_member(account) is not None:
            self.reference.active_s[account >> 8] = self.book.now_s
        return Earning(position, account, unit, amount)

    @rule(target=spendings, account=accounts, amount=amounts)
    def spend(self, account: int, amount: int) -> Spending:
        return self.both_spend(account, shop(account), amount)

    @rule(target=spendings, account=accounts, other=st.sampled_from(OWNERS), amount=amounts)
    def hand_over(self, account: int, other: tuple[AccountKind, int], amount: int) -> Spending:
        credit = account_number(*other, account & 0xFF)
        return self.both_spend(account, shop(account) if credit == account else credit, amount)

    @rule(earning=earnings, amount=amounts, allow_debt=st.booleans())
    def take_back(self, earning: Earning, amount: int, allow_debt: bool) -> None:
        amount = min(amount, earning.left)
        account, number = earning.account, transfer_number(earning.position, 0)
        if amount and self.both(
            lambda posting: posting.take_back(
                account, liability(account), amount, Reason.RETURN, 0, *earning.unit, allow_debt, number
            ),
            lambda: self.reference.take_back(account, liability(account), amount, earning.unit, allow_debt),
        ):
            earning.left -= amount

    @rule(spending=spendings, amount=amounts)
    def give_back(self, spending: Spending, amount: int) -> None:
        amount = min(amount, len(spending.taken) - spending.already)
        if not amount:
            return
        entry = self.book.entry(spending.position)
        lots = [move for move in entry.lot_moves if move.transfer == 0]
        number = transfer_number(spending.position, 0)
        if self.both(
            lambda posting: posting.give_back(
                spending.credit, spending.account, amount, Reason.RETURN, 0, lots, spending.already, number
            ),
            lambda: self.reference.give_back(
                spending.credit, spending.account, amount, spending.taken, spending.already
            ),
        ):
            spending.already += amount

    @rule(target=holds, account=accounts, amount=amounts, hours=st.sampled_from((1, 24, 30, 48)))
    def hold(self, account: int, amount: int, hours: int) -> int:
        position = self.book.state.position + 1
        taken: list[Unit] = []
        if self.both(
            lambda posting: posting.hold(account, shop(account), amount),
            lambda: taken.extend(self.reference.keep_aside(account, amount)),
            hold_until_s=self.book.now_s + hours * 3600,
        ):
            self.held[position] = taken
        return position

    @rule(target=spendings, held=holds, amount=st.integers(0, 9))
    def complete(self, held: int, amount: int) -> Spending:
        hold = self.book.state.holds.get(held)
        assert (hold is None) == (held not in self.held)
        if hold is None:
            return NOTHING
        amount = min(amount, hold.amount)
        position = self.book.transact(lambda posting: posting.complete(hold, amount), concerns=held)
        taken = self.held.pop(held)
        self.reference.bring(hold.credit_account, amount, taken[:amount])
        self.reference.release(hold.account, taken[amount:])
        return Spending(position, hold.account, hold.credit_account, taken[:amount])

    @rule(account=accounts, amount=amounts, earning=earnings)
    def activate(self, account: int, amount: int, earning: Earning) -> None:
        moved: list[int] = []
        expires_at_s = earning.unit[1]
        self.book.transact(lambda posting: moved.append(posting.activate(account, amount, expires_at_s)))
        assert moved == [self.reference.activate(account, amount, expires_at_s)]

    @rule(hours=st.one_of(st.integers(1, 100), st.integers(1, 4).map(lambda count: 24 * count)))
    def time_passes(self, hours: int) -> None:
        self.book.now_s += hours * 3600
        self.reference.now_s = self.book.now_s

    @rule(limit=st.integers(1, 5))
    def maintain(self, limit: int) -> None:
        holds = self.book.state.holds.items()
        for position, hold in sorted(holds, key=lambda item: (item[1].expires_at_s, item[0])):
            if hold.expires_at_s <= self.book.now_s:
                self.reference.release(hold.account, self.held.pop(position))
        for entry in self.book.maintain(limit):
            assert len(entry.transfers) <= limit
        self.reference.maintain(BREAKAGE)

    @invariant()
    def same_lots(self) -> None:
        for account in ACCOUNTS:
            found = {
                (available_from_s, expires_at_s): amount
                for expires_at_s, available_from_s, amount in self.book.state.lots.buckets(account)
            }
            assert found == self.reference.buckets(account)
            assert self.book.posting().available(account) == self.reference.available(account)
        for account, balance in self.reference.plain.items():
            assert self.book.state.accounts.balance(account) == balance

    def both_spend(self, account: int, credit: int, amount: int) -> Spending:
        taken: list[Unit] = []
        position = self.book.state.position + 1
        done = self.both(
            lambda posting: posting.spend(account, credit, amount, Reason.SPEND, 0),
            lambda: taken.extend(self.reference.spend(account, credit, amount)),
        )
        return Spending(position, account, credit, taken) if done else NOTHING

    def both(
        self,
        post: Callable[[Posting], object],
        count: Callable[[], object],
        hold_until_s: int = 0,
    ) -> bool:
        """Do it in both ledgers; whether it was done. Both must agree on that."""
        position = self.book.state.position
        try:
            self.book.transact(post, hold_until_s=hold_until_s)
        except Shortage:
            assert self.book.state.position == position
        is_refused = False
        try:
            count()
        except TooLittle:
            is_refused = True
        assert is_refused == (self.book.state.position == position)
        return not is_refused

    def teardown(self) -> None:
        self.book.check()


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=many(150), stateful_step_count=50, deadline=None)
