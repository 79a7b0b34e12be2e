"""One decision's movements in the making: each sees those before it. The ledger itself isn't changed here."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from switch.journal.entries import (
    NO_GRANT,
    NO_TRANSFER,
    TRANSFERS_MAX,
    LotMove,
    Reason,
    Stage,
    Transfer,
)
from switch.ledger.accounts import COUNTER_MAX, PURSE_MASK, has_lots
from switch.ledger.holds import Hold
from switch.ledger.lots import (
    DEBT,
    TIME_BITS,
    TIME_MASK,
    TIMELESS,
    bucket_key,
    is_pending,
    is_spendable,
)
from switch.ledger.pieces import Piece, cut, in_order_taken, until_at_least
from switch.ledger.stores import AccountStore, LotStore
from switch.rules.local_time import DAY_S
from switch.rules.outcome import NEVER_S
from switch.rules.purses import BALANCE_MAX, Purse, PurseUnit

# For what is left in a purse that the table no longer declares: nothing new, but everything can be undone.
_UNDECLARED = Purse(
    code=0,
    name="",
    title_fa="",
    title_en="",
    unit=PurseUnit.POINTS,
    currency="999",
    value_give=0,
    value_per=1,
    overdraft_max=0,
    return_may_overdraw=True,
    is_pooled=False,
    is_transferable=False,
    inactivity_days=0,
    restore_grace_days=0,
)


class LedgerFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A movement can't be posted. What was added to the posting before it stays there: throw it away."""


class Shortage(LedgerFault):
    """An account has too little; `missing` units more would do."""

    def __init__(self, account: int, missing: int) -> None:
        super().__init__(f"{missing} units are missing")
        self.account = account
        self.missing = missing


class Overflow(LedgerFault):
    """An amount, a balance or the number of transfers is greater than messages or counters can say."""


class Ledger(Protocol):
    """What a posting reads."""

    @property
    def accounts(self) -> AccountStore:
        """Counters of all accounts."""

    @property
    def lots(self) -> LotStore:
        """Lots of all accounts."""


