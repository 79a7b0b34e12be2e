"""Makes a user from the command line: the first owner, or one when every owner is locked out."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from host_api.core.access.caller import system_caller
from host_api.core.access.role_templates import owners_role
from host_api.core.access.usernames import Username
from host_api.core.access.users import Role, User
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, Database
from host_api.core.password_policy import PasswordFault, check_password
from host_api.core.passwords import Passwords
from host_api.core.persian_text import fold_name
from host_api.core.programmes import Programme
from host_api.core.settings import Settings
from host_api.services.administrators.users.logic import UsernameTaken, user_values
from host_api.services.administrators.users.repository import taken_usernames
from host_api.startup import EXIT_CANNOT_START, CannotStart, prepare, read_settings

_NAME_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class WantedUser:
    """Who is to be made.

    Attributes:
        role: name of the role, None for the owner's.
        programme: code of the programme, None for the first.
    """

    username: str
    display_name: str
    password: str = field(repr=False)
    role: str | None = None
    programme: str | None = None


class CannotAdd(Exception):  # noqa: N818
    """The user can't be made; the text is the one line that the operator reads."""


async def add_user(settings: Settings, wanted: WantedUser) -> int:
    """Make a user with a password, and give the id.

    Raises:
        CannotStart: the database can't be used.
        CannotAdd: the user can't be made.
    """
    try:
        username = TypeAdapter(Username).validate_python(wanted.username)
    except ValidationError as error:
        raise CannotAdd(error.errors(include_input=False)[0]["msg"]) from None
    display_name = fold_name(wanted.display_name)[:_NAME_CHARACTERS]
    if not display_name:
        raise CannotAdd("the name is empty")
    try:
        check_password(wanted.password, personal=(username, display_name))
    except PasswordFault as fault:
        raise CannotAdd(f"{fault.message} · {fault.message_fa}") from None
    passwords = Passwords()
    try:
        hashed = await passwords.hash(wanted.password)
    finally:
        passwords.close()
    database = Database(settings.sqlalchemy_url)
    await prepare(database, settings)
    try:
        return await _store(database, wanted, username, display_name, hashed)
    finally:
        await database.dispose()


async def _store(
    database: Database, wanted: WantedUser, username: str, display_name: str, hashed: str
) -> int:
    async with database.reading() as session:
        programme_id = await _programme(session, wanted.programme)
    async with database.writing(programme_id) as session:
        audit_as(session, system_caller("command line", programme_id))
        role_id = await _role(session, programme_id, wanted.role)
        if await taken_usernames(session, [username]):
            raise CannotAdd(UsernameTaken.detail)
        values, _ = user_values(username, display_name, utc_now())
        own = {"password_hash": hashed, "first_password_sha256": None, "first_password_expires_at": None}
        user = User(**(values | own), role_id=role_id)
        session.add(user)
        await session.flush()
        return user.id


async def _programme(session: AnySession, code: str | None) -> int:
    statement = select(Programme.id).order_by(Programme.id).limit(1)
    if code is not None:
        statement = statement.where(Programme.code == code)
    programme_id = await session.scalar(statement)
    if programme_id is None:
        raise CannotAdd("there is no such programme")
    return programme_id


async def _role(session: AnySession, programme_id: int, name: str | None) -> int:
    if name is None:
        role_id = await owners_role(session, programme_id)
    else:
        role_id = await session.scalar(select(Role.id).where(Role.name == fold_name(name)))
    if role_id is None:
        names = ", ".join(await session.scalars(select(Role.name).order_by(Role.id)))
        raise CannotAdd(f"there is no such role; the roles are: {names}")
    return role_id


def main(wanted: Callable[[], WantedUser]) -> int:
    """Make the user that `wanted` asks for, with the settings of the environment.

    One JSON line on stdout; 2 and one line on stderr when it can't.
    """
    try:
        settings = read_settings()
        asked = wanted()
        user_id = asyncio.run(add_user(settings, asked))
    except (CannotStart, CannotAdd) as error:
        print(f"host_api: {error}", file=sys.stderr)
        return EXIT_CANNOT_START
    print(json.dumps({"added": "user", "id": user_id, "username": asked.username}))
    return 0
