"""What journal entries add to the sums by day: a fold of them, without a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from host_api.core.clock import from_epoch_ms
from host_api.core.jalali import date_to_jalali
from host_api.core.tehran_time import tehran_date
from host_api.services.transactions.account_movements import HOLDERS, holder_of, movements_of
from host_api.services.transactions.operation import SALES, operation_of
from protocol.dialect import ResponseCode
from protocol.feed import NEVER_S, Event, MaintenanceEvent, TransactionEvent

DEBT: Final = 0
NEVER: Final = 999_999
# What ends later is as good as for ever; calendars end somewhere too.
_LATEST_S: Final = 7_258_118_400  # 2200-01-01

AnswersKey = tuple[date, str, int, str, str]
PointsKey = tuple[date, str, str, str]
RuleKey = tuple[date, str, str, str]
LotKey = tuple[str, str, int]
KeyT = TypeVar("KeyT")


@dataclass(slots=True)
class Additions:
    """What is to be added, by the keys of the tables; members with a sale by day, in order."""

    answers: dict[AnswersKey, list[int]] = field(default_factory=dict)
    points: dict[PointsKey, list[int]] = field(default_factory=dict)
    rules: dict[RuleKey, list[int]] = field(default_factory=dict)
    lots: dict[LotKey, list[int]] = field(default_factory=dict)
    visits: list[tuple[date, int]] = field(default_factory=list)


def additions_of(events: Iterable[Event]) -> Additions:
    """What `events` add."""
    found = Additions()
    for event in events:
        if not isinstance(event, TransactionEvent | MaintenanceEvent):
            continue
        day = tehran_date(from_epoch_ms(event.at_ms))
        if isinstance(event, TransactionEvent):
            _add_transaction(found, event, day)
        for movement in movements_of(event):
            key = (day, holder_of(movement.account), movement.purse, movement.kind)
            _add(found.points, key, [max(movement.delta, 0), max(-movement.delta, 0)])
        for lot in event.lots:
            if holder_of(lot.account) in HOLDERS:
                month = expires_month(lot.expires_at_s)
                _add(found.lots, (holder_of(lot.account), lot.purse, month), [lot.delta])
    return found


def expires_month(expires_at_s: int) -> int:
    """The Jalali month in which a lot can last be spent, as `LotTotal` counts it."""
    if expires_at_s == 0:
        return DEBT
    if expires_at_s >= min(NEVER_S, _LATEST_S):
        return NEVER
    year, month, _ = date_to_jalali(tehran_date(from_epoch_ms(expires_at_s * 1000 - 1)))
    return year * 100 + month


def _add_transaction(found: Additions, event: TransactionEvent, day: date) -> None:
    operation = operation_of(event.mti, event.processing_code)
    _add(
        found.answers,
        (day, event.merchant_id, event.branch_number, operation.value, event.response_code),
        [1, event.amount, event.discount, event.tendered, event.net_amount],
    )
    if event.response_code != ResponseCode.APPROVED:
        return
    for grant in event.grants:
        if grant.granted:
            _add(found.rules, (day, grant.rule, grant.type, grant.purse or ""), [1, grant.granted])
    if operation in SALES and event.member_number is not None:
        found.visits.append((day, event.member_number))


def _add(sums: dict[KeyT, list[int]], key: KeyT, more: list[int]) -> None:
    known = sums.get(key)
    sums[key] = more if known is None else [one + other for one, other in zip(known, more, strict=True)]
