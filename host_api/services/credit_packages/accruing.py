"""A contract's days, one after the other: interest, discount, late charge, instalments that fall due.

A day's charge is computed from what counts on that day, compared with what was posted for it, and the
difference is posted. So a day that was never accrued, one that is accrued again, and one of which something
was told late are the same: the second posts nothing, the third a counter entry.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from pydantic import JsonValue
from sqlalchemy import select

from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.credit_packages import packages, turnovers
from host_api.services.credit_packages.events import INSTALMENT_DUE, CreditInstalmentEvent
from host_api.services.credit_packages.interest.accrual import Accrued, DayFigures, after_day
from host_api.services.credit_packages.interest.instalments import (
    InstalmentMethod,
    period_rate,
    principal_due,
)
from host_api.services.credit_packages.interest.rounding import InterestRounding
from host_api.services.credit_packages.interest.turnover_discount import discount_at
from host_api.services.credit_packages.ledger import is_after, post, settle
from host_api.services.credit_packages.models import (
    CreditContract,
    CreditEntry,
    CreditInstalment,
    CreditPackage,
)
from host_api.services.credit_packages.states import CreditAccount, CreditContractState, CreditEntryKind

_ONE_DAY: Final = timedelta(days=1)
_CHARGES: Final = (CreditEntryKind.INTEREST, CreditEntryKind.DISCOUNT, CreditEntryKind.LATE)
_OF_CHARGE: Final = {
    CreditEntryKind.INTEREST: (CreditAccount.INTEREST, CreditAccount.CLUB),
    CreditEntryKind.DISCOUNT: (CreditAccount.CLUB, CreditAccount.INTEREST),
    CreditEntryKind.LATE: (CreditAccount.LATE, CreditAccount.CLUB),
}


@dataclass(slots=True)
class _Known:
    """What is known of a contract's days: rials by day."""

    principal: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    principal_paid: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    interest_paid: dict[date, int] = field(default_factory=lambda: defaultdict(int))
    charged: dict[tuple[CreditEntryKind, date], int] = field(default_factory=lambda: defaultdict(int))
    entries: dict[tuple[CreditEntryKind, date], int] = field(default_factory=lambda: defaultdict(int))
    due: dict[date, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(slots=True)
class _Walk:
    """Where the walk through the days stands."""

    accrued: Accrued = field(default_factory=Accrued)
    principal: int = 0
    interest_paid: int = 0
    overdue: int = 0
    overdue_since: date | None = None


async def accrue(
    session: WriteSession, contract: CreditContract, through: date, holidays: frozenset[date]
) -> int:
    """Bring a contract that is locked up to the end of a day; the days that were accrued."""
    if (
        contract.state not in (CreditContractState.IN_FORCE, CreditContractState.SETTLED)
        or contract.started_on is None
    ):
        return 0
    package = await packages.find(session, contract.package_id)
    terms = packages.interest_terms(package, contract.started_on)
    is_afresh = contract.accrued_through is None or contract.unsure_from is not None
    first = contract.started_on
    known = await _known(session, contract)
    walk = _Walk()
    if contract.accrued_through is not None and contract.accrued is not None:
        through = max(through, contract.accrued_through)
        if not is_afresh:
            first = contract.accrued_through + _ONE_DAY
            walk = _resumed(contract.accrued)
    window = await turnovers.window(session, contract, first, through, package.turnover_days)
    tiers = packages.tiers_of(package)
    rounding = InterestRounding(package.rounding)
    due_on = _next_due(package, contract, holidays)
    before = walk.accrued.charged(rounding)
    days = 0
    day = first
    while day <= through:
        _move_on(walk, known, day)
        figures = DayFigures(
            principal=walk.principal,
            overdue=walk.overdue,
            interest_paid=walk.interest_paid,
            discount_bp=discount_at(tiers, window.before(day)),
        )
        walk.accrued = after_day(walk.accrued, terms, day, figures)
        after = walk.accrued.charged(rounding)
        for kind, now, earlier in zip(_CHARGES, after, before, strict=True):
            _charge(session, contract, known, kind, day, now - earlier)
        before = after
        day += _ONE_DAY
        days += 1
        while due_on is not None and due_on <= day:
            _fall_due(session, contract, package, walk, known, day)
            due_on = _next_due(package, contract, holidays)
    contract.accrued_through = max(through, contract.started_on - _ONE_DAY)
    contract.accrued = _kept(walk)
    contract.unsure_from = None
    _show_overdue(contract, walk, known, through)
    if is_after(through, contract):
        post(
            session,
            contract,
            CreditEntryKind.LAPSED,
            CreditAccount.CLUB,
            CreditAccount.OPEN,
            contract.open,
            through + _ONE_DAY,
            f"lapsed:{through + _ONE_DAY}:{known.entries[CreditEntryKind.LAPSED, through + _ONE_DAY]}",
        )
    settle(contract, through + _ONE_DAY)
    await session.flush()
    return days


def _move_on(walk: _Walk, known: _Known, day: date) -> None:
    due = known.due.get(day, 0)
    if due and not walk.overdue:
        walk.overdue_since = day
    walk.overdue += due
    walk.principal += known.principal.get(day, 0)
    walk.interest_paid += known.interest_paid.get(day, 0)
    left = walk.overdue - known.principal_paid.get(day, 0)
    walk.overdue = max(min(left, walk.principal), 0)  # a return or a correction may leave less than was due
    if not walk.overdue:
        walk.overdue_since = None


def _charge(  # noqa: PLR0917
    session: WriteSession,
    contract: CreditContract,
    known: _Known,
    kind: CreditEntryKind,
    day: date,
    rials: int,
) -> None:
    """Post what a day's charge differs from what was posted for it."""
    debit, credit = _OF_CHARGE[kind]
    change = rials - known.charged.get((kind, day), 0)
    revision = known.entries.get((kind, day), 0)
    post(session, contract, kind, debit, credit, change, day, f"{kind.value}:{day}:{revision}")


def _fall_due(  # noqa: PLR0917
    session: WriteSession,
    contract: CreditContract,
    package: CreditPackage,
    walk: _Walk,
    known: _Known,
    due_on: date,
) -> None:
    """The next instalment, of what is owed as its day begins."""
    rounding = InterestRounding(package.rounding)
    charged, let_off, _ = walk.accrued.charged(rounding)
    interest = max(charged - let_off - walk.interest_paid, 0)
    principal = principal_due(
        InstalmentMethod(package.instalment_method),
        walk.principal - walk.overdue,
        package.instalments - contract.instalments_due,
        period_rate(package.rate_bp, package.instalment_months),
        interest,
        rounding,
    )
    contract.instalments_due += 1
    known.due[due_on] += principal
    row = CreditInstalment(
        contract_id=contract.id,
        number=contract.instalments_due,
        due_on=due_on,
        principal=principal,
        interest=interest,
    )
    session.add(row)
    if principal or interest:
        event = CreditInstalmentEvent(
            contract_id=contract.id,
            number=row.number,
            due_on=due_on,
            principal=principal,
            interest=interest,
        )
        emit(session, INSTALMENT_DUE, Subject("credit_contract", contract.id), event)


def _show_overdue(contract: CreditContract, walk: _Walk, known: _Known, through: date) -> None:
    """What is overdue as the day after the last accrued one stands."""
    walk = _Walk(principal=walk.principal, overdue=walk.overdue, overdue_since=walk.overdue_since)
    _move_on(walk, known, through + _ONE_DAY)
    contract.overdue, contract.overdue_since = walk.overdue, walk.overdue_since


def _next_due(package: CreditPackage, contract: CreditContract, holidays: frozenset[date]) -> date | None:
    if contract.started_on is None or contract.instalments_due >= package.instalments:
        return None
    return packages.due_day(package, contract.started_on, contract.instalments_due + 1, holidays)


async def _known(session: AnySession, contract: CreditContract) -> _Known:
    known = _Known()
    is_afresh = contract.accrued_through is None or contract.unsure_from is not None
    statement = select(CreditEntry).where(CreditEntry.contract_id == contract.id)
    if not is_afresh:
        statement = statement.where(CreditEntry.day > contract.accrued_through)
    for entry in await session.scalars(statement):
        _note(known, entry)
    instalments = await session.scalars(
        select(CreditInstalment).where(CreditInstalment.contract_id == contract.id)
    )
    for row in instalments:
        known.due[row.due_on] += row.principal
    return known


def _note(known: _Known, entry: CreditEntry) -> None:
    kind = CreditEntryKind(entry.kind)
    for account, sign in ((entry.debit, 1), (entry.credit, -1)):
        if account == CreditAccount.PRINCIPAL:
            known.principal[entry.day] += sign * entry.rials
            if kind is CreditEntryKind.PAID:
                known.principal_paid[entry.day] -= sign * entry.rials
        elif account == CreditAccount.INTEREST and kind in (CreditEntryKind.PAID, CreditEntryKind.CORRECTED):
            known.interest_paid[entry.day] -= sign * entry.rials
    if kind in _OF_CHARGE:
        sign = 1 if entry.debit == _OF_CHARGE[kind][0] else -1
        known.charged[kind, entry.day] += sign * entry.rials
    known.entries[kind, entry.day] += 1


def _kept(walk: _Walk) -> dict[str, JsonValue]:
    accrued = walk.accrued
    return {
        "interest": str(accrued.interest),
        "discount": str(accrued.discount),
        "late": str(accrued.late),
        "capitalised": accrued.capitalised,
        "principal": walk.principal,
        "interest_paid": walk.interest_paid,
        "overdue": walk.overdue,
        "overdue_since": None if walk.overdue_since is None else walk.overdue_since.isoformat(),
    }


def _resumed(kept: dict[str, JsonValue]) -> _Walk:
    since = kept["overdue_since"]
    whole = {name: int(str(kept[name])) for name in ("capitalised", "principal", "interest_paid", "overdue")}
    return _Walk(
        accrued=Accrued(
            Fraction(str(kept["interest"])),
            Fraction(str(kept["discount"])),
            Fraction(str(kept["late"])),
            whole["capitalised"],
        ),
        principal=whole["principal"],
        interest_paid=whole["interest_paid"],
        overdue=whole["overdue"],
        overdue_since=None if since is None else date.fromisoformat(str(since)),
    )


async def to_accrue(session: AnySession, through: date, *, after: int, limit: int) -> Sequence[int]:
    """Contracts that are not accrued through a day, or not surely, behind an id."""
    rows = await session.scalars(
        select(CreditContract.id)
        .where(
            CreditContract.id > after,
            CreditContract.state.in_((CreditContractState.IN_FORCE.value, CreditContractState.SETTLED.value)),
            CreditContract.accrued_through.is_(None)
            | (CreditContract.unsure_from.is_not(None))
            | (
                (CreditContract.state == CreditContractState.IN_FORCE.value)
                & (CreditContract.accrued_through < through)
            ),
        )
        .order_by(CreditContract.id)
        .limit(limit)
    )
    return list(rows)
