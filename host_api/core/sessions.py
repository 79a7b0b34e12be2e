"""Session dependencies of the endpoints: one transaction a request, committed before the answer leaves."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from host_api.core.database import ReadSession, WriteSession
from host_api.core.runtime import runtime_of


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    async with runtime_of(request).database.reading() as session:
        yield session


async def _write_session(request: Request) -> AsyncIterator[WriteSession]:
    runtime = runtime_of(request)
    async with runtime.database.writing() as session:
        yield session
    runtime.outbox_worker.wake()


# Scope "function" ends the dependency before the answer is sent: a client never hears of a record whose
# commit then fails.
ReadSessionDependency = Annotated[ReadSession, Depends(_read_session, scope="function")]
WriteSessionDependency = Annotated[WriteSession, Depends(_write_session, scope="function")]
