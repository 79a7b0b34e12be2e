"""What no administrator can do: give away more than he has, touch who has more, lock out every owner."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.access.permissions import EVERYTHING, includes
from host_api.core.access.users import Role, User, UserStatus
from host_api.core.database import AnySession, WriteSession
from host_api.core.errors import Problem
from host_api.core.isolation import programme_of
from host_api.core.programmes import Programme


class BeyondYourPermissions(Problem):
    """The change is about permissions that the caller does not have."""

    status = 403
    code = "beyond-your-permissions"
    title = "More than you have"
    title_fa = "بیش از اجازه‌های شما"
    detail = "You can't give permissions that you don't have, nor change who or what has them."
    detail_fa = "اجازه‌ای را که ندارید نمی‌توانید بدهید، و دارندهٔ آن را نمی‌توانید تغییر دهید."


class LastOwner(Problem):
    """Nobody who may do everything would be left."""

    status = 409
    code = "last-owner"
    title = "Last owner"
    title_fa = "واپسین مالک"
    detail = "This would leave the programme without an active user who may do everything."
    detail_fa = "با این کار هیچ کاربر فعالی با همهٔ اجازه‌ها در برنامه نمی‌ماند."


def require_within(caller: Caller, permissions: Iterable[str]) -> None:
    """See that `caller` holds all of `permissions`.

    Raises:
        BeyondYourPermissions
    """
    if not all(includes(caller.granted, name) for name in permissions):
        raise BeyondYourPermissions


@asynccontextmanager
async def keeping_an_owner(session: WriteSession) -> AsyncIterator[None]:
    """Around a change of users or roles: it may not take the last active owner away.

    Such changes queue for the programme's row, or two owners could demote each other at once. A programme
    that has no owner yet may go on without one.

    Raises:
        LastOwner
    """
    programme_id = programme_of(session.sync_session)
    # FOR NO KEY UPDATE: rows that refer to the programme can be added meanwhile.
    await session.execute(
        select(Programme.id).where(Programme.id == programme_id).with_for_update(key_share=True)
    )
    had_one = await _has_owner(session)
    yield
    await session.flush()
    if had_one and not await _has_owner(session):
        raise LastOwner


async def _has_owner(session: AnySession) -> bool:
    """Whether an active user may do everything. Permissions are JSON, so the few roles are looked through."""
    used = select(User.role_id).where(User.status == UserStatus.ACTIVE)
    permissions = await session.scalars(select(Role.permissions).where(Role.id.in_(used)))
    return any(EVERYTHING in names for names in permissions)
