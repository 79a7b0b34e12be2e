"""A page in Python: a terminal of a screen server, over real HTTP and WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from simulator.micropython_vm import find_vm
from simulator.screen import Place, ScreenServer
from simulator.scripted_switch import ScriptedSwitch

KEY = bytes(range(16))
ZONE_KEY = bytes(range(16, 32))
TIMEOUT_S = 60

News = dict[str, object]


class Page:
    """One open page; `news` is all that it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.news: list[News] = []
        self.socket = socket

    async def until(self, condition: Callable[[News], bool]) -> News:
        """The next news that meets the condition."""
        async with asyncio.timeout(TIMEOUT_S):
            while True:
                found = cast(News, json.loads(await self.socket.recv()))
                self.news.append(found)
                if condition(found):
                    return found

    async def state(self, *names: str) -> None:
        """Wait until the flow is in one of these states."""
        await self.until(lambda news: news["event"] == "state" and news["state"] in names)

    async def event(self, name: str) -> News:
        """The next news of this name."""
        return await self.until(lambda news: news["event"] == name)

    async def do(self, **order: object) -> None:
        """Have something done."""
        await self.socket.send(json.dumps(order))

    def messages(self, mti: str) -> list[News]:
        """The messages of a type so far."""
        return [news for news in self.news if news["event"] == "message" and news["mti"] == mti]


def value_of(message: News, path: str) -> str:
    """What the page shows of an element, in English."""
    rows = cast("list[dict[str, object]]", message["rows"])
    row = next(row for row in rows if row["path"] == path)
    return cast("dict[str, str]", row["value"])["en"]


@asynccontextmanager
async def bench(directory: Path, terminals: int = 1) -> AsyncIterator[tuple[ScriptedSwitch, ScreenServer]]:
    """A scripted switch and a server with so many terminals."""
    async with ScriptedSwitch(KEY) as switch:
        place = Place(
            vm=find_vm(),
            switch=switch.address,
            terminal_ids=tuple(f"T000000{number}" for number in range(1, terminals + 1)),
            merchant_id="SHOP",
            key_of=lambda _: KEY,
            directory=directory,
            zone_key=ZONE_KEY,
        )
        async with ScreenServer(place) as server:
            yield switch, server


async def cookie_of(address: str) -> str:
    """The cookie that whoever opens the printed address is given."""
    async with httpx2.AsyncClient(trust_env=False) as client:
        response = await client.get(address)
        assert response.status_code == 303
        return response.headers["set-cookie"].split(";")[0]


@asynccontextmanager
async def opened(address: str, language: str = "en") -> AsyncIterator[Page]:
    """A page of the server whose address this is."""
    host = urlsplit(address).netloc
    headers = {"Cookie": await cookie_of(address), "Origin": f"http://{host}"}
    socket_address = f"ws://{host}/terminal?language={language}"
    async with connect(socket_address, additional_headers=headers, proxy=None) as socket:
        yield Page(socket)
