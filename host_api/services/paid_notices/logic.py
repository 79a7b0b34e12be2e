"""Ordering paid notices: a price by the count of recipients, paid before anything is sent."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.isolation import programme_of
from host_api.core.ledger.outcomes import Outcome
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.second_person import asked_by, decide
from host_api.services.groups.audience import stored_audience
from host_api.services.members.interests import logic as interests
from host_api.services.paid_notices import policies, recipients
from host_api.services.paid_notices.listing import PaidNoticeFilters, PaidNoticeQuery
from host_api.services.paid_notices.models import PaidNotice
from host_api.services.paid_notices.problems import (
    PaidNoticeInterestUnknown,
    PaidNoticeNobody,
    PaidNoticeNoPurse,
    PaidNoticeNotFound,
    PaidNoticeNotNow,
    PaidNoticePriceChanged,
)
from host_api.services.paid_notices.schemas import PaidNoticeCreate, PaidNoticeRead
from host_api.services.paid_notices.states import NoticeMeans, PaidNoticeState
from host_api.services.sellers import logic as sellers
from host_api.services.sellers import movements
from host_api.services.sellers.movements import Moving
from host_api.services.sellers.states import PurseMeans, SellerMovementKind, SellerMovementState

SERVICE: Final = "paid_notices"


async def quote(session: WriteSession, caller: Caller, wanted: PaidNoticeCreate) -> PaidNotice:
    """Keep a notice with what it would cost; it holds nothing yet.

    Raises:
        SellerNotFound, SellerNotActive, PolicyMissing, PaidNoticeInterestUnknown, PaidNoticeNoPurse,
        PaidNoticeNobody
    """
    seller = await sellers.find_active(session, wanted.seller_id)
    if wanted.means is not NoticeMeans.ACCOUNT and seller.member_id is None:
        raise PaidNoticeNoPurse
    if not await interests.offered(session, [wanted.interest]):
        raise PaidNoticeInterestUnknown
    policy = await policies.open_one(session)
    now = utc_now()
    audience = stored_audience(wanted.audience)
    condition = recipients.interested(wanted.interest, policy, seller, now)
    most = min(wanted.most_recipients or policy.most_recipients, policy.most_recipients)
    found = await recipients.count(session, condition, audience, most, now)
    if not found:
        raise PaidNoticeNobody
    row = PaidNotice(
        seller_id=seller.id,
        policy_id=policy.id,
        interest=wanted.interest,
        audience=audience,
        text=wanted.text,
        text_fa=wanted.text_fa,
        means=wanted.means.value,
        recipients=found,
        message_rials=policy.message_rials,
        after_id=0,
        queued=0,
        sent=0,
        billed_rials=0,
        state=PaidNoticeState.QUOTED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return row


async def confirm(
    session: WriteSession, caller: Caller, notice_id: int, most_rials: int
) -> tuple[PaidNotice, int | None]:
    """Take the price: it is held on the account, or paid from a purse; the request's id too.

    Raises:
        PaidNoticeNotFound, PaidNoticeNotNow, PaidNoticePriceChanged, SellerNotActive, SellerLimitReached
    """
    row = await lock(session, notice_id)
    if row.state != PaidNoticeState.QUOTED:
        raise PaidNoticeNotNow
    if most_rials != price_of(row):
        raise PaidNoticePriceChanged
    seller = await sellers.find_active(session, row.seller_id)
    if row.means == NoticeMeans.ACCOUNT or seller.member_id is None:
        await sellers.hold(session, seller.id, price_of(row))
        row.state = PaidNoticeState.ASKED.value
        await session.flush()
        return row, None
    row.state = PaidNoticeState.PAYING.value
    moving = Moving(seller, seller.member_id, SERVICE, f"fee-{row.id}")
    _, request_id = await movements.ask_payment(
        session, caller, moving, PurseMeans(row.means), price_of(row), kind=SellerMovementKind.FEE
    )
    await session.flush()
    return row, request_id


async def approve(session: WriteSession, caller: Caller, notice_id: int) -> PaidNotice:
    """Let a notice be sent, as the second person.

    Raises:
        PaidNoticeNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, notice_id)
    decide(row, PaidNoticeState.SENDING, caller)
    await session.flush()
    return row


async def reject(session: WriteSession, caller: Caller, notice_id: int) -> PaidNotice:
    """Don't let it be sent, as the second person; it costs nothing.

    Raises:
        PaidNoticeNotFound, AlreadyDecided, OwnAct
    """
    row = await lock(session, notice_id)
    decide(row, PaidNoticeState.REJECTED, caller)
    await bill(session, caller, row)
    return row


