"""What the programme owes its members, and what it has gained by expiry."""

from typing import NamedTuple

from switch.ledger.accounts import ProgrammeAccount, account_purse, has_lots, programme_account
from switch.ledger.lots import DEBT
from switch.ledger.state import State


class LiabilityRow(NamedTuple):
    """One purse over all members, households and gift cards, in its own units.

    `outstanding` is what is owed: all that can be spent now, `pending` (only later) and `held` (kept aside by
    authorisations); `value` is its worth in rial. `debt` is what members owe. `expired` has run out but isn't
    posted yet; what was posted is in `breakage`.
    """

    purse: int
    outstanding: int
    pending: int
    held: int
    debt: int
    expired: int
    breakage: int
    value: int


def liability(state: State, now_s: int) -> tuple[LiabilityRow, ...]:
    """Rows of all purses that ever moved, by code. Reads every account: not for the hot path."""
    spendable: dict[int, int] = {}
    pending: dict[int, int] = {}
    held: dict[int, int] = {}
    debt: dict[int, int] = {}
    expired: dict[int, int] = {}
    purses = set()
    for account in state.accounts:
        purse = account_purse(account)
        purses.add(purse)
        if not has_lots(account):
            continue
        held[purse] = held.get(purse, 0) + state.accounts.counters(account).debits_pending
        for expires_at_s, available_from_s, amount in state.lots.buckets(account):
            if expires_at_s == DEBT:
                debt[purse] = debt.get(purse, 0) - amount
            elif expires_at_s <= now_s:
                expired[purse] = expired.get(purse, 0) + amount
            elif available_from_s > now_s:
                pending[purse] = pending.get(purse, 0) + amount
            else:
                spendable[purse] = spendable.get(purse, 0) + amount
    rows = []
    for purse in sorted(purses):
        outstanding = spendable.get(purse, 0) + pending.get(purse, 0) + held.get(purse, 0)
        declared = state.rule_table.purses.get(purse)
        rows.append(
            LiabilityRow(
                purse=purse,
                outstanding=outstanding,
                pending=pending.get(purse, 0),
                held=held.get(purse, 0),
                debt=debt.get(purse, 0),
                expired=expired.get(purse, 0),
                breakage=state.accounts.balance(programme_account(ProgrammeAccount.BREAKAGE, purse)),
                value=0 if declared is None else declared.value(outstanding),
            )
        )
    return tuple(rows)
