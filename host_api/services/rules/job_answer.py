"""Waiting a short while for what a job makes of a row."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel

from host_api.core.database import Database, ReadSession

ReadT = TypeVar("ReadT", bound=BaseModel)

Waiting = Annotated[
    int, Query(ge=0, le=10, description="So many seconds the answer may wait for what becomes of it.")
]

_POLL_S = 0.1


async def finished(
    database: Database,
    programme_id: int,
    read: Callable[[ReadSession], Awaitable[ReadT]],
    is_over: Callable[[ReadT], bool],
    wait_s: float,
) -> ReadT | None:
    """What `read` gives once it is over, None where that takes longer than `wait_s`."""
    deadline = asyncio.get_running_loop().time() + wait_s
    while True:
        async with database.reading(programme_id) as session:
            found = await read(session)
        if is_over(found):
            return found
        if asyncio.get_running_loop().time() >= deadline:
            return None
        await asyncio.sleep(_POLL_S)
