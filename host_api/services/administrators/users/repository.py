"""Queries about users."""

from collections.abc import Iterable

from sqlalchemy import select

from host_api.core.access.users import Role, User
from host_api.core.database import AnySession
from host_api.core.isolation import ANY_PROGRAMME


async def taken_usernames(session: AnySession, wanted: Iterable[str]) -> set[str]:
    """Those of `wanted` that a user of any programme has."""
    statement = select(User.username).where(User.username.in_(set(wanted)))
    return set(await session.scalars(statement, execution_options=ANY_PROGRAMME))


async def roles_by_id(session: AnySession, wanted: Iterable[int]) -> dict[int, Role]:
    """The roles with these ids."""
    rows = await session.scalars(select(Role).where(Role.id.in_(set(wanted))))
    return {role.id: role for role in rows}
