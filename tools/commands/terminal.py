"""`vafa terminal`."""

import asyncio
import os
import re
import signal
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import click

from simulator.micropython_vm import VmMissing
from simulator.screen import CannotListen, ClubFault, ScreenServer
from switch.gate.link_plan import read_address
from switch.secret_files import SecretFault, read_master_key
from tools.screen.place import Elsewhere, place_elsewhere, private_place
from tools.up.service import ServiceFailed

_PAGES_MAX = 8
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--language", type=click.Choice(("fa", "en")), default="fa", show_default=True,
              help="Of the page and of its terminal.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page.  [default: a free port]")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--pages", type=click.IntRange(1, _PAGES_MAX), default=_PAGES_MAX, show_default=True,
              help="How many may be open at a time.")  # fmt: skip
@click.option("--var", "directory", type=click.Path(path_type=Path, file_okay=False),
              help="Keep journal and flash there.  [default: forgotten at the end]")  # fmt: skip
@click.option("--switch", "switch_address", metavar="HOST:PORT", help="Another switch, without TLS.")
@click.option("--master-key-file", type=_FILE, help="With --switch: its master key, for test keys only.")
@click.option("--generation", type=click.IntRange(1, 9999), default=1, show_default=True,
              help="With --switch: of the terminals' keys.")  # fmt: skip
@click.option("--terminal-id", "terminal_ids", multiple=True, metavar="ID",
              help="With --switch: a terminal that it knows; again for more pages.")  # fmt: skip
@click.option("--merchant-id", help="With --switch: the terminals' merchant.")
def terminal(  # noqa: PLR0917  (click passes each by name)
    language: str, port: int, no_browser: bool, pages: int, directory: Path | None,
    switch_address: str | None, master_key_file: Path | None, generation: int, terminal_ids: tuple[str, ...],
    merchant_id: str | None,
) -> None:  # fmt: skip
    """Open a terminal on the screen: a page with display, keys, card reader and paper, and its live wire.

    Behind each page is the real firmware on a real MicroPython. Without --switch a private switch with a
    small club of test cards is started. Everything ends with Ctrl-C; only this machine can open the page.
    """
    elsewhere = _elsewhere(switch_address, master_key_file, generation, terminal_ids, merchant_id)
    try:
        with _home(directory) as home:
            asyncio.run(_serve(home, pages, elsewhere, language, port, opens=not no_browser))
    except (VmMissing, ServiceFailed, ClubFault, CannotListen) as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'system'}: {error.strerror}") from None
    except KeyboardInterrupt:
        raise click.Abort from None


async def _serve(
    directory: Path, pages: int, elsewhere: Elsewhere | None, language: str, port: int, *, opens: bool
) -> None:
    async with AsyncExitStack() as stack:
        failures = []
        if elsewhere is None:
            place, switch = await stack.enter_async_context(private_place(directory, pages, _say))
            failures.append(asyncio.create_task(switch.ended()))
        else:
            place = await place_elsewhere(elsewhere, directory)
        server = await stack.enter_async_context(ScreenServer(place, language=language, port=port))
        click.echo(server.address)
        _say("Ctrl-C stops everything.")
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        # Without a desktop a text browser would come up, in this very terminal.
        if opens and {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
            await asyncio.to_thread(webbrowser.open, server.address)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((stopped, *failures), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for failure in failures:
            if failure.done():
                raise failure.result()
            failure.cancel()
        _say("stopping")


def _elsewhere(
    address: str | None, master_key_file: Path | None, generation: int, terminal_ids: tuple[str, ...],
    merchant_id: str | None,
) -> Elsewhere | None:  # fmt: skip
    if address is None:
        if master_key_file or terminal_ids or merchant_id:
            raise click.UsageError("--master-key-file, --terminal-id and --merchant-id go with --switch")
        return None
    if master_key_file is None or not terminal_ids or merchant_id is None:
        raise click.UsageError("--switch wants --master-key-file, --terminal-id and --merchant-id")
    if len(terminal_ids) > _PAGES_MAX:
        raise click.UsageError(f"at most {_PAGES_MAX} terminals")
    for terminal_id in terminal_ids:
        if re.fullmatch(r"[A-Za-z0-9]{8}", terminal_id) is None:
            raise click.UsageError("a terminal id has eight letters and digits")
    try:
        return Elsewhere(
            read_address(address), terminal_ids, merchant_id, read_master_key(master_key_file), generation
        )
    except (ValueError, SecretFault) as fault:
        raise click.UsageError(str(fault)) from None


@contextmanager
def _home(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        yield directory.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="vafa-terminal-") as temporary:
        yield Path(temporary)


def _say(line: str) -> None:
    click.echo(line, err=True)
