"""Who gets a notice: interested, consenting, reachable members who have not had too many."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.services.groups.audience import StoredAudience, those_in
from host_api.services.members import logic as members
from host_api.services.members import selection
from host_api.services.members.identities import logic as identities
from host_api.services.members.identities.kinds import BuiltIn
from host_api.services.members.interests import logic as interests
from host_api.services.members.schemas import MemberStatus
from host_api.services.paid_notices.models import NoticeConsent, PaidNoticeMessage, PaidNoticePolicy
from host_api.services.paid_notices.schemas import NoticeConsentRead
from host_api.services.paid_notices.states import NoticeMessageState
from host_api.services.sellers.models import Seller
from host_api.services.storefronts.orders import logic as orders

_IDS_AT_ONCE: Final = 500


def interested(interest: str, policy: PaidNoticePolicy, seller: Seller, now: datetime) -> ColumnElement[bool]:
    """Which members may get a notice of an interest at `now`; never the seller."""
    member = selection.MEMBER_ID
    conditions = [
        selection.TEXTS["status"] == MemberStatus.ACTIVE.value,
        member.in_(select(NoticeConsent.member_id)),
        member.in_(identities.members_who_have(BuiltIn.MOBILE.value)),
        or_(member.in_(interests.members_with(interest)), member.in_(orders.buyers_of(interest))),
        member.not_in(_had_enough(policy, now)),
    ]
    if seller.member_id is not None:
        conditions.append(member != seller.member_id)
    return and_(*conditions)


async def next_ids(
    session: AnySession,
    condition: ColumnElement[bool],
    audience: StoredAudience,
    after: int,
    now: datetime,
) -> tuple[list[int], int | None]:
    """The next of them behind a member, some hundreds at most, and how far the members were gone through;
    None at their end."""
    found = await selection.briefs_where(
        session,
        condition,
        after=after,
        up_to=await selection.highest_id(session),
        limit=_IDS_AT_ONCE,
    )
    ids = [brief.id for brief in found]
    if not ids:
        return [], None
    chosen = await those_in(session, audience, ids, now)
    return [number for number in ids if number in chosen], ids[-1]


async def count(
    session: AnySession, condition: ColumnElement[bool], audience: StoredAudience, most: int, now: datetime
) -> int:
    """How many there are, up to `most`."""
    if audience is None:
        return min(await selection.count(session, condition), most)
    found, after = 0, 0
    while found < most:
        ids, last = await next_ids(session, condition, audience, after, now)
        if last is None:
            break
        found, after = found + len(ids), last
    return min(found, most)


async def lock_those_who_may(
    session: WriteSession, condition: ColumnElement[bool], member_ids: list[int]
) -> list[int]:
    """Members, kept from others, who still may get it: another notice may have come to them meanwhile."""
    await selection.lock(session, member_ids)
    still = await selection.ids_where(session, condition, among=member_ids)
    return [number for number in member_ids if number in still]


async def read_consent(session: AnySession, member_id: int) -> NoticeConsentRead:
    """Whether a member wants notices.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    return _shown(member_id, await _consent(session, member_id))


async def change_consent(session: WriteSession, member_id: int, *, is_given: bool) -> NoticeConsentRead:
    """Let a member want notices, or not any more.

    Raises:
        members.MemberNotFound
    """
    await members.lock(session, member_id)
    row = await _consent(session, member_id)
    if is_given and row is None:
        row = NoticeConsent(member_id=member_id, given_at=utc_now())
        session.add(row)
    elif not is_given and row is not None:
        await session.delete(row)
        row = None
    await session.flush()
    return _shown(member_id, row)


def _had_enough(policy: PaidNoticePolicy, now: datetime) -> Select[int]:
    message = PaidNoticeMessage
    return (
        select(message.member_id)
        .where(
            message.queued_at > now - timedelta(days=policy.per_days),
            message.state != NoticeMessageState.LOST.value,
        )
        .group_by(message.member_id)
        .having(func.count(message.id) >= policy.most_per_member)
    )


async def _consent(session: AnySession, member_id: int) -> NoticeConsent | None:
    return await session.scalar(select(NoticeConsent).where(NoticeConsent.member_id == member_id))


def _shown(member_id: int, row: NoticeConsent | None) -> NoticeConsentRead:
    return NoticeConsentRead(
        member_id=member_id, is_given=row is not None, given_at=None if row is None else row.given_at
    )
