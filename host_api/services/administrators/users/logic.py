"""Users of the back office: made with a first password, changed, blocked, given another password."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from host_api.core.access import login_failures
from host_api.core.access.caller import Caller
from host_api.core.access.first_password import new_first_password
from host_api.core.access.login import end_logins, lock_user
from host_api.core.access.own_account import drop_totp
from host_api.core.access.permissions import includes
from host_api.core.access.users import User, UserStatus
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import FieldProblem, Problem, ValidationFailed
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.administrators.limits_of_power import (
    BeyondYourPermissions,
    keeping_an_owner,
    require_within,
)
from host_api.services.administrators.users import repository
from host_api.services.administrators.users.listing import UserQuery
from host_api.services.administrators.users.schemas import (
    PasswordReset,
    UserCreate,
    UserIssued,
    UserRead,
    UserUpdate,
)


class UserNotFound(Problem):
    """No user has this id."""

    status = 404
    code = "user-not-found"
    title = "User not found"
    title_fa = "کاربر پیدا نشد"
    detail = "There is no user with this id."
    detail_fa = "کاربری با این شناسه وجود ندارد."


class UsernameTaken(Problem):
    """Another user has this name."""

    status = 409
    code = "username-taken"
    title = "User name taken"
    title_fa = "نام کاربری تکراری است"
    detail = "Another user has this user name already."
    detail_fa = "کاربر دیگری با همین نام کاربری هست."
    field = "username"


class RoleUnknown(Problem):
    """No role has this id."""

    status = 422
    code = "role-unknown"
    title = "No such role"
    title_fa = "چنین نقشی نیست"
    detail = "There is no role with this id."
    detail_fa = "نقشی با این شناسه وجود ندارد."
    field = "role_id"


async def create(session: WriteSession, caller: Caller, wanted: UserCreate) -> UserIssued:
    """Make a user.

    Raises:
        RoleUnknown, UsernameTaken, BeyondYourPermissions
    """
    faults = await _faults(session, caller, [wanted])
    for fault in faults[:1]:
        raise fault[1]
    return (await _store(session, [wanted]))[0]


async def create_many(
    session: WriteSession, caller: Caller, wanted: Sequence[UserCreate]
) -> list[UserIssued]:
    """Make all of them, or none.

    Raises:
        ValidationFailed: names every row that can't be made.
        UsernameTaken: somebody took one of the names at this moment.
    """
    faults = await _faults(session, caller, wanted)
    if faults:
        raise ValidationFailed([_of_row(number, problem) for number, problem in faults])
    return await _store(session, wanted)


async def read(session: AnySession, user_id: int) -> tuple[User, UserRead]:
    """One user, as a row and as it is shown.

    Raises:
        UserNotFound
    """
    user = await session.scalar(
        select(User).where(User.id == user_id).options(joinedload(User.role, innerjoin=True))
    )
    if user is None:
        raise UserNotFound
    return user, _read(user)


async def read_page(session: ReadSession, query: UserQuery) -> Page[UserRead]:
    """A page of users."""
    statement = select(User).options(joinedload(User.role, innerjoin=True))
    users, next_cursor = await read_rows(session, statement, query)
    return Page(items=[_read(user) for user in users], next_cursor=next_cursor)


async def change(
    session: WriteSession, caller: Caller, user_id: int, if_match: str, wanted: UserUpdate
) -> tuple[User, UserRead]:
    """Change a user; of a blocked one all logins end.

    Raises:
        UserNotFound, ChangedMeanwhile, RoleUnknown, BeyondYourPermissions, LastOwner
    """
    async with keeping_an_owner(session):
        user = await _lock(session, caller, user_id)
        check_version(user, if_match)
        if wanted.display_name is not None:
            user.display_name = wanted.display_name
        if wanted.role_id is not None and wanted.role_id != user.role_id:
            role = (await repository.roles_by_id(session, [wanted.role_id])).get(wanted.role_id)
            if role is None:
                raise RoleUnknown
            require_within(caller, role.permissions)
            user.role = role
        if wanted.status is not None and wanted.status != user.status:
            user.status = wanted.status.value
            if wanted.status is UserStatus.BLOCKED:
                await end_logins(session, user.id, utc_now())
    return user, _read(user)


async def reset_password(
    session: WriteSession, caller: Caller, user_id: int, wanted: PasswordReset
) -> UserIssued:
    """Give a user a first password in place of the one he has; all his logins end.

    Raises:
        UserNotFound, BeyondYourPermissions
    """
    now = utc_now()
    user = await _lock(session, caller, user_id)
    first = new_first_password(now)
    user.password_hash = ""
    user.first_password_sha256, user.first_password_expires_at = first.sha256, first.expires_at
    if wanted.drop_totp:
        drop_totp(user)
    await end_logins(session, user.id, now)
    await session.flush()
    await login_failures.forget(session, login_failures.slot_of_name(user.username))
    return _issued(user, first.text)


async def _lock(session: WriteSession, caller: Caller, user_id: int) -> User:
    user = await lock_user(session, user_id)
    if user is None:
        raise UserNotFound
    require_within(caller, user.role.permissions)
    return user


async def _faults(
    session: AnySession, caller: Caller, wanted: Sequence[UserCreate]
) -> list[tuple[int, Problem]]:
    """What keeps rows from being made, each with the row's number from 0."""
    taken = await repository.taken_usernames(session, [row.username for row in wanted])
    roles = await repository.roles_by_id(session, [row.role_id for row in wanted])
    faults: list[tuple[int, Problem]] = []
    for number, row in enumerate(wanted):
        role = roles.get(row.role_id)
        if role is None:
            faults.append((number, RoleUnknown()))
        elif not all(includes(caller.granted, name) for name in role.permissions):
            faults.append((number, BeyondYourPermissions()))
        if row.username in taken:
            faults.append((number, UsernameTaken()))
        taken.add(row.username)  # the same name further down is a second one
    return faults


