"""Waiting for a condition that another task, thread or process brings about."""

import asyncio
from collections.abc import Awaitable, Callable

_POLL_S = 0.005


async def eventually(condition: Callable[[], bool | Awaitable[bool]], timeout_s: float = 60) -> None:
    """Return once `condition` holds; TimeoutError when it doesn't within `timeout_s`."""
    async with asyncio.timeout(timeout_s):
        while True:
            holds = condition()
            if await holds if isinstance(holds, Awaitable) else holds:
                return
            await asyncio.sleep(_POLL_S)
