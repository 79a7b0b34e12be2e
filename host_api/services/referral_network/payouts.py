"""Payouts: what is due to a member goes to the switch in one movement, and what was taken back comes from it.

A member's income, what was carried over and what returns took back are one sum. Above zero its whole units
are credited, below zero they are debited; a fraction goes with the next payout, and so does whatever the
switch refused or the budget didn't cover: of a member who has spent the points already the next incomes are
kept until it is even.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.bank import Wish, request_many
from host_api.core.ledger.movements import LARGEST_AMOUNT, Movement, credit, debit
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.budgets import logic as budgets
from host_api.services.budgets.logic import BudgetExhausted, BudgetNotFound
from host_api.services.referral_network import changes, policies, tree
from host_api.services.referral_network.listing import PayoutQuery
from host_api.services.referral_network.models import Income, IncomeCarry, NetworkPayout, NetworkPlace
from host_api.services.referral_network.schemas import (
    NetworkChangeKind,
    NetworkPayoutRead,
    NetworkPayoutState,
)
from host_api.services.referral_network.scoring import PARTS

SERVICE: Final = "referral_network"

_STATES: Final = {
    RequestState.APPROVED: NetworkPayoutState.PAID,
    RequestState.DECLINED: NetworkPayoutState.FAILED,
    RequestState.REVERSED: NetworkPayoutState.FAILED,
    RequestState.DOUBTFUL: NetworkPayoutState.DOUBTFUL,
}


async def pay_due(session: WriteSession, today: date, limit: int) -> int:
    """Pay up to so many members what is due until `today`; how many there were."""
    rows = await session.scalars(
        select(Income)
        .where(Income.due <= today)
        .order_by(Income.due, Income.member_id, Income.purse)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _pay(session, rows.all())


async def pay_at_once(session: WriteSession, due: date, member_ids: Iterable[int]) -> None:
    """Pay members what has become due on a day."""
    wanted = sorted(set(member_ids))
    for first in range(0, len(wanted), 500):
        rows = await session.scalars(
            select(Income)
            .where(Income.due == due, Income.member_id.in_(wanted[first : first + 500]))
            .order_by(Income.due, Income.member_id, Income.purse)
            .with_for_update()
        )
        await _pay(session, rows.all())


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Keep what became of payouts; what moved nothing goes with the next ones."""
    outcome_of = {int(outcome.reference): outcome for outcome in outcomes}
    rows = await session.scalars(
        select(NetworkPayout)
        .where(NetworkPayout.id.in_(outcome_of))
        .order_by(NetworkPayout.id)
        .with_for_update()
    )
    payouts = rows.all()
    if len(payouts) != len(outcome_of):
        raise LookupError("a payout of the referral network has gone")
    budgeted = [str(payout.id) for payout in payouts if payout.budget_id is not None]
    await budgets.lock_reserved(session, service=SERVICE, references=budgeted)
    failed: list[NetworkPayout] = []
    for payout in payouts:
        outcome = outcome_of[payout.id]
        state = _STATES[outcome.state]
        payout.state, payout.response_code, payout.rrn = state.value, outcome.response_code, outcome.rrn
        payout.finished_at = utc_now()
        if payout.budget_id is not None and state is not NetworkPayoutState.DOUBTFUL:
            settle = budgets.consume if state is NetworkPayoutState.PAID else budgets.release
            await settle(session, service=SERVICE, reference=str(payout.id))
        if state is NetworkPayoutState.FAILED:
            failed.append(payout)
        elif state is NetworkPayoutState.PAID:
            changes.note(
                session, NetworkChangeKind.PAID, payout.member_id, by_name=SERVICE, units=payout.units
            )
    await session.flush()
    receivers = await _receivers(session, {payout.member_id for payout in failed})
    back = [
        _carry_row(session, receivers[payout.member_id][0], payout.purse, payout.units * PARTS)
        for payout in failed
    ]
    await tree.add_up(session, IncomeCarry, ("member_id", "purse"), "parts", back)


async def read_page(session: ReadSession, query: PayoutQuery) -> Page[NetworkPayoutRead]:
    """A page of payouts."""
    rows, next_cursor = await read_rows(session, select(NetworkPayout), query)
    return Page(
        items=[NetworkPayoutRead.model_validate(row, from_attributes=True) for row in rows],
        next_cursor=next_cursor,
    )


