"""Runs the host API as a process: migrate, serve on loopback, print the ready line, drain on SIGTERM."""

import asyncio
import json
import logging
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from host_api.core.application import create_application, create_runtime
from host_api.core.database import Database
from host_api.core.encryption.master_keyring import KeyringFault
from host_api.core.logs import log_to_stderr
from host_api.core.runtime import Runtime
from host_api.core.schema_migration import SchemaUnknown, prepare_database
from host_api.core.settings import Settings

EXIT_CANNOT_START = 2

_LOOPBACK = "127.0.0.1"
_BACKLOG = 512
_DRAIN_TIMEOUT_S = 10
_CONCURRENT_REQUESTS = 256

_log = logging.getLogger(__name__)


class CannotStart(Exception):  # noqa: N818
    """The process can't start; the text is the one line that the operator reads."""


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


def main() -> int:
    """Run until a signal; 0 after draining, 2 when it can't start (one line on stderr says why)."""
    log_to_stderr()
    try:
        return run(read_settings())
    except CannotStart as error:
        print(f"host_api: {error}", file=sys.stderr)
        return EXIT_CANNOT_START


def read_settings() -> Settings:
    """Settings from the environment.

    Raises:
        CannotStart: names each setting that is wrong, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise CannotStart(f"wrong settings (VAFA_HOST_API_…): {faults}") from None


def run(settings: Settings) -> int:
    """Serve with `settings` until SIGTERM or SIGINT.

    Raises:
        CannotStart: the port is taken or the database can't be used.
    """
    listener = _listen(settings.port)
    runtime = create_runtime(settings)
    address = f"{_LOOPBACK}:{listener.getsockname()[1]}"
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
    with listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        return runner.run(_serve(server, runtime, listener))


async def prepare(database: Database, settings: Settings) -> None:
    """Migrate and make the first key.

    Raises:
        CannotStart: says what is wrong with the database or the key file.
    """
    try:
        await prepare_database(database, settings)
    except (DBAPIError, PoolTimeout) as error:
        await database.dispose()
        reason = type(error.orig).__name__ if isinstance(error, DBAPIError) else "no connection came free"
        raise CannotStart(f"{database.description} can't be used: {reason}") from None
    except sqlite3.Error as error:
        await database.dispose()
        raise CannotStart(f"{database.description} can't be used: {error}") from None
    except SchemaUnknown as error:
        await database.dispose()
        raise CannotStart(f"{database.description} can't be used: {error}") from None
    except KeyringFault as error:
        await database.dispose()
        raise CannotStart(f"{settings.keyring_path}: {error}") from None
    except OSError as error:
        await database.dispose()
        raise CannotStart(f"{error.filename or database.description}: {error.strerror or error}") from None


async def _serve(server: _Server, runtime: Runtime, listener: socket.socket) -> int:
    await prepare(runtime.database, runtime.settings)
    await server.serve(sockets=[listener])
    return 0


def _listen(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, answers wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotStart(f"port {port} on {_LOOPBACK} can't be used: {error.strerror}") from None
    return listener
