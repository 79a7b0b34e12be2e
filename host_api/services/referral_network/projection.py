"""Scores the purchases of the journal feed, and takes back what their returns undo, in the projection's
transaction."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import insert, select, update

from host_api.core.clock import from_epoch_ms
from host_api.core.database import WriteSession
from host_api.core.isolation import programme_of
from host_api.core.tehran_time import tehran_date
from host_api.services.referral_network import incomes, payouts, policies, tree
from host_api.services.referral_network.incomes import Candidate, TakenBack
from host_api.services.referral_network.models import (
    IncomeLine,
    NetworkPlace,
    ScoredPurchase,
    ScoredReturn,
)
from host_api.services.referral_network.policies import Policy
from host_api.services.referral_network.policy_schemas import IncomeBasis, NetworkPayoutTime
from host_api.services.referral_network.scoring import IncomeKind, score_purchase, taken_back
from host_api.services.transactions.operation import SALES, Operation, operation_of
from protocol.dialect import ResponseCode
from protocol.feed import Event, TransactionEvent

_AT_ONCE = 500


class _Purchase(NamedTuple):
    event: TransactionEvent
    member_id: int
    policy: Policy
    basis: int


class NetworkProjector:
    """Each purchase once, also where the projection is built anew: the gate keeps how far scoring has come.

    What it writes depends on the events and the tree, not on how the feed was cut into batches.
    """

    async def apply(self, session: WriteSession, events: Sequence[Event]) -> None:
        """Score the purchases among `events`, and take back what returns and reversals undo."""
        known = await policies.approved(session)
        if not known or not events:
            return
        gate = await tree.pass_gate(session)
        fresh = [
            event
            for event in events
            if isinstance(event, TransactionEvent)
            and event.position > gate.scored_up_to
            and event.response_code == ResponseCode.APPROVED
        ]
        for is_undoing, some in groupby(fresh, _is_undoing):
            if is_undoing:
                for event in some:
                    await _undo(session, known, event)
            else:
                await _score(session, [*_purchases(some, known)])
        gate.scored_up_to = max(gate.scored_up_to, events[-1].position)
        await session.flush()

    async def clear(self, session: WriteSession) -> None:
        """Nothing: what was scored is on its way to members."""


def _is_undoing(event: TransactionEvent) -> bool:
    if event.reverses is not None:
        return True
    return operation_of(event.mti, event.processing_code) is Operation.RETURN


def _purchases(events: Iterator[TransactionEvent], known: Sequence[Policy]) -> Iterator[_Purchase]:
    for event in events:
        if event.member_number is None or operation_of(event.mti, event.processing_code) not in SALES:
            continue
        policy = policies.in_force(known, from_epoch_ms(event.at_ms))
        if policy is not None:
            yield _Purchase(event, event.member_number, policy, _basis(event, policy))


def _basis(event: TransactionEvent, policy: Policy) -> int:
    if policy.content.basis is IncomeBasis.PAID_AMOUNT:
        return event.net_amount
    return sum(
        grant.granted
        for grant in event.grants
        if grant.type == "earn"
        and grant.purse == policy.content.basis_purse
        and grant.beneficiary == f"member:{event.member_number}"
    )


async def _score(session: WriteSession, purchases: Sequence[_Purchase]) -> None:
    if not purchases:
        return
    buyers = await tree.branches_of(session, (purchase.member_id for purchase in purchases))
    depth = max(purchase.policy.content.depth for purchase in purchases)
    above = await tree.uplines_of(session, buyers.values(), depth)
    candidates: list[Candidate] = []
    introduced: list[int] = []
    for event, member_id, policy, basis in purchases:
        buyer = buyers.get(member_id)
        if buyer is None:
            continue
        at = from_epoch_ms(event.at_ms)
        lines = list(score_purchase(policy.content, buyer, above, at, basis))
        if any(line.kind is IncomeKind.INTRODUCTION for line in lines):
            buyers[member_id] = buyer._replace(introduction_paid_at=at)
            introduced.append(member_id)
        candidates += [Candidate(policy, at, member_id, event.rrn, line) for line in lines]
    granted = await incomes.grant(session, candidates)
    scored = {candidate.rrn for candidate in candidates}
    rows = [
        {
            "programme_id": programme_of(session.sync_session),
            "rrn": event.rrn,
            "member_id": member_id,
            "policy_id": policy.id,
            "at": from_epoch_ms(event.at_ms),
            "amount": event.amount,
            "basis": basis,
            "returned_amount": 0,
            "is_reversed": False,
        }
        for event, member_id, policy, basis in purchases
        if event.rrn in scored
    ]
    if rows:
        await session.execute(insert(ScoredPurchase), rows)
    await _note_introductions(session, introduced, purchases)
    at_once = {
        tehran_date(candidate.at)
        for candidate in candidates
        if candidate.policy.content.payout is NetworkPayoutTime.IMMEDIATE
    }
    for due in sorted(at_once):
        await payouts.pay_at_once(session, due, {line.member_id for line in granted})


async def _note_introductions(
    session: WriteSession, member_ids: Sequence[int], purchases: Sequence[_Purchase]
) -> None:
    """These introductions have been paid; of a run of purchases the last one's time will do."""
    at = from_epoch_ms(purchases[-1].event.at_ms)
    for first in range(0, len(member_ids), _AT_ONCE):
        await session.execute(
            update(NetworkPlace)
            .where(NetworkPlace.member_id.in_(member_ids[first : first + _AT_ONCE]))
            .values(introduction_paid_at=at)
            .execution_options(synchronize_session=False)
        )