async def cancel(session: WriteSession, caller: Caller, notice_id: int) -> PaidNotice:
    """Take a notice back before the club has decided; it costs nothing.

    Raises:
        PaidNoticeNotFound, PaidNoticeNotNow
    """
    row = await lock(session, notice_id)
    if row.state not in (PaidNoticeState.QUOTED, PaidNoticeState.ASKED):
        raise PaidNoticeNotNow
    is_paid = row.state == PaidNoticeState.ASKED
    row.state = PaidNoticeState.CANCELLED.value
    if is_paid:
        await bill(session, caller, row)
    await session.flush()
    return row


async def bill(session: WriteSession, caller: Caller, row: PaidNotice) -> None:
    """Take what messages sent cost, and let go of the rest; the notice's row is held."""
    row.billed_rials = row.sent * row.message_rials
    row.ended_at = utc_now()
    await session.flush()
    if row.means == NoticeMeans.ACCOUNT:
        await sellers.book(
            session,
            row.seller_id,
            row.billed_rials,
            sellers.SellerLineKind.NOTICE,
            service=SERVICE,
            reference=f"notice-{row.id}",
            held_rials=price_of(row),
        )
        return
    paid = await movements.find(session, SERVICE, f"fee-{row.id}")
    if paid is None:
        raise LookupError("a notice has lost its payment")
    # At the worth that a point had when it was paid, whatever it is now.
    kept = -(-paid.units * row.billed_rials // paid.rials)
    await movements.give_back(session, caller, paid, paid.units - kept)
    await session.flush()


async def on_outcomes(session: WriteSession, outcomes: Sequence[Outcome], /) -> None:
    """Go on with notices whose payment the switch has decided; returns only change their movement."""
    notice_ids = sorted({_notice_of(outcome) for outcome in outcomes})
    rows = await session.scalars(
        select(PaidNotice).where(PaidNotice.id.in_(notice_ids)).order_by(PaidNotice.id).with_for_update()
    )
    notices = {row.id: row for row in rows}
    for outcome in outcomes:
        moved = await movements.note_outcome(session, outcome)
        row = notices[_notice_of(outcome)]
        if row.state != PaidNoticeState.PAYING:
            continue
        if moved.state == SellerMovementState.DONE:
            row.state = PaidNoticeState.ASKED.value
        elif moved.state == SellerMovementState.REFUSED:
            row.state, row.ended_at = PaidNoticeState.REFUSED.value, utc_now()
    await session.flush()


async def lock(session: WriteSession, notice_id: int) -> PaidNotice:
    """A notice, kept from others.

    Raises:
        PaidNoticeNotFound
    """
    row = await session.get(PaidNotice, notice_id, with_for_update=True)
    if row is None:
        raise PaidNoticeNotFound
    return row


def price_of(row: PaidNotice) -> int:
    """What a notice costs at most."""
    return row.recipients * row.message_rials


async def read(session: AnySession, notice_id: int) -> PaidNoticeRead:
    """One notice.

    Raises:
        PaidNoticeNotFound
    """
    row = await session.get(PaidNotice, notice_id)
    if row is None:
        raise PaidNoticeNotFound
    return shown(row)


async def read_page(session: ReadSession, query: PaidNoticeQuery) -> Page[PaidNoticeRead]:
    """A page of notices."""
    rows, next_cursor = await read_rows(session, select(PaidNotice), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: PaidNoticeFilters, cursor: str | None, limit: int
) -> tuple[list[PaidNoticeRead], str | None]:
    """Up to `limit` notices after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(PaidNotice), query, cursor, limit)
    return [shown(row) for row in rows], next_cursor


def shown(row: PaidNotice) -> PaidNoticeRead:
    """A notice as callers see it."""
    return PaidNoticeRead.model_validate(
        {
            "id": row.id,
            "seller_id": row.seller_id,
            "interest": row.interest,
            "audience": row.audience,
            "text": row.text,
            "text_fa": row.text_fa,
            "means": row.means,
            "state": row.state,
            "recipients": row.recipients,
            "message_rials": row.message_rials,
            "most_rials": price_of(row),
            "queued": row.queued,
            "sent": row.sent,
            "billed_rials": row.billed_rials,
            "asked_by": row.asked_by_name,
            "asked_at": row.asked_at,
            "decided_by": row.decided_by_name,
            "decided_at": row.decided_at,
            "ended_at": row.ended_at,
        }
    )


def service_caller(session: WriteSession) -> Caller:
    """In whose name a job bills."""
    return system_caller(SERVICE, programme_of(session.sync_session))


def _notice_of(outcome: Outcome) -> int:
    return int(outcome.reference.partition(":")[0].removeprefix("fee-"))
