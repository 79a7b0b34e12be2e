"""Who does what the terminal under test is asked to do: a person, a command for each thing, or the terminal's
own program."""

import asyncio
import contextlib
import shlex
from collections.abc import AsyncIterator

import click

from simulator.scripts.events import AskFor
from simulator.scripts.shell import OnAsk
from switch.gate.link_plan import Address
from tools.sim.options import Given
from tools.sim.terminal_program import TerminalProgram

_TIMEOUT_S = 300.0


@contextlib.asynccontextmanager
async def asking(given: Given, listening: Address | None) -> AsyncIterator[OnAsk]:
    """What to do with each thing that is asked; a terminal that was started is stopped behind it.

    Raises UsageError where options disagree.
    """
    if given.start is None:
        yield _asker(None if given.drive is None else _words("--drive", given.drive))
        return
    if given.drive is not None:
        raise click.UsageError("--start and --drive exclude each other")
    if listening is None:
        raise click.UsageError("--start is for a terminal under test: give --listen")
    async with TerminalProgram(_words("--start", given.start), listening) as program:
        yield program.ask


def _words(option: str, command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from None
    if not words:
        raise click.UsageError(f"{option} wants a command")
    return words


def _asker(command: list[str] | None) -> OnAsk:
    """Tells people what to do, and runs the command, if there is one, with what is asked as its arguments."""

    async def ask(wanted: AskFor) -> None:
        click.echo(f"  → {wanted.text.en} · {wanted.text.fa}", err=True)
        if command is None:
            return
        amount = [] if wanted.amount is None else [str(wanted.amount)]
        try:
            process = await asyncio.create_subprocess_exec(
                *command, wanted.what, *amount, stdin=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise click.UsageError(f"--drive: {command[0]}: {error.strerror or error}") from None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                code = await process.wait()
        except (TimeoutError, asyncio.CancelledError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if code:
            click.echo(f"  the driver ended with code {code}", err=True)

    return ask
