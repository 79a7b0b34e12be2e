"""Cases about transactions: opening, writing down, deciding."""

from datetime import datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.access.permissions import Permission
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import NotPermitted, Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.services.disputes.events import (
    DISPUTE_DECIDED,
    DISPUTE_OPENED,
    DisputeDecided,
    DisputeOpened,
)
from host_api.services.disputes.listing import DisputeQuery
from host_api.services.disputes.models import Dispute, DisputeNote
from host_api.services.disputes.schemas import (
    AdjustmentRemedy,
    DisputeCreate,
    DisputeDecision,
    DisputeKind,
    DisputeOutcome,
    DisputeRead,
    DisputeState,
    DisputeUpdate,
    DisputeWithNotes,
    NoteCreate,
    NoteRead,
    ReturnRemedy,
)
from host_api.services.points import access as points_access
from host_api.services.points import logic as points
from host_api.services.points.schemas import AdjustmentCreate
from host_api.services.points.schemas import ReasonCode as PointsReason
from host_api.services.transaction_requests import access as requests_access
from host_api.services.transaction_requests import logic as requests
from host_api.services.transaction_requests.schemas import RequestReason, ReturnCreate
from host_api.services.transactions import logic as transactions

TIME_TO_DECIDE = timedelta(days=14)

_REASON_CHARACTERS = 200
NOTES_MAX = 500


class DisputeNotFound(Problem):
    """No case has this id."""

    status = 404
    code = "dispute-not-found"
    title = "Dispute not found"
    title_fa = "اعتراض پیدا نشد"
    detail = "There is no dispute with this id."
    detail_fa = "اعتراضی با این شناسه وجود ندارد."


class DisputeIsDecided(Problem):
    """The case is over."""

    status = 409
    code = "dispute-decided"
    title = "Already decided"
    title_fa = "پیش‌تر تصمیم گرفته شده است"
    detail = "This dispute has been decided; open another one if there is something new."
    detail_fa = "دربارهٔ این اعتراض تصمیم گرفته شده است؛ اگر چیز تازه‌ای هست اعتراض دیگری ثبت کنید."


class TooManyNotes(Problem):
    """A case has room for so many notes."""

    status = 409
    code = "dispute-too-many-notes"
    title = "Too many notes"
    title_fa = "یادداشت‌ها زیاد است"
    detail = "A dispute has room for 500 notes."
    detail_fa = "هر اعتراض تا ۵۰۰ یادداشت جا دارد."


class NoMemberToAdjust(Problem):
    """The transaction has no member whose purse could be adjusted."""

    status = 409
    code = "dispute-no-member"
    title = "No member to give to"
    title_fa = "عضوی در کار نیست"
    detail = "This transaction has no member; only a return is possible."
    detail_fa = "این تراکنش عضوی ندارد؛ تنها برگشت شدنی است."
    field = "remedy"


async def open_dispute(
    session: WriteSession, wanted: DisputeCreate, caller: Caller
) -> tuple[DisputeWithNotes, str]:
    """Open a case, and its ETag.

    Raises:
        transactions.TransactionNotFound
    """
    transaction = await transactions.read(session, wanted.rrn)
    now = utc_now()
    dispute = Dispute(
        rrn=wanted.rrn,
        member_id=transaction.member_id,
        kind=wanted.kind.value,
        claim_amount=wanted.claim_amount,
        state=DisputeState.OPEN.value,
        assignee=wanted.assignee,
        deadline_at=wanted.deadline_at or now + TIME_TO_DECIDE,
        opened_by=caller.name,
        opened_at=now,
    )
    session.add(dispute)
    await session.flush()
    session.add(_note(dispute, wanted.note, caller, now))
    emit(
        session,
        DISPUTE_OPENED,
        Subject("dispute", dispute.id),
        DisputeOpened(dispute_id=dispute.id, rrn=dispute.rrn, member_id=dispute.member_id, kind=wanted.kind),
    )
    await session.flush()
    return await _with_notes(session, dispute), etag(dispute)


async def read(session: AnySession, dispute_id: int) -> tuple[DisputeWithNotes, str]:
    """A case with its notes, and its ETag.

    Raises:
        DisputeNotFound
    """
    dispute = await _find(session, dispute_id)
    return await _with_notes(session, dispute), etag(dispute)


async def read_page(session: ReadSession, query: DisputeQuery) -> Page[DisputeRead]:
    """A page of cases."""
    now = utc_now()
    disputes, next_cursor = await read_rows(session, select(Dispute), query)
    return Page(items=[_read(dispute, now) for dispute in disputes], next_cursor=next_cursor)


async def of_transaction(session: AnySession, rrn: str, limit: int = 100) -> list[DisputeRead]:
    """The cases about a transaction, in order."""
    now = utc_now()
    rows = await session.scalars(select(Dispute).where(Dispute.rrn == rrn).order_by(Dispute.id).limit(limit))
    return [_read(dispute, now) for dispute in rows]


async def change(
    session: WriteSession, dispute_id: int, wanted: DisputeUpdate, if_match: str
) -> tuple[DisputeWithNotes, str]:
    """Change who sees to a case, until when, and whether it waits for somebody else.

    Raises:
        DisputeNotFound, DisputeIsDecided, ChangedMeanwhile
    """
    dispute = await _undecided(session, dispute_id)
    check_version(dispute, if_match)
    given = wanted.model_fields_set
    if "assignee" in given:
        dispute.assignee = wanted.assignee
    if wanted.state is not None:
        dispute.state = wanted.state.value
    if wanted.deadline_at is not None:
        dispute.deadline_at = wanted.deadline_at
    await session.flush()
    return await _with_notes(session, dispute), etag(dispute)