class Posting:
    """Transfers and lot moves of one decision. Amounts are positive; ValueError is the caller's mistake."""

    def __init__(self, ledger: Ledger, purses: Mapping[int, Purse], now_s: int) -> None:
        self._accounts = ledger.accounts
        self._stored_lots = ledger.lots
        self._purses = purses
        self.now_s = now_s
        self._lots: dict[int, dict[int, int]] = {}
        self._posted: dict[int, int] = {}
        self._transfers: list[Transfer] = []
        self._moves: list[LotMove] = []
        self._has_hold = False

    @property
    def transfers(self) -> tuple[Transfer, ...]:
        """The transfers so far."""
        return tuple(self._transfers)

    def available(self, account: int) -> int:
        """What can be spent now: lots within their times, less debt."""
        lots = self._lots_of(account)
        return sum([amount for key, amount in lots.items() if is_spendable(key, self.now_s)])

    def pending(self, account: int) -> int:
        """What can be spent only later."""
        lots = self._lots_of(account)
        return sum([amount for key, amount in lots.items() if is_pending(key, self.now_s)])

    def balance(self, account: int) -> int:
        """All lots of an account, or the balance of one without lots."""
        if has_lots(account):
            return sum(self._lots_of(account).values())
        return self._accounts.balance(account) + self._posted.get(account, 0)

    def earn(  # noqa: PLR0917
        self,
        debit: int,
        credit: int,
        amount: int,
        reason: Reason,
        grant: int,
        available_from_s: int,
        expires_at_s: int,
        undoes: int = 0,
    ) -> None:
        """Give to an account with lots from one without; debt is paid first. Raises Overflow."""
        _check_kinds(debit, credit, False, True)
        index = self._transfer(debit, credit, amount, reason, grant, undoes=undoes)
        self._receive(index, credit, [(bucket_key(available_from_s, expires_at_s), amount)])
        self._check_balance(credit)

    def spend(  # noqa: PLR0917
        self, debit: int, credit: int, amount: int, reason: Reason, grant: int, undoes: int = 0
    ) -> None:
        """Take from an account with lots what expires first, then what its purse allows to overdraw.

        Where the credit account has lots too, they change hands with their times. Raises Shortage, Overflow.
        """
        index = self._transfer(debit, credit, amount, reason, grant, undoes=undoes)
        taken = self._spend_lots(index, debit, amount)
        if has_lots(credit):
            self._receive(index, credit, taken)
            self._check_balance(credit)

    def take_back(  # noqa: PLR0917
        self,
        debit: int,
        credit: int,
        amount: int,
        reason: Reason,
        grant: int,
        available_from_s: int,
        expires_at_s: int,
        allow_debt: bool,
        undoes: int,
    ) -> None:
        """Take an earning back: from its own lot, then from what expires first, then as debt where both
        `allow_debt` and the purse permit it. Raises Shortage or Overflow."""
        _check_kinds(debit, credit, True, False)
        index = self._transfer(debit, credit, amount, reason, grant, undoes=undoes)
        missing = self._take(index, debit, amount, [(bucket_key(available_from_s, expires_at_s), amount)])
        if missing:
            if not (allow_debt and self._purse(debit).return_may_overdraw):
                raise Shortage(debit, missing)
            self._move(index, debit, DEBT, -missing)
            self._check_balance(debit)

    def give_back(  # noqa: PLR0917
        self,
        debit: int,
        credit: int,
        amount: int,
        reason: Reason,
        grant: int,
        lots: Iterable[LotMove],
        already: int,
        undoes: int,
    ) -> None:
        """Give a spending back to the lots that it came from, what expires last first.

        `lots` are the lot moves of the spending, `already` what was given back of it before. Nothing comes
        back with less time than the purse's grace. Where the debit account has lots the same ones are taken
        from it, as far as they are there. Raises Shortage or Overflow.
        """
        taken = [
            (bucket_key(move.available_from_s, move.expires_at_s), -move.delta)
            for move in lots
            if move.account == credit and move.delta < 0
        ]
        pieces = cut(in_order_taken(taken)[::-1], already, amount)
        index = self._transfer(debit, credit, amount, reason, grant, undoes=undoes)
        if has_lots(debit):
            missing = self._take(index, debit, amount, [(key or TIMELESS, part) for key, part in pieces])
            if missing:
                raise Shortage(debit, missing)
        grace_days = self._purse(credit).restore_grace_days
        if grace_days:
            expires_at_s = self.now_s + grace_days * DAY_S
            pieces = [(until_at_least(key, expires_at_s), part) for key, part in pieces]
        self._receive(index, credit, pieces)
        self._check_balance(credit)

    def plain(  # noqa: PLR0917
        self, debit: int, credit: int, amount: int, reason: Reason, grant: int, undoes: int = 0
    ) -> None:
        """Move between two accounts without lots. Raises Overflow."""
        _check_kinds(debit, credit, False, False)
        self._transfer(debit, credit, amount, reason, grant, undoes=undoes)

    def hold(self, debit: int, credit: int, amount: int, grant: int = NO_GRANT) -> None:
        """Keep aside what a later completion spends, taken as `spend` would. Raises Shortage or Overflow.

        One decision can hold once only.
        """
        _check_kinds(debit, credit, True, False)
        if self._has_hold:
            raise ValueError("a decision can open one hold only")
        self._has_hold = True
        index = self._transfer(debit, credit, amount, Reason.HOLD, grant, Stage.PENDING)
        self._spend_lots(index, debit, amount)

    def complete(self, hold: Hold, amount: int, grant: int = NO_GRANT, reason: Reason = Reason.SPEND) -> None:
        """Spend a part of a hold, or all of it, from the lots that it left, and release the rest.

        Each spent lot is moved back and taken again: so the lot moves of this spending tell what to give back
        when it is returned. ValueError where more is asked for than is held.
        """
        if not 0 <= amount <= hold.amount:
            raise ValueError("a completion spends at most what is held")
        account, origin = hold.account, hold.transfer
        taken = in_order_taken(
            [(bucket_key(move.available_from_s, move.expires_at_s), -move.delta) for move in hold.lots]
        )
        if amount:
            index = self._transfer(
                account, hold.credit_account, amount, reason, grant, Stage.POST_PENDING, origin=origin
            )
            for key, part in cut(taken, 0, amount):
                times = (key & TIME_MASK, key >> TIME_BITS)
                self._moves.append(LotMove(index, account, *times, part))
                self._moves.append(LotMove(index, account, *times, -part))
        rest = hold.amount - amount
        if rest:
            index = self._transfer(
                account,
                hold.credit_account,
                rest,
                Reason.RELEASE,
                NO_GRANT,
                Stage.VOID_PENDING,
                origin=origin,
            )
            self._receive(index, account, cut(taken, amount, rest))

    def release(self, hold: Hold) -> None:
        """Give a whole hold back to the lots that it left."""
        self.complete(hold, 0)

    def activate(self, account: int, amount: int, expires_at_s: int) -> int:
        """Make an earning spendable that waits for an action; how much of it was still waiting."""
        waiting = bucket_key(NEVER_S, expires_at_s)
        moved = min(amount, self._lots_of(account).get(waiting, 0))
        if moved > 0:
            self._move(NO_TRANSFER, account, waiting, -moved)
            self._receive(NO_TRANSFER, account, [(bucket_key(0, expires_at_s), moved)])
        return moved

    def expire(self, account: int, breakage: int, keys: Iterable[int]) -> None:
        """Take whole lots for good. What is owed is paid from them first."""
        _check_kinds(account, breakage, True, False)
        lots = self._lots_of(account)
        rest: list[Piece] = []
        for key in keys:
            amount = lots.get(key, 0)
            paid = min(amount, -lots.get(DEBT, 0))
            if paid > 0:
                self._move(NO_TRANSFER, account, key, -paid)
                self._move(NO_TRANSFER, account, DEBT, paid)
            if amount > paid:
                rest.append((key, amount - paid))
        if rest:
            amount = sum([part for _, part in rest])
            index = self._transfer(account, breakage, amount, Reason.EXPIRE, NO_GRANT)
            for key, part in rest:
                self._move(index, account, key, -part)

    def finish(self) -> tuple[tuple[Transfer, ...], tuple[LotMove, ...]]:
        """Everything that was posted, for an entry."""
        return tuple(self._transfers), tuple(self._moves)

    def _purse(self, account: int) -> Purse:
        return self._purses.get(account & PURSE_MASK, _UNDECLARED)

    def _lots_of(self, account: int) -> dict[int, int]:
        lots = self._lots.get(account)
        if lots is None:
            if not has_lots(account):
                raise ValueError("this account has no lots")
            pairs = self._stored_lots.pairs(account)
            lots = self._lots[account] = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return lots

    def _transfer(  # noqa: PLR0917
        self,
        debit: int,
        credit: int,
        amount: int,
        reason: Reason,
        grant: int,
        stage: Stage = Stage.POSTED,
        *,
        undoes: int = 0,
        origin: int = 0,
    ) -> int:
        """Add a transfer; its place among them."""
        purse = debit & PURSE_MASK
        if amount <= 0 or debit == credit or credit & PURSE_MASK != purse:
            raise ValueError("a transfer moves a positive amount between two accounts of one purse")
        index = len(self._transfers)
        if amount > BALANCE_MAX or index >= TRANSFERS_MAX:
            raise Overflow("an amount has at most 12 digits, a decision at most 255 transfers")
        # What this decision adds itself is within the room that COUNTER_MAX leaves.
        if max(self._accounts.counters(debit)) > COUNTER_MAX or (
            max(self._accounts.counters(credit)) > COUNTER_MAX
        ):
            raise Overflow("a counter is full")
        self._transfers.append(Transfer(purse, debit, credit, amount, reason, grant, stage, undoes, origin))
        if stage in (Stage.POSTED, Stage.POST_PENDING):
            self._posted[debit] = self._posted.get(debit, 0) - amount
            self._posted[credit] = self._posted.get(credit, 0) + amount
        return index

    def _move(self, index: int, account: int, key: int, delta: int) -> None:
        lots = self._lots_of(account)
        amount = lots.get(key, 0) + delta
        if amount:
            lots[key] = amount
        else:
            lots.pop(key, None)
        self._moves.append(LotMove(index, account, key & TIME_MASK, key >> TIME_BITS, delta))

    def _spend_lots(self, index: int, account: int, amount: int) -> list[Piece]:
        """Take from the lots that can be spent now, then as overdraft; the pieces taken."""
        missing = amount - self.available(account) - self._purse(account).overdraft_max
        if missing > 0:
            raise Shortage(account, missing)
        lots = self._lots_of(account)
        taken: list[Piece] = []
        for key in sorted(lots):
            if amount and key != DEBT and is_spendable(key, self.now_s):
                part = min(amount, lots[key])
                self._move(index, account, key, -part)
                taken.append((key, part))
                amount -= part
        if amount:
            self._move(index, account, DEBT, -amount)
            taken.append((DEBT, amount))
        return taken

    def _take(self, index: int, account: int, amount: int, first: list[Piece]) -> int:
        """Take the pieces of `first`, then from all lots that haven't expired; what is missing in the end."""
        lots = self._lots_of(account)
        others = [(key, lots[key]) for key in sorted(lots) if key >> TIME_BITS > self.now_s]
        for key, most in (*first, *others):
            part = min(amount, most, lots.get(key, 0))
            if part:
                self._move(index, account, key, -part)
                amount -= part
        return amount

    def _receive(self, index: int, account: int, pieces: Iterable[Piece]) -> None:
        """Add pieces. Debt is paid first, with what would expire first."""
        lots = self._lots_of(account)
        for key, amount in sorted(pieces):
            paid = min(amount, -lots.get(DEBT, 0))
            if paid:
                self._move(index, account, DEBT, paid)
            if amount > paid:
                self._move(index, account, key or TIMELESS, amount - paid)

    def _check_balance(self, account: int) -> None:
        """Field 54 has twelve digits for a balance; what is held counts, as it may come back."""
        if abs(self._accounts.posted(account) + self._posted.get(account, 0)) > BALANCE_MAX:
            raise Overflow("a balance has at most 12 digits")


def _check_kinds(debit: int, credit: int, debit_has_lots: bool, credit_has_lots: bool) -> None:
    if has_lots(debit) != debit_has_lots or has_lots(credit) != credit_has_lots:
        raise ValueError("this movement is for other kinds of accounts")