async def _store(session: WriteSession, wanted: Sequence[UserCreate]) -> list[UserIssued]:
    now = utc_now()
    roles = await repository.roles_by_id(session, [row.role_id for row in wanted])
    made: list[tuple[User, str]] = []
    for row in wanted:
        values, first_password = user_values(row.username, row.display_name, now)
        made.append((User(**values, role=roles[row.role_id]), first_password))
    session.add_all(user for user, _ in made)
    async with conflict_as(UsernameTaken()):
        await session.flush()
    return [_issued(user, first_password) for user, first_password in made]


def user_values(username: str, display_name: str, now: datetime) -> tuple[dict[str, object], str]:
    """Columns of a new user but role and programme, and the first password that he has."""
    first = new_first_password(now)
    values: dict[str, object] = {
        "username": username,
        "display_name": display_name,
        "password_hash": "",
        "first_password_sha256": first.sha256,
        "first_password_expires_at": first.expires_at,
        "status": UserStatus.ACTIVE.value,
        "totp_secret": None,
        "totp_unconfirmed": None,
        "totp_last_step": 0,
        "recovery_sha256": [],
        "last_login_at": None,
        "created_at": now,
    }
    return values, first.text


def _of_row(number: int, problem: Problem) -> FieldProblem:
    return FieldProblem(
        field=f"users.{number}.{problem.field or 'role_id'}",
        location="body",
        code=problem.code,
        message=problem.detail,
        message_fa=problem.detail_fa,
    )


def _read(user: User) -> UserRead:
    return UserRead(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        role_id=user.role.id,
        role_name=user.role.name,
        status=UserStatus(user.status),
        has_totp=user.totp_secret is not None,
        has_first_password=user.has_first_password,
        last_login_at=user.last_login_at,
        created_at=user.created_at,
    )


def _issued(user: User, first_password: str) -> UserIssued:
    return UserIssued.model_validate(
        {
            **_read(user).model_dump(),
            "first_password": first_password,
            "first_password_expires_at": user.first_password_expires_at,
        }
    )
