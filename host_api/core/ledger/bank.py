"""Asking for movements, taking requests up to be sent, and ending them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from host_api.core import outbox
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.ledger.movements import CLUB_MERCHANT_ID, Movement
from host_api.core.ledger.outcomes import Handlers, Outcome, outcome_of
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

# So many are written in one transaction: others find room between them.
MOST_WISHES: Final = 500
_REFERENCES_AT_ONCE: Final = 500

# No shop's terminal can have this id, and it never signs on; with it the switch knows the club as a merchant.
_CLUB_TERMINAL_ID = "CLUB-OWN"


class NotHandedOver(RuntimeError):  # noqa: N818
    """A service's handler has failed, whose name this is."""


class ReferenceUsedOtherwise(RuntimeError):  # noqa: N818
    """The service has asked for another movement under this reference before."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A movement that a service asks for.

    Parameters:
        reference: the service's own, so that asking again asks nothing new.
        reason: why, for whoever looks.
    """

    movement: Movement
    reference: str
    reason: str = ""


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
    """Ask the switch for a movement, as `request_many` does for many; the request's id."""
    wish = Wish(movement, reference, reason)
    (request_id,) = await request_many(
        session, [wish], service=service, asked_by=asked_by, patience=patience, cipher=cipher
    )
    return request_id


