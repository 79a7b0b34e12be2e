"""Endpoints of logging in and of one's own account. They ask for no permission: see `open_routes`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from sqlalchemy import select

from host_api.core.access import login, own_account
from host_api.core.access.authentication import CallerDependency
from host_api.core.access.caller import Caller, CallerKind
from host_api.core.access.login_problems import (
    CodeNeeded,
    LoginEnded,
    LoginFailed,
    LoginLocked,
    LoginNotFound,
    LoginsBusy,
    PasswordWrong,
    TotpAlreadySetUp,
    TotpCodeWrong,
    TotpNotBegun,
    UsersOnly,
)
from host_api.core.access.login_schemas import (
    LoginList,
    LoginRead,
    MeRead,
    PasswordChange,
    RecoveryCodesIssued,
    TokenForm,
    TokensIssued,
    TotpBegin,
    TotpConfirm,
    TotpRemove,
    TotpSecretIssued,
)
from host_api.core.access.module_switches import SwitchedOffModule
from host_api.core.access.modules import known_modules
from host_api.core.access.own_account import Own
from host_api.core.access.users import User
from host_api.core.audit import request_id_of
from host_api.core.client_address import client_address
from host_api.core.clock import utc_now
from host_api.core.error_handlers import field_problem
from host_api.core.errors import ValidationFailed, problem_responses
from host_api.core.idempotency import ServiceRoute
from host_api.core.locking import ChangedMeanwhile
from host_api.core.programmes import Programme, ProgrammeMode
from host_api.core.runtime import Runtime, runtime_of

router = APIRouter(prefix="/auth", tags=["auth"], route_class=ServiceRoute)

RuntimeDependency = Annotated[Runtime, Depends(runtime_of)]
LoginIdInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]

_PASSWORD_PROBLEMS = (PasswordWrong, UsersOnly, LoginLocked, LoginsBusy, ChangedMeanwhile)
_SECRETS = {"Cache-Control": "no-store"}


async def _user(caller: CallerDependency) -> Caller:
    if caller.kind is not CallerKind.USER:
        raise UsersOnly
    return caller


UserDependency = Annotated[Caller, Depends(_user)]


async def _own(request: Request, caller: UserDependency, runtime: RuntimeDependency) -> Own:
    return Own(runtime, caller, request_id_of(request), utc_now())


OwnDependency = Annotated[Own, Depends(_own)]


@router.post(
    "/token",
    summary="Log in, or renew a login",
    responses=problem_responses(LoginFailed, CodeNeeded, LoginEnded, LoginLocked, LoginsBusy),
)
async def issue_tokens(
    request: Request, response: Response, runtime: RuntimeDependency, form: Annotated[TokenForm, Form()]
) -> TokensIssued:
    """Tokens for a user name and password, and a code where the user has an authenticator; or new tokens for
    a refresh token. A refresh token that comes a second time ends its login."""
    address = client_address(request, runtime.settings.proxies_in_front)
    runtime.rate_limits.count_address(request, address)
    now, request_id = utc_now(), request_id_of(request)
    response.headers.update(_SECRETS)
    if form.grant_type == "refresh_token":
        refresh_token = _needed(form.refresh_token, "refresh_token")
        tokens = await login.renew(runtime, refresh_token, request_id, now)
    else:
        username = _needed(form.username, "username")
        password = _needed(form.password, "password")
        attempt = login.Attempt(username, password, form.totp, address, request_id)
        tokens = await login.log_in(runtime, attempt, now)
    return TokensIssued(
        access_token=tokens.access.text,
        expires_in=int(login.ACCESS_VALID_FOR.total_seconds()),
        refresh_token=tokens.refresh.text,
        must_change_password=tokens.must_change_password,
    )


@router.get("/me", summary="Who am I?")
async def read_me(caller: CallerDependency, runtime: RuntimeDependency) -> MeRead:
    """The caller, user or key, with the programme and all permissions."""
    async with runtime.database.reading(caller.programme_id) as session:
        programme = await session.get_one(Programme, caller.programme_id)
        is_user = caller.kind is CallerKind.USER
        user = await session.get(User, int(caller.identity)) if is_user else None
        switched_off = list(
            await session.scalars(select(SwitchedOffModule.module).order_by(SwitchedOffModule.module))
        )
    return MeRead(
        kind=caller.kind,
        id=caller.identity,
        name=caller.name,
        username=None if user is None else user.username,
        programme=programme.id,
        programme_code=programme.code,
        programme_name=programme.name,
        mode=ProgrammeMode(programme.mode),
        permissions=known_modules().expanded(caller.granted),
        switched_off_modules=switched_off,
        must_change_password=caller.must_change_password,
        has_totp=user is not None and user.totp_secret is not None,
        recovery_codes_left=0 if user is None else len(user.recovery_sha256),
    )


@router.get("/logins", summary="List my logins", responses=problem_responses(UsersOnly))
async def list_logins(own: OwnDependency) -> LoginList:
    """The caller's open logins, the latest first."""
    async with own.runtime.database.reading(own.caller.programme_id) as session:
        rows = await login.open_logins(session, own.user_id, own.now)
    return LoginList(
        items=[
            LoginRead(
                login_id=row.login_id,
                began_at=row.began_at,
                access_expires_at=row.access_expires_at,
                expires_at=row.refresh_expires_at,
                is_this_one=row.login_id == own.caller.login_id,
            )
            for row in rows
        ]
    )


