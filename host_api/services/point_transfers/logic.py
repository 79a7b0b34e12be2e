"""Gifts of units between members: asked, confirmed by a code, moved by the switch, taken back."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import transfer
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.core.persian_text import persian_digits
from host_api.services.members import logic as members
from host_api.services.members.schemas import MemberStatus
from host_api.services.messages import codes
from host_api.services.messages.logic import tell_member
from host_api.services.point_transfers import policies
from host_api.services.point_transfers.events import POINTS_GIVEN, POINTS_TAKEN_BACK, PointTransferEvent
from host_api.services.point_transfers.listing import PointTransferQuery
from host_api.services.point_transfers.models import PointTransfer
from host_api.services.point_transfers.problems import (
    PointTransferNotFound,
    ReceiverNotFound,
    TransferNotInThisState,
)
from host_api.services.point_transfers.schemas import (
    PointTransferCreate,
    PointTransferRead,
    PointTransferState,
)

SERVICE: Final = "point_transfers"
PATIENCE: Final = timedelta(minutes=15)
# Long enough for some codes, one after the other.
CONFIRM_WITHIN: Final = timedelta(minutes=15)

_GIVE, _BACK = "give", "back"

Asked = tuple[PointTransferRead, int | None]


async def ask(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: PointTransferCreate
) -> Asked:
    """Take a member's wish in, and text them a code or, where none is wanted, have the units moved.

    Returns:
        The gift, and the id of the request to the ledger where it is on its way.

    Raises:
        MemberNotFound, PolicyMissing, GiverNotAllowed, ReceiverNotFound, TransferUnitsOutOfRange,
        PeriodLimitReached, TooLittleLeft, NoMobile, TooManyMemberCodes
    """
    now = utc_now()
    policy = await policies.check(session, wanted.member_id, wanted.units, now)
    row = PointTransfer(
        member_id=wanted.member_id,
        to_member_id=await _receiver(session, cipher, wanted),
        policy_id=policy.id,
        purse=policy.purse,
        units=wanted.units,
        state=PointTransferState.ASKED.value,
        asked_by_name=caller.name,
        asked_at=now,
        confirm_until=now + CONFIRM_WITHIN,
        cancel_attempts=0,
    )
    session.add(row)
    await session.flush()
    if policy.code_from_units is None or row.units < policy.code_from_units:
        return await _send(session, caller, row)
    await _text_code(session, cipher, row)
    return shown(row), None


async def send_code(session: WriteSession, cipher: FieldCipher, transfer_id: int) -> PointTransferRead:
    """Text the giver a fresh code.

    Raises:
        PointTransferNotFound, TransferNotInThisState, NoMobile, TooManyMemberCodes
    """
    row = await _lock_asked(session, transfer_id)
    await _text_code(session, cipher, row)
    return shown(row)


async def confirm(
    session: WriteSession, cipher: FieldCipher, caller: Caller, transfer_id: int, typed: str
) -> Asked | Problem:
    """Have the units moved, where the code is right. A wrong one is given back as a problem: its try counts.

    Raises:
        PointTransferNotFound, TransferNotInThisState, and what `ask` raises of the giver
    """
    row = await _lock_asked(session, transfer_id)
    problem = await codes.try_member_code(
        session, cipher, row.member_id, typed, topic=SERVICE, reference=str(row.id)
    )
    if problem is not None:
        return problem
    # Something may have changed since it was asked.
    await policies.check(session, row.member_id, row.units, utc_now(), transfer_id=row.id)
    return await _send(session, caller, row)


async def cancel(
    session: WriteSession, caller: Caller, transfer_id: int, reason: str | None = None
) -> PointTransferRead:
    """Take a gift back: before it is confirmed at once, afterwards by a movement back, with a reason.

    Raises:
        PointTransferNotFound, TransferNotInThisState
    """
    row = await _lock(session, transfer_id)
    if row.state == PointTransferState.ASKED and reason is None:
        row.state, row.finished_at = PointTransferState.CANCELLED.value, utc_now()
    elif row.state == PointTransferState.DONE and reason is not None:
        row.state = PointTransferState.CANCELLING.value
        row.cancel_attempts += 1
        await request_points(
            session,
            transfer(row.to_member_id, row.member_id, row.purse, row.units),
            service=SERVICE,
            reference=f"{_BACK}:{row.id}:{row.cancel_attempts}",
            asked_by=caller,
            reason=reason,
            patience=PATIENCE,
        )
    else:
        raise TransferNotInThisState
    row.cancelled_by, row.cancel_reason = caller.name, reason
    await session.flush()
    return shown(row)


async def read(session: AnySession, transfer_id: int) -> PointTransferRead:
    """One gift.

    Raises:
        PointTransferNotFound
    """
    row = await session.get(PointTransfer, transfer_id)
    if row is None:
        raise PointTransferNotFound
    return shown(row)


async def read_page(session: ReadSession, query: PointTransferQuery) -> Page[PointTransferRead]:
    """A page of gifts."""
    rows, next_cursor = await read_rows(session, select(PointTransfer), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch has made of a gift, or of taking it back, and tell both."""
    what, transfer_id = outcome.reference.split(":")[:2]
    row = await _lock(session, int(transfer_id))
    row.response_code = outcome.response_code
    if what == _GIVE:
        await _after_giving(session, row, outcome)
    else:
        await _after_taking_back(session, row, outcome)
    await session.flush()


