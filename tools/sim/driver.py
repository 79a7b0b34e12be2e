"""A command that does what the terminal under test is asked to do, in place of a person."""

import asyncio
import contextlib
import shlex

import click

from simulator.scripts.events import AskFor
from simulator.scripts.shell import OnAsk

_TIMEOUT_S = 300.0


def asker(command: str | None) -> OnAsk:
    """Tells people what to do, and runs the command, if there is one, with what is asked as its arguments."""

    async def ask(wanted: AskFor) -> None:
        click.echo(f"  → {wanted.text.en} · {wanted.text.fa}", err=True)
        if command is None:
            return
        amount = [] if wanted.amount is None else [str(wanted.amount)]
        try:
            process = await asyncio.create_subprocess_exec(
                *shlex.split(command), wanted.what, *amount, stdin=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise click.UsageError(f"--drive: {error.strerror or error}") from None
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
