"""What events of the journal feed are to limits."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession
from host_api.services.merchants.locations import locations_of
from host_api.services.operators.on_shift import operators_on_shift
from host_api.services.risk.counting.measures import RiskMeasure, RiskPer
from host_api.services.risk.counting.sight import Sight
from host_api.services.risk.counting.window import LimitRule
from host_api.services.transactions.evidence import Evidence, with_rrns
from host_api.services.transactions.operation import SALES, Operation, operation_of
from protocol.dialect import ResponseCode
from protocol.feed import TransactionEvent

_POINTS: Final = "points"
_MEMBER: Final = "member:"
_RETURNS: Final = (Operation.RETURN, Operation.DEBIT_RETURN)
# What somebody asks at a till or by a host; looking at a balance is none of it.
_REFUSABLE: Final = (*SALES, Operation.AUTHORISATION, Operation.RETURN)


async def sights_of(
    session: AnySession, events: Sequence[TransactionEvent], rules: Collection[LimitRule]
) -> list[Sight]:
    """The sights of events that the transactions' own projector has written down already, in order."""
    named = {rrn for event in events for rrn in (event.reverses, event.concerns) if rrn is not None}
    originals = await with_rrns(session, named) if named else {}
    sights = [sight for event in events if (sight := sight_of(event, originals)) is not None and sight.values]
    if any(rule.per is RiskPer.OPERATOR for rule in rules):
        sights = await _with_operators(session, sights)
    if any(rule.measure is RiskMeasure.FAR_HOPS for rule in rules):
        sights = await _with_locations(session, sights)
    return sights


def sight_of(event: TransactionEvent, originals: dict[str, Evidence]) -> Sight | None:
    """What one event is; None for a reversal of what is not known or undone already.

    Parameters:
        originals: by RRN, what events reverse or are about.
    """
    operation = operation_of(event.mti, event.processing_code)
    at_ms, sale_age_ms = event.at_ms, None
    if operation is Operation.REVERSAL:
        original = originals.get(event.reverses or "")
        is_first = original is not None and original.reversed_by_rrn == event.rrn
        if original is None or not is_first or not original.is_approved:
            return None
        at_ms = original.at_ms
        values = _values(operation_of(original.mti, original.processing_code), original.amount, -1)
    elif event.response_code != ResponseCode.APPROVED:
        values = {RiskMeasure.REFUSALS: 1} if operation in _REFUSABLE else {}
    else:
        values = _values(operation, event.amount, 1)
        sale = originals.get(event.concerns or "") if operation in _RETURNS else None
        sale_age_ms = None if sale is None else max(0, event.at_ms - sale.at_ms)
    values |= dict(_points(event))
    return Sight(
        at_ms=at_ms,
        reference=event.rrn,
        values=values,
        member_id=event.member_number,
        card_reference=event.card_reference,
        terminal_id=event.terminal_id,
        merchant_id=event.merchant_id,
        branch_number=event.branch_number,
        sale_age_ms=sale_age_ms,
    )


def _values(operation: Operation, amount: int, sign: int) -> dict[RiskMeasure, int]:
    if operation in SALES:
        redeems = {} if operation is Operation.PURCHASE else {RiskMeasure.REDEMPTIONS: sign}
        return {RiskMeasure.SALES: sign, RiskMeasure.SALE_AMOUNT: sign * amount, **redeems}
    if operation in _RETURNS:
        return {RiskMeasure.RETURNS: sign, RiskMeasure.RETURN_AMOUNT: sign * amount}
    if operation is Operation.ENROLMENT:
        return {RiskMeasure.ENROLMENTS: sign}
    return {}


def _points(event: TransactionEvent) -> Iterator[tuple[RiskMeasure, int]]:
    """What members earned and spent in sales, or what a reversal takes back of it."""
    is_reversal = event.reverses is not None
    earned = spent = 0
    for line in event.transfers:
        gives, takes = line.credit.startswith(_MEMBER), line.debit.startswith(_MEMBER)
        if line.purse != _POINTS or gives == takes:
            continue
        if line.reason == "earn" and gives:
            earned += line.amount
        elif line.reason in {"spend", "cost"} and takes:
            spent += line.amount
        elif is_reversal and line.reason == "reverse" and takes:
            earned -= line.amount
        elif is_reversal and line.reason == "reverse":
            spent -= line.amount
    if earned:
        yield RiskMeasure.EARNED_POINTS, earned
    if spent:
        yield RiskMeasure.SPENT_POINTS, spent


async def _with_operators(session: AnySession, sights: list[Sight]) -> list[Sight]:
    uses = {
        (sight.terminal_id, from_epoch_ms(sight.at_ms)) for sight in sights if sight.terminal_id is not None
    }
    operators = await operators_on_shift(session, uses)
    return [
        replace(sight, operator_id=operators.get((sight.terminal_id or "", from_epoch_ms(sight.at_ms))))
        for sight in sights
    ]


async def _with_locations(session: AnySession, sights: list[Sight]) -> list[Sight]:
    places = {
        (sight.merchant_id, sight.branch_number)
        for sight in sights
        if sight.merchant_id is not None and sight.branch_number is not None
    }
    locations = await locations_of(session, places)
    return [
        replace(sight, location=locations.get((sight.merchant_id or "", sight.branch_number or 0)))
        for sight in sights
    ]
