"""One trial in a process of its own, bounded in time and memory, which ends with whoever waits for it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, cast

from pydantic import JsonValue

from host_api.services.rules.draft.json_content import JsonObject

# By name only: the process is a switch's tool, which this room doesn't import.
_MODULE: Final = "switch.rule_trials"
_LINE_BYTES_MAX: Final = 48 << 20
_ERROR_BYTES_TOLD: Final = 2_000

Progress = Callable[[int, int | None], Awaitable[None]]


class TrialRefused(Exception):  # noqa: N818
    """It can't be done as it was asked for; `lines` tell a person why."""

    def __init__(self, code: str, lines: list[str]) -> None:
        super().__init__(code)
        self.code = code
        self.lines = lines


class TrialBroken(Exception):  # noqa: N818
    """The process ended without an answer; the text is its last words."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may use: address space, and processor time, which also ends one that was left alone."""

    memory_mib: int
    cpu_s: int


async def run_trial(
    asked: JsonObject, bounds: Bounds, *, sales: Iterable[bytes] = (), progress: Progress
) -> JsonObject:
    """What came of a trial.

    Parameters:
        sales: lines of JSON.
        progress: hears of work done and of all of it; what it raises ends the process.

    Raises:
        TrialRefused, TrialBroken
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", _MODULE, "--memory-mib", str(bounds.memory_mib), "--cpu-s", str(bounds.cpu_s)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_BYTES_MAX,
    )
    giving = asyncio.create_task(_give(process, asked, sales))
    errors = asyncio.create_task(_last_words(process))
    try:
        found = await _answer(process, progress)
        if found is None:
            raise TrialBroken(f"status {await process.wait()}: {await errors}")
        return found
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        giving.cancel()
        errors.cancel()
        await asyncio.gather(giving, errors, return_exceptions=True)


async def _give(process: asyncio.subprocess.Process, asked: JsonObject, sales: Iterable[bytes]) -> None:
    stdin = process.stdin
    if stdin is None:
        raise TrialBroken("no way in")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended, and says why
        stdin.write(json.dumps(asked, ensure_ascii=False).encode() + b"\n")
        await stdin.drain()
        for sale in sales:
            stdin.write(sale + b"\n")
            await stdin.drain()
        stdin.close()
        await stdin.wait_closed()


async def _answer(process: asyncio.subprocess.Process, progress: Progress) -> JsonObject | None:
    stdout = process.stdout
    while stdout is not None and (line := await stdout.readline()):
        told = cast(dict[str, JsonValue], json.loads(line))
        match told:
            case {"progress": [int() as done, (int() | None) as total]}:
                await progress(done, total)
            case {"result": dict() as result}:
                return result
            case {"refused": {"code": str() as code, "lines": [*lines]}}:
                raise TrialRefused(code, [str(each) for each in lines])
    return None


async def _last_words(process: asyncio.subprocess.Process) -> str:
    kept = b""
    while process.stderr is not None and (read := await process.stderr.read(4096)):
        kept = (kept + read)[-_ERROR_BYTES_TOLD:]
    return kept.decode(errors="replace").strip().rpartition("\n")[2]
