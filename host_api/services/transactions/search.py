"""Searching transactions: the statement behind lists, exports and totals, narrowed to what an index can give.

Every index of transactions ends in the position, and all are read in its order. So a period becomes a range
of positions, which narrows whichever index a search goes by, and no search sorts.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from host_api.core.clock import to_epoch_ms, utc_now
from host_api.core.database import AnySession
from host_api.core.error_handlers import field_problem
from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.tehran_time import period_of_days
from host_api.services.transactions.listing import TransactionFilters, unindexed
from host_api.services.transactions.models import Transaction, TransactionRule

# The switch decides in the order of positions, but its clock may be set back between two of them.
_CLOCK_SLACK_MS = 3_600_000
_CARDS_AT_ONCE = 50
_LONGEST_OF_AMOUNTS = timedelta(days=100)

# Given session, masked number and how many at most, the references of cards that show so.
CardFinder = Callable[[AnySession, str, int], Awaitable[Sequence[int]]]
_card_finders: list[CardFinder] = []


def finds_cards(finder: CardFinder) -> CardFinder:
    """Have searches by a masked number ask `finder`: what a card's number is only its own service knows."""
    _card_finders.append(finder)
    return finder


_AMOUNTS_WANT_MORE = FieldProblem(
    field="amount_from",
    location="query",
    code="period-needed",
    message="A range of amounts wants a period of at most 100 days, or a member, card, terminal or merchant",
    message_fa="بازهٔ مبلغ، بازهٔ زمانی تا ۱۰۰ روز یا عضو، کارت، پایانه یا پذیرنده می‌خواهد.",
)
_TOO_MANY_CARDS = FieldProblem(
    field="card_number",
    location="query",
    code="too-many-cards",
    message="Too many cards have this masked number; search by the card or the member",
    message_fa="کارت‌های زیادی این شمارهٔ پوشیده را دارند؛ با کارت یا عضو جست‌وجو کنید.",
)


async def statement_of(session: AnySession, query: TransactionFilters) -> Select[Transaction]:
    """Transactions that `query` asks for, without its simple filters, which `read_rows` adds.

    Raises:
        ValidationFailed: the period ends before it begins, or the search would have to read everything.
    """
    begin, end = _period(query)
    _check_amounts(query, begin, end)
    after, before = await _positions(session, begin, end)
    statement = select(Transaction).where(*_between(Transaction.position, after, before))
    if query.rule is not None:
        gave = and_(
            TransactionRule.programme_id == Transaction.programme_id,
            TransactionRule.position == Transaction.position,
        )
        if "rule" in query.leading:
            statement = statement.join(TransactionRule, gave).where(
                TransactionRule.rule == query.rule, *_between(TransactionRule.position, after, before)
            )
        else:
            statement = statement.where(exists().where(gave, TransactionRule.rule == query.rule))
    if query.card_number is not None:
        column = Transaction.card_reference
        card = column if "card_number" in query.leading else unindexed(column)
        statement = statement.where(card.in_(await _cards(session, query.card_number)))
    return statement.where(*_exact(query, begin, end))


def _period(query: TransactionFilters) -> tuple[datetime | None, datetime | None]:
    """From when until before when; instants and days may be given together."""
    begin, end = query.begin, query.end
    if query.day_from is not None:
        first = period_of_days(query.day_from, query.day_from).start
        begin = first if begin is None else max(begin, first)
    if query.day_to is not None:
        last = period_of_days(query.day_to, query.day_to).end
        end = last if end is None else min(end, last)
    if begin is not None and end is not None and end <= begin:
        raise ValidationFailed([field_problem("period", "`to` must be later than `from`", "to", "query")])
    return begin, end


def _check_amounts(query: TransactionFilters, begin: datetime | None, end: datetime | None) -> None:
    if query.amount_from is None and query.amount_to is None:
        return
    narrow = (query.rrn, query.member_id, query.card_id, query.card_number, query.terminal_id)
    if any(value is not None for value in (*narrow, query.merchant_id)):
        return
    if begin is None or (end or utc_now()) - begin > _LONGEST_OF_AMOUNTS:
        raise ValidationFailed([_AMOUNTS_WANT_MORE])


async def _cards(session: AnySession, masked: str) -> Sequence[int]:
    found = [
        reference
        for finder in _card_finders
        for reference in await finder(session, masked, _CARDS_AT_ONCE + 1)
    ]
    if len(found) > _CARDS_AT_ONCE:
        raise ValidationFailed([_TOO_MANY_CARDS])
    return found


async def _positions(
    session: AnySession, begin: datetime | None, end: datetime | None
) -> tuple[int | None, int | None]:
    """The positions after and before which everything of a period lies, whatever the clock was set back."""
    after = before = None
    if begin is not None:
        after = await session.scalar(
            select(Transaction.position)
            .where(Transaction.at_ms < to_epoch_ms(begin) - _CLOCK_SLACK_MS)
            .order_by(Transaction.at_ms.desc(), Transaction.position.desc())
            .limit(1)
        )
    if end is not None:
        before = await session.scalar(
            select(Transaction.position)
            .where(Transaction.at_ms >= to_epoch_ms(end) + _CLOCK_SLACK_MS)
            .order_by(Transaction.at_ms, Transaction.position)
            .limit(1)
        )
    return after, before


def _between(
    column: InstrumentedAttribute[int], after: int | None, before: int | None
) -> list[ColumnElement[bool]]:
    bounds = [] if after is None else [column > after]
    return bounds if before is None else [*bounds, column < before]


def _exact(
    query: TransactionFilters, begin: datetime | None, end: datetime | None
) -> list[ColumnElement[bool]]:
    """Ranges, which no database shall go by, as it then has to sort."""
    at_ms, amount = unindexed(Transaction.at_ms), unindexed(Transaction.amount)
    wanted = (
        None if begin is None else at_ms >= to_epoch_ms(begin),
        None if end is None else at_ms < to_epoch_ms(end),
        None if query.amount_from is None else amount >= query.amount_from,
        None if query.amount_to is None else amount <= query.amount_to,
    )
    return [condition for condition in wanted if condition is not None]