async def request_many(
    session: WriteSession,
    wishes: Sequence[Wish],
    *,
    service: str,
    asked_by: Caller,
    patience: timedelta | None = None,
    cipher: FieldCipher | None = None,
) -> list[int]:
    """Ask the switch for movements; they are sent once the session's transaction is committed, in this order.

    Parameters:
        wishes: at most `MOST_WISHES`.
        service: whose outcome handler is told the ends.
        patience: how long an answer is waited for before a movement is taken back. None waits for ever,
            and so do a release and the void of a hold, which can't be taken back.
        cipher: for movements that name a card: seals its number.

    Returns:
        Ids of the requests, for the outcomes.

    Raises:
        ReferenceUsedOtherwise
        ProtocolFault: no message can say this.
        ValueError: a card's number without a cipher, or too many wishes.
    """
    if len(wishes) > MOST_WISHES:
        raise ValueError(f"at most {MOST_WISHES} movements are asked for at once")
    if cipher is None and any(wish.movement.card_number is not None for wish in wishes):
        raise ValueError("a card's number is kept sealed: give the cipher")
    known = await _known(session, service, wishes)
    new: dict[str, Wish] = {}
    for wish in wishes:
        if wish.reference not in known:
            new.setdefault(wish.reference, wish)
    if new:
        known |= await _insert(
            session, list(new.values()), service=service, asked_by=asked_by, patience=patience, cipher=cipher
        )
    for wish in wishes:
        _check_same(known[wish.reference], wish, service)
    return [known[wish.reference].id for wish in wishes]


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
    session: WriteSession, *, limit: int, lease: timedelta, is_linked: bool
) -> tuple[list[LedgerRequest], list[LedgerRequest]]:
    """Take up requests, each alone for as long as `lease`: those to be sent now, and those that are too late.

    What is to be sent has its state, STAN and transmission time on the database once the transaction is
    committed, and only then may be sent. What is too late was never sent, and is to be declined.

    Parameters:
        is_linked: whether the switch can be reached; else only what is too late is taken up.
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
    late: list[LedgerRequest] = []
    for row in rows.all():
        row.next_attempt_at = now + lease
        is_over_time = row.deadline_at is not None and row.deadline_at <= now
        if row.state == RequestState.WAITING and is_over_time:
            late.append(row)
            continue
        if row.state == RequestState.WAITING:
            row.state, row.sent_at = RequestState.SENT.value, now
        elif row.state == RequestState.SENT and is_over_time:
            row.state, row.reversal_at = RequestState.REVERSING.value, now
        if row.state == RequestState.REVERSING:
            row.reversal_attempts += 1
        else:
            row.attempts += 1
        taken.append(row)
    await session.flush()
    return taken, late


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


async def end(
    session: WriteSession, ends: Sequence[tuple[LedgerRequest, RequestState]], handlers: Handlers
) -> None:
    """End requests, which are locked, and hand their outcomes over.

    Raises:
        NotHandedOver: a service can't go on; the transaction is to be undone.
    """
    for row, state in ends:
        row.state = state.value
        row.next_attempt_at = None
        row.finished_at = utc_now()
        row.card_number_sealed = None
    await session.flush()
    outcomes: dict[str, list[Outcome]] = {}
    for row, _ in sorted(ends, key=lambda one: one[0].id):
        outcomes.setdefault(row.service, []).append(outcome_of(row))
    for service in sorted(outcomes.keys() & handlers.keys()):
        try:
            await handlers[service](session, outcomes[service])
            await session.flush()
        except Exception as error:
            raise NotHandedOver(service) from error


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


async def _known(session: AnySession, service: str, wishes: Iterable[Wish]) -> dict[str, LedgerRequest]:
    """What was asked for under these references before."""
    references = sorted({wish.reference for wish in wishes})
    found: dict[str, LedgerRequest] = {}
    for first in range(0, len(references), _REFERENCES_AT_ONCE):
        part = references[first : first + _REFERENCES_AT_ONCE]
        rows = await session.scalars(
            select(LedgerRequest).where(LedgerRequest.service == service, LedgerRequest.reference.in_(part))
        )
        found |= {row.reference: row for row in rows}
    return found


async def _insert(
    session: WriteSession,
    wishes: Sequence[Wish],
    *,
    service: str,
    asked_by: Caller,
    patience: timedelta | None,
    cipher: FieldCipher | None,
) -> dict[str, LedgerRequest]:
    """Write requests down; where somebody asks under their references at the same moment, those of whoever
    was first."""
    if any(wish.movement.merchant_id == CLUB_MERCHANT_ID for wish in wishes):
        await _announce_club(session)
    await session.flush()
    now = utc_now()
    last_record = await outbox.last_id(session)
    programme_id = programme_of(session.sync_session)
    rows = []
    for wish in wishes:
        movement = wish.movement
        row: dict[str, object] = {
            "programme_id": programme_id,
            "service": service,
            "reference": wish.reference,
            "kind": movement.kind.value,
            "member_id": movement.member_id,
            "other_member_id": movement.other_member_id,
            "purse": movement.purse,
            "amount": movement.amount,
            "reason": wish.reason,
            "asked_by": asked_by.key,
            "asked_by_name": asked_by.name,
            "mti": movement.mti,
            "fields": _fields(movement, now),
            "tags": _tags(movement),
            "after_outbox_id": last_record,
            "created_at": now,
            "deadline_at": now + patience if patience is not None and movement.can_be_reversed else None,
            "state": RequestState.WAITING.value,
            "next_attempt_at": now,
            "attempts": 0,
            "reversal_attempts": 0,
        }
        _check_encodable(movement, now)
        rows.append(row)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    inserted = set(
        await session.scalars(
            (sqlite.insert if is_sqlite else postgresql.insert)(LedgerRequest)
            .on_conflict_do_nothing()
            .returning(LedgerRequest.reference),
            rows,
        )
    )
    makes_work_for(session, Worker.LEDGER)
    found = await _known(session, service, wishes)
    for wish in wishes:
        if cipher is not None and wish.movement.card_number is not None and wish.reference in inserted:
            CARD_NUMBER.seal(cipher, found[wish.reference], wish.movement.card_number)
    await session.flush()
    return found


def _check_same(row: LedgerRequest, wish: Wish, service: str) -> None:
    movement = wish.movement
    same = (
        row.kind == movement.kind
        and row.member_id == movement.member_id
        and row.amount == movement.amount
        and row.fields["3"] == movement.processing_code
        and row.tags == _tags(movement)
    )
    if not same:
        raise ReferenceUsedOtherwise(f"{service} has used this reference otherwise")


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


def _check_encodable(movement: Movement, now: datetime) -> None:
    """A request that can't be written is refused where it is made, not found out when it is to be sent."""
    trial = LedgerRequest(
        id=1,
        mti=movement.mti,
        fields=_fields(movement, now),
        tags=_tags(movement),
        state=RequestState.SENT.value,
        sent_at=now,
        attempts=1,
    )
    encode(load_spec("vafa"), message_of(trial, "HOST0001", movement.card_number))
