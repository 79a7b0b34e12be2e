"""A terminal under test that is started once and told what to do on its standard input."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import click

from simulator.scripts.events import AskFor
from switch.gate.link_plan import Address

_ANSWER_TIMEOUT_S = 300.0
_STOP_TIMEOUT_S = 5.0
_LINE_BYTES_MAX = 64 * 1024


class TerminalProgramFault(click.ClickException):
    """The program can't be told what to do: the run can't go on."""

    exit_code = 2


class TerminalProgram:
    """Runs the command, whose `{address}`, `{host}` and `{port}` are where it shall connect.

    Each thing that is asked is a line, as "purchase 250000"; the program answers with one line when it is
    done. Its standard error is ours. Leaving closes its standard input, and kills it where it stays.
    """

    def __init__(self, command: list[str], address: Address) -> None:
        self._words = [
            word.replace("{address}", str(address))
            .replace("{host}", address.host)
            .replace("{port}", str(address.port))
            for word in command
        ]
        self._process: asyncio.subprocess.Process | None = None
        self._listening = asyncio.Lock()
        self._asked = 0
        self._answered = 0

    async def __aenter__(self) -> Self:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LINE_BYTES_MAX,
            )
        except (OSError, ValueError) as error:
            told = getattr(error, "strerror", None) or error
            raise click.UsageError(f"--start: {self._words[0]}: {told}") from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                # What it still says must not keep it from ending.
                await process.communicate()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def ask(self, wanted: AskFor) -> None:
        """Hand over what is asked, and wait until the program says that it is done.

        Raises TerminalProgramFault where it has ended, or says nothing.
        """
        line = wanted.what if wanted.amount is None else f"{wanted.what} {wanted.amount}"
        click.echo(f"  → {line}", err=True)
        self._asked += 1
        turn = self._asked
        try:
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                await self._say(line)
                async with self._listening:
                    # An answer that an earlier case did not wait for is not this one's.
                    while self._answered < turn:
                        answer = await self._hear()
                        self._answered += 1
        except TimeoutError:
            raise TerminalProgramFault(
                f"the terminal's program did not answer {line!r} with a line"
            ) from None
        click.echo(f"  ← {answer}", err=True)

    async def _say(self, line: str) -> None:
        stdin = self._running.stdin
        if stdin is not None:
            stdin.write(f"{line}\n".encode())
            # Where nobody reads, the program has ended: that is told where its answer is missing.
            with contextlib.suppress(ConnectionError):
                await stdin.drain()

    async def _hear(self) -> str:
        stdout = self._running.stdout
        try:
            answer = await stdout.readline() if stdout is not None else b""
        except ValueError:
            raise TerminalProgramFault(
                "the terminal's program answered with a line that never ends"
            ) from None
        if not answer:
            code = await self._running.wait()
            raise TerminalProgramFault(f"the terminal's program ended with code {code}")
        return answer.decode("utf-8", "replace").rstrip()

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process
