"""`vafa sim proxy` and `vafa sim record`: what stands between a terminal and a switch."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import click

from simulator.fault_proxy import Direction, FaultProxy, FaultSyntax, Interference, parse_fault
from simulator.fault_proxy.faults import MEANINGS
from simulator.session_recording import RecordingProxy, script_text
from switch.gate.link_plan import Address, read_address

_KINDS = "\n".join(
    f"  {kind.value + ('=N' if meaning.value else ''):12} {meaning.text}"
    + (f" (N: {meaning.value})" if meaning.value else "")
    for kind, meaning in MEANINGS.items()
)
_FAULTS_HELP = (
    "\b\nA fault is KIND[=N][/request|/reply][@WHEN].\n" + _KINDS + "\n\n\b\n"
    "WHEN is 3 for the third frame of a link, 3+ for it and all behind it, 10% for\n"
    "one frame in ten, by chance of the seed. Without it every frame is met."
)
_TARGET = click.option("--target", required=True, metavar="HOST:PORT", help="Where the switch listens.")
_LISTEN = click.option(
    "--listen", default="127.0.0.1:0", show_default=True, metavar="HOST:PORT",
    help="Where terminals connect; port 0 takes a free one.",
)  # fmt: skip


@click.command("proxy", epilog=_FAULTS_HELP)
@_LISTEN
@_TARGET
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help="See below; may be given again.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option("-q", "--quiet", is_flag=True, help="Do not tell the faults that are made.")
def proxy_command(listen: str, target: str, faults: tuple[str, ...], seed: int, quiet: bool) -> None:
    """Stand between terminals and a switch and make faults, until Ctrl-C.

    Links with TLS pass too, but only as bytes: their frames can't be told apart. The same seed and faults
    meet the same frames.
    """
    try:
        wanted = [parse_fault(text) for text in faults]
    except FaultSyntax as fault:
        raise click.UsageError(str(fault)) from None

    def tell(made: Interference) -> None:
        if not quiet:
            click.echo(str(made), err=True)

    proxy = FaultProxy(_address(target), *wanted, seed=seed, listen=_address(listen), on_interference=tell)
    asyncio.run(_until_interrupted(proxy))
    requests, replies = proxy.frames[Direction.REQUEST], proxy.frames[Direction.REPLY]
    click.echo(f"{proxy.links} links, {requests} requests, {replies} replies, {proxy.made} faults")


@click.command("record")
@_LISTEN
@_TARGET
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def record_command(listen: str, target: str, file: Path, force: bool) -> None:
    """Write what a terminal says to a switch into FILE, a script that `vafa sim run` plays.

    One terminal at a time. It ends with Ctrl-C; then the file is written. No key stands in it, no name, and
    no card number but those of the test ranges: what is missing is said in its first lines.
    """
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already; --force writes over it")
    if not os.access(file.parent, os.W_OK):
        raise click.UsageError(f"{file.parent} is no folder that can be written to")
    proxy = RecordingProxy(_address(target), listen=_address(listen))
    asyncio.run(_until_interrupted(proxy))
    recorder = proxy.recorder
    if not recorder.steps:
        raise click.ClickException("nothing was said, so nothing is written")
    file.write_text(script_text(recorder), "utf-8")
    click.echo(f"{file}: {recorder.messages} messages in {len(recorder.steps)} steps")
    for name in recorder.safe.wanted:
        click.echo(f"  playing it wants --set {name}=…", err=True)
    for what in recorder.left_out:
        click.echo(f"  left out: {what}", err=True)


async def _until_interrupted(proxy: FaultProxy) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with proxy:
            host, port = proxy.address
            click.echo(f"listening on {host}:{port}", err=True)
            await stop.wait()
    except OSError as error:
        raise click.ClickException(f"listening: {error.strerror or error}") from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(ValueError):
                loop.remove_signal_handler(number)


def _address(text: str) -> Address:
    try:
        return read_address(text)
    except ValueError as error:
        raise click.UsageError(f"{text}: {error}") from None
