"""A child process that says when it serves, and is stopped with its parent."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_LOG_TAIL_BYTES = 4096
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)


class ServiceFailed(Exception):  # noqa: N818  (reads as a statement)
    """A service ended or said nothing; the text is one line for the user."""


def _end_with_parent() -> None:
    """Have the kernel send SIGTERM when the parent dies, however it dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Service:
    """One of our own processes: `python -m MODULE` with settings in its environment, its log in a file.

    Entering waits for the ready line, one JSON object on standard output, and keeps it as `ready`.
    Leaving sends SIGTERM and waits; what does not end in `stop_timeout_s` is killed.
    """

    def __init__(
        self,
        module: str,
        settings: Mapping[str, str],
        log_file: Path,
        *,
        start_timeout_s: float = 120.0,
        stop_timeout_s: float = 10.0,
    ) -> None:
        self.module = module
        self.ready: dict[str, object] = {}
        self._settings = settings
        self._log_file = log_file
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        with self._log_file.open("ab") as log:
            log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self.module,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env={**os.environ, **self._settings},
                # Ctrl-C goes to the parent, which stops its children in order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        try:
            async with asyncio.timeout(self._start_timeout_s):
                line = await self._stdout().readline()
            if not line:
                await self._process.wait()
                raise ServiceFailed(self._last_words(log_start))
            self.ready = json.loads(line)
        except BaseException as error:
            await self._stop()
            if isinstance(error, TimeoutError):
                raise ServiceFailed(
                    f"{self.module} did not start in {self._start_timeout_s:.0f} s; see {self._log_file}"
                ) from None
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stop()

    def address(self, name: str) -> str:
        """An address of the ready line, as "127.0.0.1:7400" or a URL."""
        value = self.ready.get(name)
        if not isinstance(value, str):
            raise ServiceFailed(f"{self.module} did not say its address of {name}")
        return value

    async def ended(self) -> ServiceFailed:
        """Wait until the process ends by itself, which it should not."""
        if self._process is None:
            raise RuntimeError("not started")
        code = await self._process.wait()
        return ServiceFailed(f"{self.module} ended with exit code {code}; see {self._log_file}")

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._stop_timeout_s):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _stdout(self) -> asyncio.StreamReader:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("not started")
        return self._process.stdout

    def _last_words(self, log_start: int) -> str:
        with self._log_file.open("rb") as log:
            log.seek(log_start)
            lines = log.read()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace").strip().splitlines()
        reason = lines[-1] if lines else "it said nothing"
        return f"{self.module} did not start: {reason}"