async def write_note(
    session: WriteSession, dispute_id: int, wanted: NoteCreate, caller: Caller
) -> tuple[DisputeWithNotes, str]:
    """Write something down about a case, also once it is decided.

    Raises:
        DisputeNotFound, TooManyNotes
    """
    dispute = await _find(session, dispute_id)
    if len(await _notes(session, dispute.id)) >= NOTES_MAX:
        raise TooManyNotes
    session.add(_note(dispute, wanted.text, caller, utc_now()))
    await session.flush()
    return await _with_notes(session, dispute), etag(dispute)


async def decide(
    session: WriteSession,
    cipher: FieldCipher,
    dispute_id: int,
    wanted: DisputeDecision,
    if_match: str,
    *,
    caller: Caller,
    alone_limit: int,
    points_limit: int,
) -> tuple[DisputeWithNotes, str]:
    """Decide a case, and ask for what follows from it in the caller's name.

    Raises:
        DisputeNotFound, DisputeIsDecided, ChangedMeanwhile, NotPermitted, NoMemberToAdjust, and what asking
        for a return or an adjustment raises; nothing is decided then.
    """
    dispute = await _undecided(session, dispute_id)
    check_version(dispute, if_match)
    # A reason has room for less than a decision.
    reason = " ".join(wanted.reason.split())[:_REASON_CHARACTERS].strip()
    match wanted.remedy:
        case ReturnRemedy() as remedy:
            _check_holds(caller, requests_access.WRITE)
            asked = await requests.ask_return(
                session,
                cipher,
                ReturnCreate(
                    rrn=dispute.rrn,
                    amount=remedy.amount,
                    lines=remedy.lines,
                    reason_code=RequestReason.DISPUTE,
                    reason=reason,
                ),
                caller,
                alone_limit,
            )
            dispute.transaction_request_id = asked.id
        case AdjustmentRemedy() as remedy:
            _check_holds(caller, points_access.WRITE)
            if dispute.member_id is None:
                raise NoMemberToAdjust
            act = await points.ask_adjustment(
                session,
                AdjustmentCreate(
                    direction=remedy.direction,
                    member_id=dispute.member_id,
                    purse=remedy.purse,
                    amount=remedy.amount,
                    reason_code=PointsReason.COMPLAINT,
                    reason=reason,
                ),
                caller,
                points_limit,
            )
            dispute.points_act_id = act.id
        case None:
            pass
    dispute.state, dispute.outcome = DisputeState.DECIDED.value, wanted.outcome.value
    dispute.decision, dispute.decided_by, dispute.decided_at = wanted.reason, caller.name, utc_now()
    emit(
        session,
        DISPUTE_DECIDED,
        Subject("dispute", dispute.id),
        DisputeDecided(
            dispute_id=dispute.id,
            rrn=dispute.rrn,
            member_id=dispute.member_id,
            outcome=wanted.outcome,
            transaction_request_id=dispute.transaction_request_id,
            points_act_id=dispute.points_act_id,
        ),
    )
    await session.flush()
    return await _with_notes(session, dispute), etag(dispute)


def _check_holds(caller: Caller, permission: Permission) -> None:
    if not permission.is_in(caller.granted):
        raise NotPermitted


def _note(dispute: Dispute, text: str, caller: Caller, at: datetime) -> DisputeNote:
    return DisputeNote(dispute_id=dispute.id, at=at, author=caller.name, text=text)


async def _find(session: AnySession, dispute_id: int, *, for_update: bool = False) -> Dispute:
    dispute = await session.get(Dispute, dispute_id, with_for_update=for_update or None)
    if dispute is None:
        raise DisputeNotFound
    return dispute


async def _undecided(session: WriteSession, dispute_id: int) -> Dispute:
    dispute = await _find(session, dispute_id, for_update=True)
    if dispute.state == DisputeState.DECIDED:
        raise DisputeIsDecided
    return dispute


async def _notes(session: AnySession, dispute_id: int) -> list[DisputeNote]:
    rows = await session.scalars(
        select(DisputeNote)
        .where(DisputeNote.dispute_id == dispute_id)
        .order_by(DisputeNote.id)
        .limit(NOTES_MAX)
    )
    return list(rows)


async def _with_notes(session: AnySession, dispute: Dispute) -> DisputeWithNotes:
    notes = [
        NoteRead(at=note.at, author=note.author, text=note.text) for note in await _notes(session, dispute.id)
    ]
    return DisputeWithNotes(**_read(dispute, utc_now()).model_dump(), notes=notes)


def _read(dispute: Dispute, now: datetime) -> DisputeRead:
    return DisputeRead(
        id=dispute.id,
        rrn=dispute.rrn,
        member_id=dispute.member_id,
        kind=DisputeKind(dispute.kind),
        claim_amount=dispute.claim_amount,
        state=DisputeState(dispute.state),
        assignee=dispute.assignee,
        deadline_at=dispute.deadline_at,
        is_overdue=dispute.state != DisputeState.DECIDED and dispute.deadline_at <= now,
        opened_by=dispute.opened_by,
        opened_at=dispute.opened_at,
        outcome=None if dispute.outcome is None else DisputeOutcome(dispute.outcome),
        decision=dispute.decision,
        decided_by=dispute.decided_by,
        decided_at=dispute.decided_at,
        transaction_request_id=dispute.transaction_request_id,
        points_act_id=dispute.points_act_id,
    )
