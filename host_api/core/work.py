"""What an endpoint works with: a session of the caller's programme, which it gets only with a permission.

One transaction a request, committed before the answer leaves. An endpoint without one of these dependencies
has no session; one with it can't be called without its permission.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from host_api.core.access.authentication import CallerDependency
from host_api.core.access.caller import Caller
from host_api.core.access.module_switches import is_switched_off
from host_api.core.access.permissions import Permission
from host_api.core.audit import audit_as, request_id_of
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import ModuleSwitchedOff, NotPermitted, PasswordChangeNeeded
from host_api.core.idempotency import claim
from host_api.core.runtime import runtime_of


@dataclass(frozen=True, slots=True)
class ReadWork:
    """A read session and who reads."""

    session: ReadSession
    caller: Caller
    cipher: FieldCipher


@dataclass(frozen=True, slots=True)
class WriteWork:
    """A write session and who writes; whatever is written is audited in the caller's name."""

    session: WriteSession
    caller: Caller
    cipher: FieldCipher


IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[\x21-\x7e]+$",
        description="Any text of yours that is new for each wish; a repeat with the same key and content "
        "gets the stored answer and changes nothing.",
    ),
]


class Reads:
    """Dependency: read as a caller who holds `permission`. Give it as `Depends(..., scope="function")`."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, request: Request, caller: CallerDependency) -> AsyncIterator[ReadWork]:
        """The work, for as long as the endpoint runs."""
        _check(caller, self.permission)
        runtime = runtime_of(request)
        async with runtime.database.reading(caller.programme_id) as session:
            await _check_module(session, self.permission)
            yield ReadWork(session, caller, runtime.vault.cipher)


class Writes:
    """Dependency: write as a caller who holds `permission`. Give it as `Depends(..., scope="function")`."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(
        self, request: Request, caller: CallerDependency, idempotency_key: IdempotencyKey = None
    ) -> AsyncIterator[WriteWork]:
        """The work, for as long as the endpoint runs; what it wrote is then committed."""
        _check(caller, self.permission)
        runtime = runtime_of(request)
        async with runtime.database.writing(caller.programme_id) as session:
            await _check_module(session, self.permission)
            audit_as(session, caller, request_id_of(request))
            if idempotency_key is not None:
                request.state.idempotency_claim = await claim(
                    session, runtime.vault.cipher, caller, request, idempotency_key
                )
            yield WriteWork(session, caller, runtime.vault.cipher)


def reads(permission: Permission) -> object:
    """The dependency of an endpoint that reads."""
    # Scope "function" ends it before the answer is sent: no client hears of a row whose commit then fails.
    return Depends(Reads(permission), scope="function")


def writes(permission: Permission) -> object:
    """The dependency of an endpoint that writes."""
    return Depends(Writes(permission), scope="function")


def _check(caller: Caller, permission: Permission) -> None:
    if caller.must_change_password:
        raise PasswordChangeNeeded
    if not permission.is_in(caller.granted):
        raise NotPermitted


async def _check_module(session: AnySession, permission: Permission) -> None:
    if permission.module.is_optional and await is_switched_off(session, permission.module):
        raise ModuleSwitchedOff
