"""How one payment is shared among debts.

First what has fallen due, the oldest due day first; then the rest, the highest rate first, so that the member
pays the least. Within a debt: late charge, cost, interest, principal. Ties go to the older contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final


class CreditDebt(StrEnum):
    """What is owed, in the order in which it is paid."""

    LATE = "late"
    COST = "cost"
    INTEREST = "interest"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class Owed:
    """What a contract owes, in rials.

    Parameters:
        due_since: the oldest due day with something unpaid; None where nothing has fallen due.
        due_principal: what of the principal has fallen due. Of the other debts all counts as due once
            anything is.
        debts: rials by kind; a kind that is left out owes nothing.
    """

    contract_id: int
    rate_bp: int
    due_since: date | None
    due_principal: int
    debts: dict[CreditDebt, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """Rials of a payment that go to one debt of one contract."""

    contract_id: int
    debt: CreditDebt
    amount: int


_LAST: Final = date.max


def allocate(amount: int, owed: Sequence[Owed]) -> tuple[list[Part], int]:
    """The parts of a payment, and what no debt takes."""
    parts: dict[tuple[int, CreditDebt], int] = {}
    left = amount
    due = [each for each in owed if each.due_since is not None]
    for each in sorted(due, key=lambda each: (each.due_since or _LAST, each.contract_id)):
        for debt in CreditDebt:
            most = each.debts.get(debt, 0)
            if debt is CreditDebt.PRINCIPAL:
                most = min(most, each.due_principal)
            left -= _take(parts, each, debt, min(left, most))
    for each in sorted(owed, key=lambda each: (-each.rate_bp, each.contract_id)):
        for debt in CreditDebt:
            taken = parts.get((each.contract_id, debt), 0)
            left -= _take(parts, each, debt, min(left, each.debts.get(debt, 0) - taken))
    return [Part(contract_id, debt, taken) for (contract_id, debt), taken in parts.items()], left


def _take(parts: dict[tuple[int, CreditDebt], int], owed: Owed, debt: CreditDebt, amount: int) -> int:
    if amount <= 0:
        return 0
    key = (owed.contract_id, debt)
    parts[key] = parts.get(key, 0) + amount
    return amount
