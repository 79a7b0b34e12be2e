"""Logging in with a password, renewing a login with its refresh token, and ending logins.

Nobody is known when this begins, so it opens its own sessions: one to count the try and find the user, none
while the password is hashed, one to make the login.
"""

import logging
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from host_api.core.access import login_failures
from host_api.core.access.caller import Caller, CallerKind
from host_api.core.access.credentials import Credential, CredentialKind, new_credential, read_credential
from host_api.core.access.first_password import is_first_password
from host_api.core.access.login_problems import CodeNeeded, LoginEnded, LoginFailed, LoginLocked, LoginsBusy
from host_api.core.access.second_factor import SecondFactor, use_second_factor
from host_api.core.access.usernames import folded_username
from host_api.core.access.users import Login, User, UserStatus
from host_api.core.audit import audit_as, note
from host_api.core.database import AnySession, WriteSession
from host_api.core.isolation import ANY_PROGRAMME, work_for
from host_api.core.passwords import PasswordsBusy, Verification
from host_api.core.programmes import Programme, ProgrammeStatus
from host_api.core.runtime import Runtime

ACCESS_VALID_FOR: Final = timedelta(minutes=15)
REFRESH_VALID_FOR: Final = timedelta(hours=12)
LONGEST_LOGIN: Final = timedelta(days=7)
MOST_LOGINS: Final = 20
_KEPT_FOR: Final = timedelta(days=30)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came with a login; never shown by `repr`."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    totp: str | None = field(repr=False)
    address: str
    request_id: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What a login gives."""

    access: Credential
    refresh: Credential
    must_change_password: bool


async def log_in(runtime: Runtime, attempt: Attempt, now: datetime) -> Tokens:
    """Begin a login.

    For an unknown user the same is done as for a wrong password, the hashing too.

    Raises:
        LoginFailed, CodeNeeded, LoginLocked, LoginsBusy
    """
    username = folded_username(attempt.username)
    slots = [login_failures.slot_of_name(username), login_failures.slot_of_address(attempt.address)]
    async with runtime.database.writing() as session:
        wait = await login_failures.count_try(session, slots, now)
        user = await session.scalar(
            select(User).where(User.username == username), execution_options=ANY_PROGRAMME
        )
    if wait > timedelta(0):
        raise LoginLocked(headers={"Retry-After": str(math.ceil(wait.total_seconds()))})
    try:
        verification = await runtime.passwords.verify(attempt.password, user.password_hash if user else None)
    except PasswordsBusy:
        async with runtime.database.writing() as session:
            await login_failures.take_back(session, slots)
        raise LoginsBusy from None
    is_first = is_first_password(user, attempt.password, now)
    if user is None or not (verification.matches or is_first):
        _log.info("a login from %s failed", attempt.address)
        raise LoginFailed
    return await _after_password(runtime, attempt, user, verification, slots=slots, now=now)


async def _after_password(
    runtime: Runtime,
    attempt: Attempt,
    known: User,
    verification: Verification,
    *,
    slots: list[int],
    now: datetime,
) -> Tokens:
    tokens: Tokens | None = None
    factor = SecondFactor.WRONG
    async with runtime.database.writing(known.programme_id) as session:
        user = await lock_user(session, known.id)
        # What was compared may have been changed, or the user blocked, while it was hashed.
        is_same = user is not None and (user.password_hash, user.first_password_sha256) == (
            known.password_hash,
            known.first_password_sha256,
        )
        if user is not None and is_same and await _may_log_in(session, user):
            factor = await use_second_factor(session, runtime.vault.cipher, user, attempt.totp, now)
        if user is not None and factor is SecondFactor.PASSED:
            audit_as(session, _caller(user), attempt.request_id)
            tokens = await _begin(session, user, now)
            change: dict[str, object] = {"last_login_at": now}
            if verification.replacement is not None:
                change["password_hash"] = verification.replacement
            await session.execute(update(User).where(User.id == user.id).values(**change))
            await login_failures.forget(session, slots[0])
            await login_failures.take_back(session, slots[1:])
        elif factor is SecondFactor.MISSING:
            await login_failures.take_back(session, slots)
    if tokens is not None:
        return tokens
    if factor is SecondFactor.MISSING:
        raise CodeNeeded
    _log.info("a login of user %d from %s failed", known.id, attempt.address)
    raise LoginFailed


async def renew(runtime: Runtime, refresh_token: str, request_id: str | None, now: datetime) -> Tokens:
    """New tokens in place of those of a login.

    Raises:
        LoginEnded: also for a token that was replaced before; its login has then been ended.
    """
    shown = read_credential(refresh_token, CredentialKind.REFRESH)
    if shown is None:
        raise LoginEnded
    tokens: Tokens | None = None
    async with runtime.database.writing() as session:
        login = await session.scalar(
            select(Login).where(Login.login_id == shown.credential_id).with_for_update(),
            execution_options=ANY_PROGRAMME,
        )
        is_ours = shown.descends_from(login.family_sha256 if login else None)
        if login is not None and is_ours and login.ended_at is None:
            work_for(session.sync_session, login.programme_id)
            user = await session.get_one(User, login.user_id)
            audit_as(session, _caller(user), request_id)
            if not shown.matches(login.refresh_sha256):
                _log.warning("a refresh token of user %d came twice; login %s ends", user.id, login.login_id)
                _end(session, login, "reuse", now)
            elif login.refresh_expires_at > now and await _may_log_in(session, user):
                tokens = Tokens(
                    new_credential(CredentialKind.ACCESS, login.login_id),
                    shown.renewed(),
                    user.has_first_password,
                )
                _give(login, tokens, now)
    if tokens is None:
        raise LoginEnded
    return tokens


async def open_logins(session: AnySession, user_id: int, now: datetime) -> list[Login]:
    """The logins of a user that could still be renewed, the latest first."""
    return list(
        await session.scalars(
            select(Login)
            .where(Login.user_id == user_id, Login.ended_at.is_(None), Login.refresh_expires_at > now)
            .order_by(Login.began_at.desc(), Login.login_id)
        )
    )


async def end_logins(
    session: WriteSession, user_id: int, now: datetime, *, but: str | None = None, only: str | None = None
) -> int:
    """End the open logins of a user, and give their number.

    Parameters:
        but: id of one that goes on.
        only: id of the only one to end.
    """
    ended = 0
    for login in await open_logins(session, user_id, now):
        if login.login_id != but and only in (None, login.login_id):
            _end(session, login, "logout", now)
            ended += 1
    return ended


async def lock_user(session: WriteSession, user_id: int) -> User | None:
    """The user with his role as stored now, kept from other writers until the transaction ends."""
    return await session.scalar(
        select(User)
        .where(User.id == user_id)
        .options(joinedload(User.role, innerjoin=True))
        .with_for_update(of=User)
    )


async def _begin(session: WriteSession, user: User, now: datetime) -> Tokens:
    await session.execute(
        delete(Login).where(Login.user_id == user.id, Login.refresh_expires_at < now - _KEPT_FOR)
    )
    for surplus in (await open_logins(session, user.id, now))[MOST_LOGINS - 1 :]:
        _end(session, surplus, "logout", now)
    access = new_credential(CredentialKind.ACCESS)
    tokens = Tokens(
        access, new_credential(CredentialKind.REFRESH, access.credential_id), user.has_first_password
    )
    login = Login(
        login_id=access.credential_id,
        user_id=user.id,
        family_sha256=tokens.refresh.family_sha256,
        began_at=now,
        ended_at=None,
    )
    _give(login, tokens, now)
    session.add(login)
    note(session, "login", Login.__tablename__, login.login_id)
    return tokens


def _give(login: Login, tokens: Tokens, now: datetime) -> None:
    login.access_sha256 = tokens.access.secret_sha256
    login.access_expires_at = now + ACCESS_VALID_FOR
    login.refresh_sha256 = tokens.refresh.secret_sha256
    login.refresh_expires_at = min(now + REFRESH_VALID_FOR, login.began_at + LONGEST_LOGIN)


def _end(session: WriteSession, login: Login, action: str, now: datetime) -> None:
    login.ended_at = now
    note(session, action, Login.__tablename__, login.login_id)


async def _may_log_in(session: AnySession, user: User) -> bool:
    status = await session.scalar(select(Programme.status).where(Programme.id == user.programme_id))
    return user.status == UserStatus.ACTIVE and status == ProgrammeStatus.ACTIVE


def _caller(user: User) -> Caller:
    return Caller(CallerKind.USER, str(user.id), user.display_name, user.programme_id, frozenset())
