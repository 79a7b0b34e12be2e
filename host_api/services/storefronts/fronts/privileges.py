"""What sellers grant members: made at own discretion, approved by the club, never changed but ended."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.counted_rows import change_count
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.core.second_person import asked_by, decide
from host_api.services.groups.audience import is_in, stored_audience
from host_api.services.instalment_sales.logic import InstalmentTerms
from host_api.services.members import logic as members
from host_api.services.storefronts.fronts import fronts, goods
from host_api.services.storefronts.fronts.listing import OwnPrivilegeQuery, StorefrontPrivilegeQuery
from host_api.services.storefronts.fronts.models import StorefrontGood, StorefrontPrivilege
from host_api.services.storefronts.fronts.problems import (
    PrivilegeGrantsNothing,
    StorefrontGoodNotFound,
    StorefrontPrivilegeNotFound,
)
from host_api.services.storefronts.fronts.schemas import (
    StorefrontPrivilegeCreate,
    StorefrontPrivilegeRead,
    StorefrontPrivilegeUpdate,
)
from host_api.services.storefronts.fronts.states import ShowState


async def grant(
    session: WriteSession, caller: Caller, wanted: StorefrontPrivilegeCreate
) -> StorefrontPrivilege:
    """Ask for a privilege to be shown.

    Raises:
        StorefrontNotFound, StorefrontClosed, SellerNotActive, StorefrontGoodNotFound, PrivilegeGrantsNothing
    """
    await fronts.find_unclosed(session, wanted.storefront_id)
    if not (wanted.discount_bp or wanted.bonus_points or wanted.instalments):
        raise PrivilegeGrantsNothing
    if wanted.good_id is not None:
        good = await goods.find(session, wanted.good_id)
        if good.storefront_id != wanted.storefront_id:
            raise StorefrontGoodNotFound
    row = StorefrontPrivilege(
        **wanted.model_dump(exclude={"audience", "starts_at", "instalments", "quantity"}),
        **asked_by(caller),
        audience=stored_audience(wanted.audience),
        starts_at=wanted.starts_at or utc_now(),
        instalments=None if wanted.instalments is None else wanted.instalments.model_dump(mode="json"),
        left=wanted.quantity,
        state=ShowState.ASKED.value,
    )
    session.add(row)
    await session.flush()
    return row


async def end(
    session: WriteSession, privilege_id: int, if_match: str, wanted: StorefrontPrivilegeUpdate
) -> StorefrontPrivilege:
    """Let a privilege end at another time.

    Raises:
        StorefrontPrivilegeNotFound, ChangedMeanwhile
    """
    row = await session.get(StorefrontPrivilege, privilege_id, with_for_update=True)
    if row is None:
        raise StorefrontPrivilegeNotFound
    check_version(row, if_match)
    row.ends_at = wanted.ends_at
    await session.flush()
    return row


async def decide_privilege(
    session: WriteSession, caller: Caller, privilege_id: int, state: ShowState
) -> StorefrontPrivilege:
    """Have a privilege shown or not, as the second person.

    Raises:
        StorefrontPrivilegeNotFound, AlreadyDecided, OwnAct
    """
    row = await session.get(StorefrontPrivilege, privilege_id, with_for_update=True)
    if row is None:
        raise StorefrontPrivilegeNotFound
    decide(row, state, caller)
    await session.flush()
    return row


async def find(session: AnySession, privilege_id: int) -> StorefrontPrivilege:
    """One privilege.

    Raises:
        StorefrontPrivilegeNotFound
    """
    row = await session.get(StorefrontPrivilege, privilege_id)
    if row is None:
        raise StorefrontPrivilegeNotFound
    return row


async def is_for(
    session: AnySession, row: StorefrontPrivilege, good: StorefrontGood, member_id: int, now: datetime
) -> bool:
    """Whether a member may buy goods with a privilege at `now`."""
    is_open = (
        row.state == ShowState.SHOWN and row.starts_at <= now and (row.ends_at is None or now < row.ends_at)
    )
    is_of_good = row.storefront_id == good.storefront_id and row.good_id in (None, good.id)
    return is_open and is_of_good and await is_in(session, row.audience, member_id, now)


async def change_left(session: WriteSession, privilege_id: int, change: int) -> bool:
    """Take from what can be bought with it or give back to it; False where not enough is left."""
    left = await session.scalar(
        select(StorefrontPrivilege.left).where(StorefrontPrivilege.id == privilege_id)
    )
    if left is None:
        return True
    row: list[ColumnElement[bool]] = [StorefrontPrivilege.id == privilege_id]
    return await change_count(session, StorefrontPrivilege.left, row, change) is not None


async def read_page(session: ReadSession, query: StorefrontPrivilegeQuery) -> Page[StorefrontPrivilegeRead]:
    """A page of privileges."""
    rows, next_cursor = await read_rows(session, select(StorefrontPrivilege), query)
    return Page(items=[shown(row) for row in rows], next_cursor=next_cursor)


async def read_own(
    session: ReadSession, member_id: int, query: OwnPrivilegeQuery
) -> Page[StorefrontPrivilegeRead]:
    """Those of a page of the privileges in force that a member has; a page may have fewer than its limit.

    Raises:
        members.MemberNotFound
    """
    await members.find(session, member_id)
    now = utc_now()
    row = StorefrontPrivilege
    statement = select(row).where(
        row.state == ShowState.SHOWN.value,
        row.starts_at <= now,
        or_(row.ends_at.is_(None), row.ends_at > now),
        or_(row.left.is_(None), row.left > 0),
    )
    rows, next_cursor = await read_rows(session, statement, query)
    own = [each for each in rows if await is_in(session, each.audience, member_id, now)]
    return Page(items=[shown(each) for each in own], next_cursor=next_cursor)


def terms_of(row: StorefrontPrivilege) -> InstalmentTerms | None:
    """How what is bought with it may be paid in parts."""
    return None if row.instalments is None else InstalmentTerms.model_validate(row.instalments)


def shown(row: StorefrontPrivilege) -> StorefrontPrivilegeRead:
    """A privilege as callers see it."""
    return StorefrontPrivilegeRead.model_validate(
        {
            **fronts.decision(row).model_dump(),
            "id": row.id,
            "storefront_id": row.storefront_id,
            "good_id": row.good_id,
            "title": row.title,
            "title_fa": row.title_fa,
            "audience": row.audience,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "discount_bp": row.discount_bp,
            "bonus_points": row.bonus_points,
            "instalments": row.instalments,
            "left": row.left,
            "most_per_member": row.most_per_member,
        }
    )
