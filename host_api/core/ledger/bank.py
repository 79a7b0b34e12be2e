"""Asking for movements, taking requests up to be sent, and ending them."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.exc import IntegrityError

from host_api.core import outbox
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.ledger.movements import CLUB_MERCHANT_ID, Movement
from host_api.core.ledger.outcomes import Handlers, outcome_of
from host_api.core.ledger.requests import CARD_NUMBER, LedgerRequest, message_of
from host_api.core.ledger.states import OPEN_STATES, RequestState
from host_api.core.outbox import OutboxRow, SubjectKind
from host_api.core.tehran_time import TEHRAN
from host_api.core.waking import Worker, makes_work_for
from protocol.balances import unpack_balances
from protocol.codec import encode
from protocol.dialect import EntryMode, FileName, Tag
from protocol.message import Message
from protocol.spec import load_spec

_log = logging.getLogger(__name__)

_HANDLER_TRIED_AGAIN_S = 15

# No shop's terminal can have this id, and it never signs on; with it the switch knows the club as a merchant.
_CLUB_TERMINAL_ID = "CLUB-OWN"


class ReferenceUsedOtherwise(RuntimeError):  # noqa: N818
    """The service has asked for another movement under this reference before."""


async def request_points(
    session: WriteSession,
    movement: Movement,
    *,
    service: str,
    reference: str,
    asked_by: Caller,
    reason: str = "",
    patience: timedelta | None = None,
    cipher: FieldCipher | None = None,
) -> int:
    """Ask the switch for a movement; it is sent once the session's transaction is committed.

    Parameters:
        service: whose outcome handler is told the end.
        reference: the service's own, so that asking again asks nothing new.
        patience: how long an answer is waited for before the movement is taken back. None waits for ever,
            and so do a release and the void of a hold, which can't be taken back.
        cipher: for a movement that names a card: seals its number.

    Returns:
        Id of the request, for the outcome.

    Raises:
        ReferenceUsedOtherwise
        ProtocolFault: no message can say this.
        ValueError: a card's number without a cipher.
    """
    if movement.card_number is not None and cipher is None:
        raise ValueError("a card's number is kept sealed: give the cipher")
    known = await _known(session, service, reference, movement)
    if known is not None:
        return known
    if movement.merchant_id == CLUB_MERCHANT_ID:
        await _announce_club(session)
    now = utc_now()
    row = LedgerRequest(
        service=service,
        reference=reference,
        kind=movement.kind.value,
        member_id=movement.member_id,
        other_member_id=movement.other_member_id,
        purse=movement.purse,
        amount=movement.amount,
        reason=reason,
        asked_by=asked_by.key,
        asked_by_name=asked_by.name,
        mti=movement.mti,
        fields=_fields(movement, now),
        tags=_tags(movement),
        after_outbox_id=await outbox.last_id(session),
        created_at=now,
        deadline_at=None if patience is None or not movement.can_be_reversed else now + patience,
        state=RequestState.WAITING.value,
        next_attempt_at=now,
        sent_at=None,
        attempts=0,
        reversal_at=None,
        reversal_attempts=0,
    )
    _check_encodable(row, movement.card_number, now)
    try:
        async with session.begin_nested():
            session.add(row)
            makes_work_for(session, Worker.LEDGER)
            if cipher is not None and movement.card_number is not None:
                await session.flush()
                CARD_NUMBER.seal(cipher, row, movement.card_number)
    except IntegrityError:
        # Somebody asked under this reference at the same moment.
        known = await _known(session, service, reference, movement)
        if known is None:
            raise
        return known
    return row.id


async def find(session: AnySession, request_id: int) -> LedgerRequest | None:
    """The request with this id."""
    return await session.get(LedgerRequest, request_id)


async def with_rrn(session: AnySession, rrn: str) -> list[LedgerRequest]:
    """The requests whose transaction in the journal is this one, in order."""
    rows = await session.scalars(
        select(LedgerRequest).where(LedgerRequest.rrn == rrn).order_by(LedgerRequest.id)
    )
    return list(rows)


async def has_due(session: AnySession, now: datetime) -> bool:
    """Whether `take_up` may find something; only reads."""
    statement = select(LedgerRequest.id).where(LedgerRequest.next_attempt_at <= now).limit(1)
    return await session.scalar(statement) is not None


async def take_up(
    session: WriteSession, *, limit: int, lease: timedelta, is_linked: bool, handlers: Handlers
) -> tuple[list[LedgerRequest], list[int]]:
    """Take up requests to be sent now, each alone for as long as `lease`; and ids of those that were late.

    What is returned has its state, STAN and transmission time on the database once the transaction is
    committed, and only then may be sent.

    Parameters:
        is_linked: whether the switch can be reached; else only what is too late to be sent at all is ended.
    """
    now = utc_now()
    is_late = and_(LedgerRequest.state == RequestState.WAITING.value, LedgerRequest.deadline_at <= now)
    first_waiting = await outbox.first_waiting_id(session)
    can_go = (
        true()
        if first_waiting is None
        else or_(
            LedgerRequest.state != RequestState.WAITING.value, LedgerRequest.after_outbox_id < first_waiting
        )
    )
    rows = await session.scalars(
        select(LedgerRequest)
        .where(LedgerRequest.next_attempt_at <= now, or_(is_late, can_go) if is_linked else is_late)
        .order_by(LedgerRequest.next_attempt_at, LedgerRequest.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken: list[LedgerRequest] = []
    ended: list[int] = []
    for row in rows.all():
        is_over_time = row.deadline_at is not None and row.deadline_at <= now
        if row.state == RequestState.WAITING and is_over_time:
            if await end(session, row, RequestState.DECLINED, handlers):
                ended.append(row.id)
            continue
        if row.state == RequestState.WAITING:
            row.state, row.sent_at = RequestState.SENT.value, now
        elif row.state == RequestState.SENT and is_over_time:
            row.state, row.reversal_at = RequestState.REVERSING.value, now
        if row.state == RequestState.REVERSING:
            row.reversal_attempts += 1
        else:
            row.attempts += 1
        row.next_attempt_at = now + lease
        taken.append(row)
    await session.flush()
    return taken, ended


async def lock(session: WriteSession, request_ids: Iterable[int]) -> dict[int, LedgerRequest]:
    """Requests by id, kept from other writers until the transaction ends."""
    rows = await session.scalars(
        select(LedgerRequest)
        .where(LedgerRequest.id.in_(list(request_ids)))
        .order_by(LedgerRequest.id)
        .with_for_update()
    )
    return {row.id: row for row in rows}


def note_answer(row: LedgerRequest, answer: Message) -> None:
    """Keep what an answer says of the row's request or reversal.

    Raises:
        ProtocolFault, TypeError: the answer's fields can't be read; nothing is kept.
    """
    tags = answer.tags(48)
    if row.state == RequestState.REVERSING:
        row.rrn = answer.tag_text(48, Tag.ORIGINAL_RRN.value) or row.rrn
        row.reversal_code = answer.text(39)
        return
    balances = unpack_balances(answer.text(54)) if 54 in answer.fields else []
    rrn = answer.text(37) if 37 in answer.fields else None
    known = load_spec("vafa").tags
    row.told = {
        tag: value
        for tag, value in tags.items()
        if isinstance(value, str) and tag in known and known[tag].mask is None
    }
    row.balances = {found.account_type: found.amount for found in balances}
    row.response_code, row.rrn = answer.text(39), rrn


async def end(session: WriteSession, row: LedgerRequest, state: RequestState, handlers: Handlers) -> bool:
    """End a request and hand its outcome over, both or neither; whether that was done."""
    try:
        async with session.begin_nested():
            row.state = state.value
            row.next_attempt_at = None
            row.finished_at = utc_now()
            row.card_number_sealed = None
            await session.flush()
            handler = handlers.get(row.service)
            if handler is not None:
                await handler(session, outcome_of(row))
    except Exception as error:
        await session.refresh(row)
        _log.error("%s can't go on after request %d ended", row.service, row.id, exc_info=error)
        if RequestState(row.state).is_open:
            row.next_attempt_at = utc_now() + timedelta(seconds=_HANDLER_TRIED_AGAIN_S)
        return False
    return True


async def counts(session: AnySession) -> dict[RequestState, tuple[int, datetime | None]]:
    """How many requests are open or doubtful, and since when, by state."""
    states = (*OPEN_STATES, RequestState.DOUBTFUL)
    rows = await session.execute(
        select(LedgerRequest.state, func.count(), func.min(LedgerRequest.created_at))
        .where(LedgerRequest.state.in_([state.value for state in states]))
        .group_by(LedgerRequest.state)
    )
    found = {RequestState(state): (count, oldest) for state, count, oldest in rows}
    return {state: found.get(state, (0, None)) for state in states}


async def _known(session: AnySession, service: str, reference: str, movement: Movement) -> int | None:
    row = await session.scalar(
        select(LedgerRequest).where(LedgerRequest.service == service, LedgerRequest.reference == reference)
    )
    if row is None:
        return None
    same = (
        row.kind == movement.kind
        and row.member_id == movement.member_id
        and row.amount == movement.amount
        and row.fields["3"] == movement.processing_code
        and row.tags == _tags(movement)
    )
    if not same:
        raise ReferenceUsedOtherwise(f"{service} has used this reference otherwise")
    return row.id


async def _announce_club(session: WriteSession) -> None:
    """Have the switch know the club as a merchant, once."""
    known = select(OutboxRow.id).where(OutboxRow.subject_kind == SubjectKind.CLUB.value).limit(1)
    if await session.scalar(known) is not None:
        return
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.CLUB,
        subject_id=1,
        file_name=FileName.TERMINAL,
        record={
            Tag.SUBJECT_TERMINAL_ID.value: _CLUB_TERMINAL_ID,
            Tag.RECORD_MERCHANT_ID.value: CLUB_MERCHANT_ID,
            Tag.LINK_ROLE.value: "T",
            Tag.STATUS.value: "B",
        },
    )
    await session.flush()


def _fields(movement: Movement, now: datetime) -> dict[str, str]:
    local = now.astimezone(TEHRAN)
    return {
        "3": movement.processing_code,
        "4": f"{movement.amount:012d}",
        "12": local.strftime("%H%M%S"),
        "13": local.strftime("%m%d"),
        "22": EntryMode.KEYED.value,
        "42": movement.merchant_id,
        "49": movement.currency,
    }


def _tags(movement: Movement) -> dict[str, str]:
    member = {} if movement.member_id is None else {Tag.MEMBER_NUMBER.value: f"{movement.member_id:012d}"}
    return {**member, **movement.tags}


def _check_encodable(row: LedgerRequest, card_number: str | None, now: datetime) -> None:
    """A request that can't be written is refused where it is made, not found out when it is to be sent."""
    trial = LedgerRequest(
        id=1,
        mti=row.mti,
        fields=row.fields,
        tags=row.tags,
        state=RequestState.SENT.value,
        sent_at=now,
        attempts=1,
    )
    encode(load_spec("vafa"), message_of(trial, "HOST0001", card_number))
