"""Serves the host API: prints the ready line, and drains on SIGTERM."""

import asyncio
import gc
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from host_api.core.application import create_application, create_runtime
from host_api.core.settings import Settings
from host_api.core.switches.switches_file import SwitchesFault
from host_api.startup import CannotStart

_DRAIN_TIMEOUT_S = 10
_CONCURRENT_REQUESTS = 256


class _Server(uvicorn.Server):
    """Uvicorn that prints the ready line and, unlike Uvicorn's own, ends with status 0 on SIGTERM."""

    def __init__(self, config: uvicorn.Config, ready_line: str) -> None:
        super().__init__(config)
        self._ready_line = ready_line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(self._ready_line, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def run(settings: Settings, listener: socket.socket) -> int:
    """Serve a prepared database at a listening socket until SIGTERM or SIGINT.

    Raises:
        CannotStart: the switches are wrong.
    """
    try:
        runtime = create_runtime(settings)
    except SwitchesFault as fault:
        raise CannotStart(str(fault)) from None
    address = "{}:{}".format(*listener.getsockname())
    config = uvicorn.Config(
        create_application(runtime),
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="on",
        ws="none",
        limit_concurrency=_CONCURRENT_REQUESTS,
        timeout_graceful_shutdown=_DRAIN_TIMEOUT_S,
    )
    server = _Server(config, json.dumps({"ready": "host_api", "http": address}))
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        return runner.run(_serve(server, listener))


async def _serve(server: _Server, listener: socket.socket) -> int:
    # What is there now stays; the collector would stop all requests for 0.1 s to look at it again.
    gc.collect()
    gc.freeze()
    gc.enable()
    await server.serve(sockets=[listener])
    return 0