@router.delete(
    "/logins/{login_id}",
    status_code=204,
    summary="End one of my logins",
    responses=problem_responses(UsersOnly, LoginNotFound),
)
async def end_login(own: OwnDependency, login_id: LoginIdInPath) -> None:
    """End a login, such as one on a lost phone; its tokens are refused from then on."""
    await own_account.end_own_login(own, login_id)


@router.post("/logout", status_code=204, summary="Log out", responses=problem_responses(UsersOnly))
async def log_out(own: OwnDependency) -> None:
    """End the login that this request came with."""
    await own_account.end_own_login(own, own.caller.login_id)


@router.post(
    "/password",
    status_code=204,
    summary="Change my password",
    responses=problem_responses(*_PASSWORD_PROBLEMS, ValidationFailed),
)
async def change_password(own: OwnDependency, wanted: PasswordChange) -> None:
    """Choose another password; all other logins of the caller end."""
    await own_account.change_password(own, wanted.current_password, wanted.new_password)


@router.post(
    "/totp",
    summary="Set up an authenticator",
    responses=problem_responses(*_PASSWORD_PROBLEMS, TotpAlreadySetUp),
)
async def begin_totp(own: OwnDependency, response: Response, wanted: TotpBegin) -> TotpSecretIssued:
    """A secret for the authenticator app; nothing changes until a code of it is confirmed."""
    secret = await own_account.begin_totp(own, wanted.current_password)
    response.headers.update(_SECRETS)
    return TotpSecretIssued(secret=secret.text, uri=secret.uri)


@router.post(
    "/totp/confirmation",
    summary="Confirm the authenticator",
    responses=problem_responses(UsersOnly, TotpNotBegun, TotpCodeWrong),
)
async def confirm_totp(own: OwnDependency, response: Response, wanted: TotpConfirm) -> RecoveryCodesIssued:
    """Ask for a code at each login from now on; the recovery codes come with the answer, once."""
    codes = await own_account.confirm_totp(own, wanted.code)
    response.headers.update(_SECRETS)
    return RecoveryCodesIssued(recovery_codes=codes)


@router.post(
    "/totp/removal",
    status_code=204,
    summary="Remove the authenticator",
    responses=problem_responses(*_PASSWORD_PROBLEMS, TotpNotBegun),
)
async def remove_totp(own: OwnDependency, wanted: TotpRemove) -> None:
    """Log in with the password alone again."""
    await own_account.remove_totp(own, wanted.current_password, wanted.code)


def _needed(value: str | None, name: str) -> str:
    if value is None:
        raise ValidationFailed([field_problem("missing", "Field required", name, "body")])
    return value
