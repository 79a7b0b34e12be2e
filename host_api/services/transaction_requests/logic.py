"""Asking for voids and returns, deciding them, and what the switch makes of them."""

from datetime import timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import Movement, return_of, void_of_hold
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState as LedgerState
from host_api.core.listing import Page, read_rows
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.cards import lookup as cards
from host_api.services.transaction_requests.basket import BYTES_MAX, ReturnLine, basket_text
from host_api.services.transaction_requests.events import (
    TRANSACTION_REQUEST_FINISHED,
    TransactionRequestFinished,
)
from host_api.services.transaction_requests.listing import RequestQuery
from host_api.services.transaction_requests.models import TransactionRequest
from host_api.services.transaction_requests.problems import (
    AlreadyUndone,
    DayIsClosed,
    LinesDiffer,
    MoreThanIsLeft,
    NotReturnable,
    RequestNotFound,
    UnderWay,
)
from host_api.services.transaction_requests.refusals import explained
from host_api.services.transaction_requests.schemas import (
    RequestKind,
    RequestReason,
    RequestState,
    ReturnCreate,
    TransactionRequestRead,
    VoidCreate,
)
from host_api.services.transactions import business_days
from host_api.services.transactions import logic as transactions
from host_api.services.transactions.operation import SALES, Operation
from host_api.services.transactions.schemas import TransactionRead
from host_api.services.transactions.standing import Standing
from protocol.dialect import Tag

SERVICE = "transaction_requests"

# A person looks on: what the switch has not answered by then is taken back.
PATIENCE = timedelta(minutes=15)

_STATES = {
    LedgerState.APPROVED: RequestState.DONE,
    LedgerState.DECLINED: RequestState.FAILED,
    LedgerState.REVERSED: RequestState.FAILED,
    LedgerState.DOUBTFUL: RequestState.DOUBTFUL,
}
_RETURNABLE = (Standing.STANDS, Standing.PART_RETURNED)


async def ask_void(
    session: WriteSession, cipher: FieldCipher, wanted: VoidCreate, caller: Caller, alone_limit: int
) -> TransactionRequestRead:
    """Ask for the void of a sale or hold; up to `alone_limit` rial it goes to the switch at once.

    Raises:
        transactions.TransactionNotFound, NotReturnable, AlreadyUndone, DayIsClosed, UnderWay
    """
    original = await transactions.read(session, wanted.rrn)
    if original.operation is Operation.AUTHORISATION and original.approved:
        if original.standing is not Standing.HELD:
            raise AlreadyUndone
        kind = RequestKind.VOID_HOLD
    else:
        _check_returnable(original)
        is_open = await business_days.is_day_open(session, original.position)
        if original.standing is not Standing.STANDS or not is_open:
            raise DayIsClosed
        kind = RequestKind.VOID
    row = _new(original, kind, original.amount, [], wanted.reason_code, wanted.reason, caller)
    return await _asked(session, cipher, row, caller, is_alone=row.amount <= alone_limit)


async def ask_return(
    session: WriteSession, cipher: FieldCipher, wanted: ReturnCreate, caller: Caller, alone_limit: int
) -> TransactionRequestRead:
    """Ask for the return of a sale, whole or in part; up to `alone_limit` rial it goes to the switch at once.

    Raises:
        transactions.TransactionNotFound, NotReturnable, AlreadyUndone, MoreThanIsLeft, LinesDiffer, UnderWay
    """
    original = await transactions.read(session, wanted.rrn)
    _check_returnable(original)
    left = original.amount - original.returned_amount
    amount = left if wanted.amount is None else wanted.amount
    if amount > left:
        raise MoreThanIsLeft
    if wanted.lines and (
        sum(line.amount for line in wanted.lines) != amount
        or len(basket_text(wanted.lines).encode()) > BYTES_MAX
    ):
        raise LinesDiffer
    row = _new(original, RequestKind.RETURN, amount, wanted.lines, wanted.reason_code, wanted.reason, caller)
    # Small parts of a large sale come to a large return.
    is_alone = original.returned_amount + amount <= alone_limit
    return await _asked(session, cipher, row, caller, is_alone=is_alone)


async def read(session: AnySession, request_id: int) -> TransactionRequestRead:
    """One void or return.

    Raises:
        RequestNotFound
    """
    return _read(await _find(session, request_id))


async def read_page(session: ReadSession, query: RequestQuery) -> Page[TransactionRequestRead]:
    """A page of voids and returns."""
    rows, next_cursor = await read_rows(session, select(TransactionRequest), query)
    return Page(items=[_read(row) for row in rows], next_cursor=next_cursor)


async def of_transaction(session: AnySession, rrn: str, limit: int = 100) -> list[TransactionRequestRead]:
    """What was asked for about a transaction, in order."""
    rows = await session.scalars(
        select(TransactionRequest)
        .where(TransactionRequest.original_rrn == rrn)
        .order_by(TransactionRequest.id)
        .limit(limit)
    )
    return [_read(row) for row in rows]


async def ledger_request_of(session: AnySession, request_id: int) -> int | None:
    """The request in the ledger's bank that a void or return became; None before it was sent."""
    return (await _find(session, request_id)).request_id


async def approve(
    session: WriteSession, cipher: FieldCipher, request_id: int, caller: Caller, note: str | None
) -> TransactionRequestRead:
    """Approve what another has asked for: it goes to the switch.

    Raises:
        RequestNotFound, AlreadyDecided, OwnAct
    """
    row = await _find(session, request_id, for_update=True)
    decide(row, RequestState.SENT, caller)
    row.note = note
    await _send(session, cipher, row, caller)
    return _read(row)