async def _after_giving(session: WriteSession, row: PointTransfer, outcome: Outcome) -> None:
    if outcome.state is RequestState.DOUBTFUL:
        row.state = PointTransferState.DOUBTFUL.value
        return
    row.finished_at = utc_now()
    if outcome.state is not RequestState.APPROVED:
        row.state = PointTransferState.FAILED.value
        return
    row.state, row.rrn = PointTransferState.DONE.value, outcome.rrn
    emit(session, POINTS_GIVEN, Subject("point_transfer", row.id), _event(row))
    units = persian_digits(str(row.units))
    await _tell(
        session,
        row,
        "done",
        giver=(f"{units} امتیاز به عضو دیگری دادید.", f"You gave {row.units} points to another member."),
        receiver=(f"عضو دیگری {units} امتیاز به شما داد.", f"Another member gave you {row.units} points."),
    )


async def _after_taking_back(session: WriteSession, row: PointTransfer, outcome: Outcome) -> None:
    if outcome.state is RequestState.DOUBTFUL:
        return  # reconciliation tells the end
    if outcome.state is not RequestState.APPROVED:
        row.state = PointTransferState.DONE.value  # the receiver hasn't got them any more
        return
    row.state, row.cancel_rrn = PointTransferState.CANCELLED.value, outcome.rrn
    emit(session, POINTS_TAKEN_BACK, Subject("point_transfer", row.id), _event(row))
    units = persian_digits(str(row.units))
    await _tell(
        session,
        row,
        "cancelled",
        giver=(
            f"انتقال {units} امتیاز لغو شد و امتیازها برگشت.",
            f"Your transfer of {row.units} points was cancelled; they are back.",
        ),
        receiver=(
            f"انتقال {units} امتیاز به شما لغو شد.",
            f"A transfer of {row.units} points to you was cancelled.",
        ),
    )


async def _tell(
    session: WriteSession,
    row: PointTransfer,
    what: str,
    *,
    giver: tuple[str, str],
    receiver: tuple[str, str],
) -> None:
    for who, member_id, (text_fa, text_en) in (
        ("giver", row.member_id, giver),
        ("receiver", row.to_member_id, receiver),
    ):
        await tell_member(
            session,
            member_id,
            topic=SERVICE,
            reference=f"{row.id}:{what}:{who}",
            text_fa=text_fa,
            text_en=text_en,
        )


async def _receiver(session: AnySession, cipher: FieldCipher, wanted: PointTransferCreate) -> int:
    found = wanted.to_member_id
    if wanted.to_mobile is not None:
        found = (await members.ids_by_mobile(session, cipher, [wanted.to_mobile])).get(wanted.to_mobile)
    try:
        receiver = await members.find(session, found or 0)
    except members.MemberNotFound:
        raise ReceiverNotFound from None
    if receiver.status != MemberStatus.ACTIVE or receiver.id == wanted.member_id:
        raise ReceiverNotFound
    return receiver.id


async def _text_code(session: WriteSession, cipher: FieldCipher, row: PointTransfer) -> None:
    units = persian_digits(str(row.units))
    await codes.send_code(
        session,
        cipher,
        row.member_id,
        topic=SERVICE,
        reference=str(row.id),
        text_fa=f"کد انتقال {units} امتیاز به عضو دیگر",
        text_en=f"Code for giving {row.units} points to another member",
    )


async def _send(session: WriteSession, caller: Caller, row: PointTransfer) -> Asked:
    row.state = PointTransferState.SENT.value
    await session.flush()
    request_id = await request_points(
        session,
        transfer(row.member_id, row.to_member_id, row.purse, row.units),
        service=SERVICE,
        reference=f"{_GIVE}:{row.id}",
        asked_by=caller,
        reason=f"transfer {row.id}",
        patience=PATIENCE,
    )
    return shown(row), request_id


async def _lock(session: WriteSession, transfer_id: int) -> PointTransfer:
    row = await session.get(PointTransfer, transfer_id, with_for_update=True)
    if row is None:
        raise PointTransferNotFound
    return row


async def _lock_asked(session: WriteSession, transfer_id: int) -> PointTransfer:
    row = await _lock(session, transfer_id)
    if _state(row) is not PointTransferState.ASKED:
        raise TransferNotInThisState
    return row


def _state(row: PointTransfer) -> PointTransferState:
    """The state as it is now: whether a code is late is told by the clock."""
    state = PointTransferState(row.state)
    is_late = state is PointTransferState.ASKED and row.confirm_until <= utc_now()
    return PointTransferState.EXPIRED if is_late else state


def _event(row: PointTransfer) -> PointTransferEvent:
    return PointTransferEvent(
        transfer_id=row.id, member_id=row.member_id, to_member_id=row.to_member_id, units=row.units
    )


def shown(row: PointTransfer) -> PointTransferRead:
    """A gift as callers see it."""
    return PointTransferRead(
        id=row.id,
        state=_state(row),
        member_id=row.member_id,
        to_member_id=row.to_member_id,
        policy_id=row.policy_id,
        purse=row.purse,
        units=row.units,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        confirm_until=row.confirm_until,
        response_code=row.response_code,
        rrn=row.rrn,
        finished_at=row.finished_at,
        cancelled_by=row.cancelled_by,
        cancel_reason=row.cancel_reason,
        cancel_rrn=row.cancel_rrn,
    )
