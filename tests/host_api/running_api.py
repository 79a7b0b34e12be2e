"""The host API served inside the test process, on a real socket."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx2
import uvicorn
from starlette.types import ASGIApp

from host_api.client import HostApi
from host_api.core.application import create_application
from host_api.core.runtime import Runtime

# Each client would read all certificates of the machine.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class RunningApi:
    """A served API and a client that carries the first key."""

    runtime: Runtime
    client: httpx2.AsyncClient
    base_url: str

    @property
    def calls(self) -> HostApi:
        """The generated client, with the first key."""
        return HostApi(self.client)


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
async def serving(application: ASGIApp) -> AsyncIterator[str]:
    """Serve an application until the block ends; its address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(application, log_config=None, access_log=False, lifespan="on")
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await asyncio.wait_for(server.is_up.wait(), 60)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def running_api(runtime: Runtime) -> AsyncIterator[RunningApi]:
    """Serve `runtime`, whose database is prepared, until the block ends."""
    key = runtime.settings.api_key_path.read_text("ascii").strip()
    async with (
        serving(create_application(runtime)) as base_url,
        httpx2.AsyncClient(
            base_url=base_url, headers={"X-API-Key": key}, timeout=20, trust_env=False, verify=NO_TLS
        ) as client,
    ):
        yield RunningApi(runtime, client, base_url)