async def reject(
    session: WriteSession, request_id: int, caller: Caller, note: str | None
) -> TransactionRequestRead:
    """Reject what another has asked for.

    Raises:
        RequestNotFound, AlreadyDecided, OwnAct
    """
    row = await _find(session, request_id, for_update=True)
    decide(row, RequestState.REJECTED, caller)
    row.note = note
    await session.flush()
    return _read(row)


async def cancel(session: WriteSession, request_id: int, caller: Caller) -> TransactionRequestRead:
    """Take one's own back before it is decided.

    Raises:
        RequestNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _find(session, request_id, for_update=True)
    withdraw(row, caller)
    await session.flush()
    return _read(row)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what became of a void's or return's request."""
    row = await session.get(TransactionRequest, int(outcome.reference))
    if row is None:
        raise LookupError("a void or return has gone")
    row.state = _STATES[outcome.state].value
    row.response_code, row.rrn = outcome.response_code, outcome.rrn
    row.refund_amount = _number(outcome.told.get(Tag.REFUND_AMOUNT.value))
    row.refund_units = _number(outcome.told.get(Tag.REFUND_UNITS.value))
    row.balances_after = dict(outcome.balances) or None
    row.finished_at = utc_now()
    if outcome.state is not LedgerState.DOUBTFUL:
        emit(
            session,
            TRANSACTION_REQUEST_FINISHED,
            Subject("transaction", row.original_rrn),
            TransactionRequestFinished(
                request_id=row.id,
                kind=RequestKind(row.kind),
                state=RequestState(row.state),
                original_rrn=row.original_rrn,
                rrn=row.rrn,
                amount=row.amount,
                refund_amount=row.refund_amount,
                response_code=row.response_code,
            ),
        )


def _check_returnable(original: TransactionRead) -> None:
    if original.operation not in SALES or not original.approved or original.amount == 0:
        raise NotReturnable
    if original.member_id is None and original.card_id is None:
        raise NotReturnable
    if original.standing not in _RETURNABLE:
        raise AlreadyUndone


def _new(  # noqa: PLR0917
    original: TransactionRead,
    kind: RequestKind,
    amount: int,
    lines: list[ReturnLine],
    reason_code: RequestReason,
    reason: str,
    caller: Caller,
) -> TransactionRequest:
    return TransactionRequest(
        kind=kind.value,
        original_rrn=original.rrn,
        merchant_id=original.merchant_id,
        member_id=original.member_id,
        card_id=original.card_id,
        amount=amount,
        lines=[line.model_dump() for line in lines],
        reason_code=reason_code.value,
        reason=reason,
        state=RequestState.ASKED.value,
        **asked_by(caller),
    )


async def _asked(
    session: WriteSession, cipher: FieldCipher, row: TransactionRequest, caller: Caller, *, is_alone: bool
) -> TransactionRequestRead:
    async with conflict_as(UnderWay()):
        session.add(row)
        await session.flush()
    if is_alone:
        row.state = RequestState.SENT.value
        await _send(session, cipher, row, caller)
    return _read(row)


async def _send(session: WriteSession, cipher: FieldCipher, row: TransactionRequest, caller: Caller) -> None:
    row.request_id = await request_points(
        session,
        await _movement(session, cipher, row),
        service=SERVICE,
        reference=str(row.id),
        asked_by=caller,
        reason=f"{row.reason_code}: {row.reason}"[:200],
        patience=PATIENCE,
        cipher=cipher,
    )
    await session.flush()


async def _movement(session: AnySession, cipher: FieldCipher, row: TransactionRequest) -> Movement:
    # A sale of a gift card has no member; the card is then named by its number.
    card_number = None
    if row.member_id is None and row.card_id is not None:
        card_number = await cards.number_of(session, cipher, row.card_id)
        if card_number is None:
            raise NotReturnable
    if row.kind == RequestKind.VOID_HOLD:
        return void_of_hold(
            row.member_id, row.amount, row.original_rrn, card_number=card_number, merchant_id=row.merchant_id
        )
    return return_of(
        row.member_id,
        row.amount,
        row.original_rrn,
        card_number=card_number,
        merchant_id=row.merchant_id,
        basket=basket_text(_lines(row)),
    )


def _lines(row: TransactionRequest) -> list[ReturnLine]:
    return [ReturnLine.model_validate(line) for line in row.lines]


async def _find(session: AnySession, request_id: int, *, for_update: bool = False) -> TransactionRequest:
    row = await session.get(TransactionRequest, request_id, with_for_update=for_update or None)
    if row is None:
        raise RequestNotFound
    return row


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _read(row: TransactionRequest) -> TransactionRequestRead:
    return TransactionRequestRead(
        id=row.id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        original_rrn=row.original_rrn,
        merchant_id=row.merchant_id,
        member_id=row.member_id,
        card_id=row.card_id,
        amount=row.amount,
        lines=_lines(row),
        reason_code=RequestReason(row.reason_code),
        reason=row.reason,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
        response_code=row.response_code,
        meaning=explained(row.response_code, is_finished=row.finished_at is not None),
        rrn=row.rrn,
        refund_amount=row.refund_amount,
        refund_units=row.refund_units,
        balances_after=row.balances_after,
        finished_at=row.finished_at,
    )
