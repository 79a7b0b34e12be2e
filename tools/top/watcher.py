"""Keeps a picture of a switch current: reads its stream, again and again after waits that grow."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from switch.gate.backoff import Backoff
from tools.top.client import ConsoleClient
from tools.top.documents import FRAME_EVENT
from tools.top.event_stream import StreamFault
from tools.top.fault import TopFault
from tools.top.picture import Picture

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 5.0


def now_ms() -> int:
    """Monotonic."""
    return time.monotonic_ns() // 1_000_000


async def watch_once(client: ConsoleClient, picture: Picture, is_enough: Callable[[], bool]) -> None:
    """Take events until it is enough. Raises TopFault."""
    picture.begin(await client.fields())
    async with aclosing(client.events()) as events:
        async for event in events:
            try:
                picture.take(event, now_ms())
            except StreamFault as fault:
                raise TopFault(str(fault)) from None
            if event.name == FRAME_EVENT and is_enough():
                return


async def watch(client: ConsoleClient, picture: Picture) -> None:
    """Until cancelled; what goes wrong stands in the picture."""
    backoff = Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S, random.random)

    def worked() -> bool:
        backoff.succeed()
        return False

    while True:
        try:
            await watch_once(client, picture, worked)
        except TopFault as fault:
            wait_s = backoff.wait_s()
            picture.fault = f"{fault}; next try in {wait_s:.0f} s" if wait_s >= 1 else str(fault)
            await asyncio.sleep(wait_s)
