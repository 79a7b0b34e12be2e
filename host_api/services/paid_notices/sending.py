"""Sending approved notices in bounded steps, and billing them when each message is sent or lost."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.services.messages.logic import fates, tell_members
from host_api.services.messages.member_text import MemberText, Telling, TextFate
from host_api.services.paid_notices import logic, recipients
from host_api.services.paid_notices.events import PAID_NOTICE_DONE, PaidNoticeDone
from host_api.services.paid_notices.models import PaidNotice, PaidNoticeMessage, PaidNoticePolicy
from host_api.services.paid_notices.states import NoticeMessageState, PaidNoticeState
from host_api.services.sellers import logic as sellers

TOPIC: Final = "paid-notice"

_AT_ONCE: Final = 500
_FATES: Final = {TextFate.SENT: NoticeMessageState.SENT, TextFate.LOST: NoticeMessageState.LOST}


async def in_state(session: AnySession, state: PaidNoticeState, after: int, limit: int) -> Sequence[int]:
    """Ids of the next notices in a state."""
    found = await session.scalars(
        select(PaidNotice.id)
        .where(PaidNotice.state == state.value, PaidNotice.id > after)
        .order_by(PaidNotice.id)
        .limit(limit)
    )
    return found.all()


async def queue_some(session: WriteSession, notice_id: int) -> bool:
    """Queue the next messages of a notice; whether there may be more."""
    row = await logic.lock(session, notice_id)
    if row.state != PaidNoticeState.SENDING:
        return False
    policy = await session.get_one(PaidNoticePolicy, row.policy_id)
    seller = await sellers.find(session, row.seller_id)
    now = utc_now()
    condition = recipients.interested(row.interest, policy, seller, now)
    ids, last = await recipients.next_ids(session, condition, row.audience, row.after_id, now)
    wanted = ids[: row.recipients - row.queued]
    if len(wanted) < len(ids):  # whoever comes behind them has their turn where one of these may not any more
        last = wanted[-1]
    chosen = await recipients.lock_those_who_may(session, condition, wanted)
    session.add_all(
        PaidNoticeMessage(
            notice_id=row.id, member_id=member_id, state=NoticeMessageState.QUEUED.value, queued_at=now
        )
        for member_id in chosen
    )
    text = MemberText(row.text_fa, row.text)
    await tell_members(
        session, [Telling(number, TOPIC, _reference(row.id, number), text) for number in chosen]
    )
    row.queued += len(chosen)
    if last is not None:
        row.after_id = last
    if last is None or row.queued == row.recipients:
        row.state = PaidNoticeState.SETTLING.value
    await session.flush()
    return row.state == PaidNoticeState.SENDING


async def settle_some(session: WriteSession, notice_id: int, after: int) -> int | None:
    """See what became of the next messages behind an id, and bill the notice when none waits any more.

    Returns:
        The last message's id; None at their end.
    """
    row = await logic.lock(session, notice_id)
    if row.state != PaidNoticeState.SETTLING:
        return None
    message = PaidNoticeMessage
    of_notice = (message.notice_id == row.id, message.state == NoticeMessageState.QUEUED.value)
    found = (
        await session.scalars(
            select(message).where(*of_notice, message.id > after).order_by(message.id).limit(_AT_ONCE)
        )
    ).all()
    told = await fates(session, TOPIC, [_reference(row.id, each.member_id) for each in found])
    for each in found:
        fate = told[_reference(row.id, each.member_id)]
        if fate in _FATES:
            each.state = _FATES[fate].value
            row.sent += fate is TextFate.SENT
    await session.flush()
    if len(found) == _AT_ONCE:
        return found[-1].id
    if not await session.scalar(select(func.count(message.id)).where(*of_notice)):
        row.state = PaidNoticeState.DONE.value
        await logic.bill(session, logic.service_caller(session), row)
        done = PaidNoticeDone(
            notice_id=row.id,
            seller_id=row.seller_id,
            queued=row.queued,
            sent=row.sent,
            billed_rials=row.billed_rials,
        )
        emit(session, PAID_NOTICE_DONE, Subject("paid_notice", row.id), done)
    return None


def _reference(notice_id: int, member_id: int) -> str:
    return f"{notice_id}-{member_id}"
