"""The ledger's rules once more, as slowly and plainly as can be: every single unit is an item in a list."""

from collections import Counter

from switch.rules.outcome import NEVER_S
from switch.rules.purses import Purse
from tests.switch.ledger.book import DAY_S

# Seconds from which a unit can be spent and at which it is gone; None is a unit of debt.
Unit = tuple[int, int] | None

TIMELESS = (0, NEVER_S)


class TooLittle(Exception):  # noqa: N818  (a refusal, not an error)
    """Not enough units."""


def expiry_first(unit: Unit) -> tuple[int, int]:
    """Sort key of units; debt sorts before all others."""
    return (0, 0) if unit is None else (unit[1], unit[0])


class ReferenceLedger:
    """Units of accounts with lots by account, counts of the others, and last activities by owner."""

    def __init__(self, purses: dict[int, Purse]) -> None:
        self.purses = purses
        self.now_s = 0
        self.units: dict[int, list[tuple[int, int]]] = {}
        self.debt: dict[int, int] = {}
        self.plain: dict[int, int] = {}
        self.active_s: dict[int, int] = {}
        self.checked_day = 0

    def buckets(self, account: int) -> dict[tuple[int, int], int]:
        """Amounts by (available, expires), debt at (0, 0)."""
        found = dict(Counter(self.units.get(account, [])))
        if self.debt.get(account):
            found[0, 0] = -self.debt[account]
        return found

    def available(self, account: int) -> int:
        """What can be spent now."""
        return len(self._spendable(account)) - self.debt.get(account, 0)

    def earn(self, debit: int, credit: int, amount: int, unit: tuple[int, int]) -> None:
        self._count(debit, -amount)
        self._receive(credit, [unit] * amount)

    def spend(self, debit: int, credit: int, amount: int) -> list[Unit]:
        """Returns the units in the order in which they were taken."""
        taken = self.keep_aside(debit, amount)
        self.bring(credit, amount, taken)
        return taken

    def keep_aside(self, account: int, amount: int) -> list[Unit]:
        """Take units away without bringing them anywhere."""
        if self.available(account) + self._purse(account).overdraft_max < amount:
            raise TooLittle
        taken: list[Unit] = []
        for unit in self._spendable(account)[:amount]:
            self.units[account].remove(unit)
            taken.append(unit)
        while len(taken) < amount:
            self.debt[account] = self.debt.get(account, 0) + 1
            taken.append(None)
        return taken

    def bring(self, account: int, amount: int, units: list[Unit]) -> None:
        """Give to an account of either kind."""
        if account in self.plain or account >> 56 in (1, 3):
            self._count(account, amount)
        else:
            self._receive(account, units)

    def release(self, account: int, units: list[Unit]) -> None:
        self._receive(account, units)

    def take_back(
        self, debit: int, credit: int, amount: int, unit: tuple[int, int], allow_debt: bool
    ) -> None:
        mine = self.units.get(debit, [])
        own = [candidate for candidate in mine if candidate == unit]
        others = sorted(
            [candidate for candidate in mine if candidate != unit and candidate[1] > self.now_s],
            key=expiry_first,
        )
        taken = (own + others)[:amount]
        if len(taken) < amount and not (allow_debt and self._purse(debit).return_may_overdraw):
            raise TooLittle
        for candidate in taken:
            mine.remove(candidate)
        self.debt[debit] = self.debt.get(debit, 0) + amount - len(taken)
        self._count(credit, amount)

    def give_back(self, debit: int, credit: int, amount: int, taken: list[Unit], already: int) -> None:
        """`taken` is the spending, in the order taken."""
        units = taken[::-1][already : already + amount]
        if debit >> 56 in (1, 3):
            self._count(debit, -amount)
        else:
            theirs = self.units.get(debit, [])
            wanted = [unit or TIMELESS for unit in units]
            gone: list[tuple[int, int]] = []
            for wish in wanted:
                if wish in theirs:
                    theirs.remove(wish)
                    gone.append(wish)
            rest = sorted([unit for unit in theirs if unit[1] > self.now_s], key=expiry_first)
            more = rest[: amount - len(gone)]
            if len(gone) + len(more) < amount:
                theirs += gone
                raise TooLittle
            for unit in more:
                theirs.remove(unit)
        grace_s = self._purse(credit).restore_grace_days * DAY_S
        if grace_s:
            least = self.now_s + grace_s
            units = [unit and (unit[0], max(unit[1], least)) for unit in units]
        self._receive(credit, units)

    def activate(self, account: int, amount: int, expires_at_s: int) -> int:
        waiting = (NEVER_S, expires_at_s)
        moved = min(self.units.get(account, []).count(waiting), amount)
        for _ in range(moved):
            self.units[account].remove(waiting)
        self._receive(account, [(0, expires_at_s)] * moved)
        return moved

    def maintain(self, breakage: dict[int, int]) -> None:
        """Expire lots, then balances of the inactive; `breakage` are the accounts by purse."""
        for account, units in self.units.items():
            self._lose(account, [unit for unit in units if unit[1] <= self.now_s], breakage)
        today = self.now_s // DAY_S
        if today <= self.checked_day:
            return
        self.checked_day = today
        for account, units in self.units.items():
            days = self._purse(account).inactivity_days
            owner = account >> 8
            if days and owner in self.active_s and self.active_s[owner] // DAY_S < today - days:
                self._lose(account, list(units), breakage)

    def _lose(self, account: int, units: list[tuple[int, int]], breakage: dict[int, int]) -> None:
        for unit in units:
            self.units[account].remove(unit)
            if self.debt.get(account):
                self.debt[account] -= 1
            else:
                self._count(breakage[account & 0xFF], 1)

    def _spendable(self, account: int) -> list[tuple[int, int]]:
        found = [unit for unit in self.units.get(account, []) if unit[0] <= self.now_s < unit[1]]
        return sorted(found, key=expiry_first)

    def _receive(self, account: int, units: list[Unit]) -> None:
        mine = self.units.setdefault(account, [])
        for unit in sorted(units, key=expiry_first):
            if self.debt.get(account):
                self.debt[account] -= 1
            else:
                mine.append(unit or TIMELESS)

    def _count(self, account: int, amount: int) -> None:
        self.plain[account] = self.plain.get(account, 0) + amount

    def _purse(self, account: int) -> Purse:
        return self.purses[account & 0xFF]
