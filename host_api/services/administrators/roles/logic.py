"""Roles: nobody makes, changes or deletes one that may do more than himself."""

from sqlalchemy import exists, select

from host_api.core.access.caller import Caller
from host_api.core.access.users import Role, User
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.administrators.limits_of_power import keeping_an_owner, require_within
from host_api.services.administrators.roles.schemas import RoleCreate, RoleQuery, RoleRead, RoleUpdate


class RoleNotFound(Problem):
    """No role has this id."""

    status = 404
    code = "role-not-found"
    title = "Role not found"
    title_fa = "نقش پیدا نشد"
    detail = "There is no role with this id."
    detail_fa = "نقشی با این شناسه وجود ندارد."


class RoleNameTaken(Problem):
    """Another role has this name."""

    status = 409
    code = "role-name-taken"
    title = "Role name taken"
    title_fa = "نام نقش تکراری است"
    detail = "Another role has this name already."
    detail_fa = "نقش دیگری با همین نام هست."
    field = "name"


class RoleInUse(Problem):
    """Users have this role."""

    status = 409
    code = "role-in-use"
    title = "Role in use"
    title_fa = "نقش در کار است"
    detail = "Users have this role; give them another one first."
    detail_fa = "کاربرانی این نقش را دارند؛ نخست نقش دیگری به آنان بدهید."


async def create(session: WriteSession, caller: Caller, wanted: RoleCreate) -> Role:
    """Make a role.

    Raises:
        RoleNameTaken, BeyondYourPermissions
    """
    require_within(caller, wanted.permissions)
    role = Role(name=wanted.name, permissions=wanted.permissions, created_at=utc_now())
    session.add(role)
    async with conflict_as(RoleNameTaken()):
        await session.flush()
    return role


async def find(session: AnySession, role_id: int) -> Role:
    """One role.

    Raises:
        RoleNotFound
    """
    role = await session.get(Role, role_id)
    if role is None:
        raise RoleNotFound
    return role


async def read_page(session: ReadSession, query: RoleQuery) -> Page[RoleRead]:
    """A page of roles."""
    roles, next_cursor = await read_rows(session, select(Role), query)
    return Page(items=[shown(role) for role in roles], next_cursor=next_cursor)


async def change(
    session: WriteSession, caller: Caller, role_id: int, if_match: str, wanted: RoleUpdate
) -> Role:
    """Change a role; its users have the new permissions at their next request.

    Raises:
        RoleNotFound, ChangedMeanwhile, RoleNameTaken, BeyondYourPermissions, LastOwner
    """
    async with keeping_an_owner(session):
        role = await _lock(session, caller, role_id, if_match)
        if wanted.permissions is not None:
            require_within(caller, wanted.permissions)
            role.permissions = wanted.permissions
        if wanted.name is not None:
            role.name = wanted.name
        async with conflict_as(RoleNameTaken()):
            await session.flush()
    return role


async def delete(session: WriteSession, caller: Caller, role_id: int, if_match: str) -> None:
    """Delete a role that nobody has.

    Raises:
        RoleNotFound, ChangedMeanwhile, RoleInUse, BeyondYourPermissions
    """
    role = await _lock(session, caller, role_id, if_match)
    if await session.scalar(select(exists().where(User.role_id == role_id))):
        raise RoleInUse
    await session.delete(role)
    async with conflict_as(RoleInUse()):
        await session.flush()


def shown(role: Role) -> RoleRead:
    """The role as it is shown."""
    return RoleRead(
        id=role.id, name=role.name, permissions=sorted(role.permissions), created_at=role.created_at
    )


async def _lock(session: WriteSession, caller: Caller, role_id: int, if_match: str) -> Role:
    role = await session.get(Role, role_id, with_for_update=True)
    if role is None:
        raise RoleNotFound
    check_version(role, if_match)
    require_within(caller, role.permissions)
    return role
