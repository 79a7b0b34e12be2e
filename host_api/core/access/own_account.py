"""What a user does with his own account: password, authenticator, logins.

Whoever changes one of them shows the present password first: a token left open on a screen is not enough.
"""

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from host_api.core.access import login_failures
from host_api.core.access.caller import Caller
from host_api.core.access.first_password import is_first_password
from host_api.core.access.login import end_logins, lock_user
from host_api.core.access.login_problems import (
    LoginLocked,
    LoginNotFound,
    LoginsBusy,
    PasswordWrong,
    TotpAlreadySetUp,
    TotpCodeWrong,
    TotpNotBegun,
)
from host_api.core.access.second_factor import SecondFactor, use_second_factor
from host_api.core.access.users import TOTP_SECRET, TOTP_UNCONFIRMED, User
from host_api.core.audit import audit_as
from host_api.core.database import WriteSession
from host_api.core.errors import FieldProblem, Unauthorised, ValidationFailed
from host_api.core.locking import ChangedMeanwhile
from host_api.core.one_time_codes import (
    new_recovery_codes,
    new_totp_secret,
    recovery_code_sha256,
    totp_secret_text,
    totp_uri,
    verify_totp,
)
from host_api.core.password_policy import PasswordFault, check_password
from host_api.core.passwords import PasswordsBusy
from host_api.core.programmes import Programme
from host_api.core.runtime import Runtime

_ISSUER = "Vafa"


@dataclass(frozen=True, slots=True)
class Own:
    """A user at work on his own account."""

    runtime: Runtime
    caller: Caller
    request_id: str | None
    now: datetime

    @property
    def user_id(self) -> int:
        """Id of the user."""
        return int(self.caller.identity)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret for an authenticator app, shown once."""

    text: str = field(repr=False)
    uri: str = field(repr=False)


async def change_password(own: Own, current: str, new: str) -> None:
    """Choose a password; all other logins of the user end.

    Raises:
        PasswordWrong, LoginLocked, LoginsBusy, ValidationFailed, ChangedMeanwhile
    """
    known = await _prove_password(own, current)
    require_good_password(new, known, "new_password")
    try:
        hashed = await own.runtime.passwords.hash(new)
    except PasswordsBusy:
        raise LoginsBusy from None
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        user = await _lock(session, own, known)
        user.password_hash = hashed
        user.first_password_sha256 = user.first_password_expires_at = None
        await end_logins(session, user.id, own.now, but=own.caller.login_id)


async def begin_totp(own: Own, password: str) -> NewSecret:
    """A secret for the user's authenticator app, in force once a code of it has been confirmed.

    Raises:
        PasswordWrong, LoginLocked, LoginsBusy, TotpAlreadySetUp, ChangedMeanwhile
    """
    known = await _prove_password(own, password)
    secret = new_totp_secret(secrets.token_bytes)
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        user = await _lock(session, own, known)
        if user.totp_secret is not None:
            raise TotpAlreadySetUp
        TOTP_UNCONFIRMED.seal(own.runtime.vault.cipher, user, secret.hex())
        club = await session.scalar(select(Programme.name).where(Programme.id == own.caller.programme_id))
    issuer = f"{_ISSUER} {club or ''}".strip().replace(":", " ")
    return NewSecret(totp_secret_text(secret), totp_uri(secret, account=known.username, issuer=issuer))


async def confirm_totp(own: Own, code: str) -> list[str]:
    """Put the secret in force; the recovery codes, shown once.

    Raises:
        TotpNotBegun, TotpCodeWrong
    """
    cipher = own.runtime.vault.cipher
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        user = await _lock(session, own, None)
        secret = TOTP_UNCONFIRMED.open(cipher, user)
        if secret is None:
            raise TotpNotBegun
        step = verify_totp(
            bytes.fromhex(secret), code, now_s=int(own.now.timestamp()), last_used_step=user.totp_last_step
        )
        if step is None:
            raise TotpCodeWrong
        codes = new_recovery_codes(secrets.token_bytes)
        TOTP_SECRET.seal(cipher, user, secret)
        user.totp_unconfirmed = None
        user.totp_last_step = step
        user.recovery_sha256 = [recovery_code_sha256(code).hex() for code in codes]
    return codes


async def remove_totp(own: Own, password: str, code: str) -> None:
    """Do without an authenticator again.

    Raises:
        PasswordWrong: also for a wrong code.
        LoginLocked, LoginsBusy, TotpNotBegun, ChangedMeanwhile
    """
    known = await _prove_password(own, password, forget_failures=False)
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        user = await _lock(session, own, known)
        if user.totp_secret is None:
            raise TotpNotBegun
        factor = await use_second_factor(session, own.runtime.vault.cipher, user, code, own.now)
        if factor is SecondFactor.PASSED:
            drop_totp(user)
            await session.flush()
            await login_failures.forget(session, login_failures.slot_of_name(known.username))
    if factor is not SecondFactor.PASSED:
        raise PasswordWrong


def drop_totp(user: User) -> None:
    """Let `user` log in without an authenticator."""
    user.totp_secret = user.totp_unconfirmed = None
    user.recovery_sha256 = []


async def end_own_login(own: Own, login_id: str | None) -> None:
    """End one login of the user.

    Raises:
        LoginNotFound
    """
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        audit_as(session, own.caller, own.request_id)
        ended = login_id is not None and await end_logins(session, own.user_id, own.now, only=login_id)
    if not ended:
        raise LoginNotFound


def require_good_password(password: str, user: User, name: str) -> None:
    """See that `password` may be chosen by `user`; `name` is the field it came in.

    Raises:
        ValidationFailed
    """
    try:
        check_password(password, personal=(user.username, user.display_name))
    except PasswordFault as fault:
        problem = FieldProblem(
            field=name,
            location="body",
            code=fault.reason.value,
            message=fault.message,
            message_fa=fault.message_fa,
        )
        raise ValidationFailed([problem]) from None


async def _prove_password(own: Own, password: str, *, forget_failures: bool = True) -> User:
    """The user, whose present password this is. Wrong ones count as failed logins do."""
    async with own.runtime.database.writing(own.caller.programme_id) as session:
        user = await session.get(User, own.user_id)
        if user is None:
            raise Unauthorised
        slots = [login_failures.slot_of_name(user.username)]
        wait = await login_failures.count_try(session, slots, own.now)
    if wait > timedelta(0):
        raise LoginLocked(headers={"Retry-After": str(math.ceil(wait.total_seconds()))})
    try:
        verification = await own.runtime.passwords.verify(password, user.password_hash)
    except PasswordsBusy:
        async with own.runtime.database.writing() as session:
            await login_failures.take_back(session, slots)
        raise LoginsBusy from None
    if not (verification.matches or is_first_password(user, password, own.now)):
        raise PasswordWrong
    if forget_failures:
        async with own.runtime.database.writing() as session:
            await login_failures.forget(session, slots[0])
    return user


async def _lock(session: WriteSession, own: Own, known: User | None) -> User:
    """The user's row, to be changed in his name; still with the password that was shown."""
    audit_as(session, own.caller, own.request_id)
    user = await lock_user(session, own.user_id)
    if user is None:
        raise Unauthorised
    if known is not None and user.password_hash != known.password_hash:
        raise ChangedMeanwhile
    return user