async def _undo(session: WriteSession, known: Sequence[Policy], event: TransactionEvent) -> None:
    purchase = await _undone_purchase(session, event)
    if purchase is None:
        return
    policy = next((policy for policy in known if policy.id == purchase.policy_id), None)
    if policy is None:
        raise LookupError("the policy of a scored purchase has gone")
    returned = purchase.amount if purchase.is_reversed else purchase.returned_amount
    at = from_epoch_ms(event.at_ms)
    lines = await session.scalars(
        select(IncomeLine)
        .where(IncomeLine.rrn == purchase.rrn, IncomeLine.of_line_id.is_(None))
        .order_by(IncomeLine.id)
    )
    taken = [
        TakenBack(policy, at, line, parts)
        for line in lines
        if (parts := taken_back(line.parts, purchase.amount, returned) - line.taken_back_parts)
    ]
    await incomes.take_back(session, taken)
    if policy.content.payout is NetworkPayoutTime.IMMEDIATE:
        await payouts.pay_at_once(session, tehran_date(at), {each.line.member_id for each in taken})


async def _undone_purchase(session: WriteSession, event: TransactionEvent) -> ScoredPurchase | None:
    """The purchase that a return or a reversal is about, with how much of it is undone now."""
    if event.reverses is None:
        purchase = await _purchase(session, event.concerns)
        if purchase is not None:
            purchase.returned_amount += event.amount
            session.add(
                ScoredReturn(rrn=event.rrn, purchase_rrn=purchase.rrn, amount=event.amount, is_reversed=False)
            )
        return purchase
    purchase = await _purchase(session, event.reverses)
    if purchase is not None:
        purchase.is_reversed = True
        return purchase
    key = (programme_of(session.sync_session), event.reverses)
    returned = await session.get(ScoredReturn, key)
    if returned is None or returned.is_reversed:
        return None
    returned.is_reversed = True
    purchase = await _purchase(session, returned.purchase_rrn)
    if purchase is not None:
        purchase.returned_amount -= returned.amount
    return purchase


async def _purchase(session: WriteSession, rrn: str | None) -> ScoredPurchase | None:
    if rrn is None:
        return None
    return await session.get(ScoredPurchase, (programme_of(session.sync_session), rrn))