async def _pay(session: WriteSession, rows: Sequence[Income]) -> int:
    if not rows:
        return 0
    policy = policies.in_force(await policies.approved(session), utc_now())
    least = 1 if policy is None else policy.content.payout_least
    receivers = await _receivers(session, {row.member_id for row in rows})
    carries = await _carries(session, {(receivers[row.member_id][0], row.purse) for row in rows})
    budget_id = None if policy is None else policy.content.budget_id
    payouts: list[NetworkPayout] = []
    for row in rows:
        receiver, is_gone = receivers[row.member_id]
        carry = carries[receiver, row.purse]
        total = carry.parts + row.parts
        units = 0 if is_gone else _whole_units(total, least)
        carry.parts = total - units * PARTS
        if units:
            payouts.append(_payout(receiver, row.purse, row.due, units))
        await session.delete(row)
    session.add_all(payouts)
    await session.flush()
    if budget_id is not None:
        payouts = [each for each in payouts if await _is_in_budget(session, each, budget_id, carries)]
    request_ids = await _ask(session, payouts)
    for payout, request_id in zip(payouts, request_ids, strict=True):
        payout.request_id = request_id
    await session.flush()
    return len(rows)


async def _is_in_budget(
    session: WriteSession,
    payout: NetworkPayout,
    budget_id: int,
    carries: Mapping[tuple[int, int], IncomeCarry],
) -> bool:
    """Set the units of a payout aside; where none are left it is given up, and they are carried over."""
    if payout.units < 0:
        return True
    try:
        await budgets.reserve(session, budget_id, payout.units, service=SERVICE, reference=str(payout.id))
    except (BudgetNotFound, BudgetExhausted):
        carries[payout.member_id, payout.purse].parts += payout.units * PARTS
        await session.delete(payout)
        await session.flush()
        return False
    payout.budget_id = budget_id
    return True


def _whole_units(total: int, least: int) -> int:
    """What of a sum moves now, less than zero where it is taken."""
    if total < 0:
        return -min(-total // PARTS, LARGEST_AMOUNT)
    units = min(total // PARTS, LARGEST_AMOUNT)
    return units if units >= least else 0


def _payout(member_id: int, purse: int, due: date, units: int) -> NetworkPayout:
    return NetworkPayout(
        member_id=member_id,
        purse=purse,
        due=due,
        units=units,
        state=NetworkPayoutState.SENT.value,
        asked_at=utc_now(),
    )


async def _ask(session: WriteSession, payouts: Sequence[NetworkPayout]) -> list[int]:
    reasons = [f"referral network {payout.id}" for payout in payouts]
    return await request_many(
        session,
        [
            Wish(_movement(payout, reason), str(payout.id), reason)
            for payout, reason in zip(payouts, reasons, strict=True)
        ],
        service=SERVICE,
        asked_by=system_caller(SERVICE, programme_of(session.sync_session)),
    )


def _movement(payout: NetworkPayout, reason: str) -> Movement:
    of = credit if payout.units > 0 else debit
    return of(payout.member_id, payout.purse, abs(payout.units), reason)


async def _receivers(session: AnySession, member_ids: Set[int]) -> dict[int, tuple[int, bool]]:
    """Who gets what is due to members: they, or the record they went into; and whether that was erased."""
    closed = {place.member_id: place for place in await tree.closed_among(session, member_ids)}
    return {
        member_id: await _receiver(session, closed[member_id]) if member_id in closed else (member_id, False)
        for member_id in member_ids
    }


async def _receiver(session: AnySession, place: NetworkPlace) -> tuple[int, bool]:
    last = await tree.last_of_merges(session, place)
    return last.member_id, last.closed_at is not None


async def _carries(session: WriteSession, keys: Set[tuple[int, int]]) -> dict[tuple[int, int], IncomeCarry]:
    """What is carried over, locked; made where there is nothing yet."""
    await tree.add_up(
        session,
        IncomeCarry,
        ("member_id", "purse"),
        "parts",
        [_carry_row(session, member_id, purse, 0) for member_id, purse in keys],
    )
    rows = await session.scalars(
        select(IncomeCarry)
        .where(IncomeCarry.member_id.in_({member_id for member_id, _ in keys}))
        .with_for_update()
    )
    return {(row.member_id, row.purse): row for row in rows}


def _carry_row(session: AnySession, member_id: int, purse: int, parts: int) -> dict[str, object]:
    programme_id = programme_of(session.sync_session)
    return {"programme_id": programme_id, "member_id": member_id, "purse": purse, "parts": parts}
