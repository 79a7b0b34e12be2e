"""The host API served inside the test process, on a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx2
import uvicorn

from host_api.core.application import create_application
from host_api.core.runtime import Runtime


@dataclass(frozen=True)
class RunningApi:
    """A served API and a client that carries the first key."""

    runtime: Runtime
    client: httpx2.AsyncClient
    base_url: str


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:  # the test process keeps its own signal handlers
        yield


@asynccontextmanager
async def running_api(runtime: Runtime) -> AsyncIterator[RunningApi]:
    """Serve `runtime`, whose database is prepared, until the block ends."""
    key = runtime.settings.api_key_path.read_text("ascii").strip()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(create_application(runtime), log_config=None, access_log=False, lifespan="on")
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await asyncio.wait_for(server.is_up.wait(), 10)
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx2.AsyncClient(
                base_url=base_url, headers={"X-API-Key": key}, timeout=20, trust_env=False
            ) as client:
                yield RunningApi(runtime, client, base_url)
        finally:
            server.should_exit = True
            await task
