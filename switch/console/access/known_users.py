"""The users as a running switch knows them, and which codes are used up; a thread reads and writes the files.

A disk that hangs leaves what is known as it is. The users' file may be changed at any time; what is wrong
with it is told once, and the users before go on.
"""

import asyncio
import json
import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from switch.console.access.users import User, Users, UsersFault, opened_secret, read_users, replace_file
from switch.logs import fields

_LOG = logging.getLogger("switch.console")

LOOK_INTERVAL_S: Final = 1.0
_TIMEOUT_S: Final = 2.0
_CODES_BYTES_MAX: Final = 1 << 16
_VERSION: Final = 1

_Signature = tuple[int, int, int, int]


class KnownUsers:
    """Belongs to the event loop's thread.

    Parameters:
        key: opens the secrets of codes.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._codes_path = path.with_name(f"{path.name}.codes")
        self._key = key
        self._thread = ThreadPoolExecutor(1, "users")
        self._signature: _Signature | None = None
        self._looking: Future[None] | None = None
        self._looked_s = time.monotonic()
        self._users: Users = {}
        self._steps: dict[str, int] = {}
        self._read()
        self._steps = self._read_steps()

    def close(self) -> None:
        """Read no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def users(self) -> Users:
        """By name, as of a second ago; looks again behind the asker's back."""
        if time.monotonic() - self._looked_s >= LOOK_INTERVAL_S:
            self._look()
        return self._users

    async def fresh(self) -> Users:
        """By name, as they are now, or as they were known where the disk doesn't answer soon."""
        looking = self._look()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await asyncio.shield(asyncio.wrap_future(looking))
        except TimeoutError:
            _LOG.warning("users file: the disk does not answer")
        return self._users

    def secret(self, user: User) -> bytes | None:
        """The secret of a user's codes; None where it can't be opened."""
        return opened_secret(self._key, user)

    def used_step(self, name: str) -> int:
        """The last time step whose code was used; no code of it or before opens anything."""
        return self._steps.get(name, -1)

    async def use_up(self, name: str, step: int) -> None:
        """A code is used; also after a restart, if the disk answers soon."""
        self._steps[name] = step
        steps = {each: used for each, used in self._steps.items() if each in self._users}
        writing = self._thread.submit(self._write_steps, steps)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await asyncio.shield(asyncio.wrap_future(writing))
        except TimeoutError:
            _LOG.warning("used codes: the disk does not answer")

    def _look(self) -> "Future[None]":
        """Have the file read again if it was changed; at most one look is under way."""
        if self._looking is None or self._looking.done():
            self._looked_s = time.monotonic()
            self._looking = self._thread.submit(self._read)
        return self._looking

    def _read(self) -> None:
        signature = self._seen()
        if signature == self._signature:
            return
        try:
            self._users = read_users(self._path)
        except UsersFault as fault:
            _LOG.error("%s; the users before stay", fault)
        self._signature = signature

    def _seen(self) -> _Signature | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode

    def _read_steps(self) -> dict[str, int]:
        try:
            with self._codes_path.open("rb") as file:
                found = json.loads(file.read(_CODES_BYTES_MAX))
            if found["version"] != _VERSION:
                raise ValueError("another version")
            return {str(name): int(step) for name, step in found["steps"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            _LOG.error("used codes can't be read", extra=fields(fault=type(fault).__name__))
            return {}

    def _write_steps(self, steps: dict[str, int]) -> None:
        content = json.dumps({"version": _VERSION, "steps": steps}).encode()
        try:
            replace_file(self._codes_path, content)
        except OSError as error:
            _LOG.warning("used codes not written", extra=fields(fault=error.strerror))
