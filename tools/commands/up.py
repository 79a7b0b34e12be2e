"""`vafa up`."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import click

from simulator.micropython_vm import VmMissing
from simulator.virtual_terminal import TerminalFault
from tools.up.outcome import Outcome, Transaction
from tools.up.sample_shop import ClubFault
from tools.up.service import ServiceFailed
from tools.up.session import Options, Running, check_journal, everything_up, project, serve_once, start_over

_LANGUAGES = {"both": ("fa", "en"), "fa": ("fa",), "en": ("en",)}
_AMOUNT = click.IntRange(1, 9_999_999_999)
_PORT = click.IntRange(0, 65535)


@click.command()
@click.option("--once", is_flag=True, help="Make one sale and one redemption, then exit.")
@click.option("--json", "as_json", is_flag=True, help="With --once: end with one JSON object on one line.")
@click.option("--fresh", is_flag=True, help="Forget the data of earlier runs first.")
@click.option("--amount", type=_AMOUNT, default=2_500_000, show_default=True, help="The sale, in rial.")
@click.option(
    "--redeem", type=_AMOUNT, help="The redemption, in rial.  [default: 100000, or what is affordable]"
)
@click.option("--language", type=click.Choice(list(_LANGUAGES)), default="both", show_default=True)
@click.option(
    "--heap-kb", type=click.IntRange(64, 128), default=100, show_default=True, help="Heap of the VM."
)
@click.option("--var", "directory", type=click.Path(path_type=Path, file_okay=False), default=Path("var"),
              show_default=True, help="Where all data lives.")  # fmt: skip
@click.option("--receipts", "pictures", type=click.Path(path_type=Path, file_okay=False),
              help="Save a picture of each slip there, as PNG.")  # fmt: skip
@click.option("--switch-port", type=_PORT, default=0, help="For terminals.  [default: a free port]")
@click.option("--operations-port", type=_PORT, default=0, help="Switch operations.  [default: a free port]")
@click.option("--api-port", type=_PORT, default=0, help="Host API.  [default: a free port]")
def up(  # noqa: PLR0917  (click passes each by name)
    once: bool, as_json: bool, fresh: bool, amount: int, redeem: int | None, language: str, heap_kb: int,
    directory: Path, pictures: Path | None, switch_port: int, operations_port: int, api_port: int,
) -> None:  # fmt: skip
    """Start the switch, the host API and a terminal, and make a sale and a redemption.

    The terminal is the real firmware on a real MicroPython with a limited heap. Everything stays up until
    Ctrl-C, unless --once is given. Data lives under ./var; a second run finds the balance that the first one
    left.
    """
    if as_json and not once:
        raise click.UsageError("--json needs --once")
    options = Options(
        directory=directory.absolute(),
        amount=amount,
        redeem=redeem,
        languages=_LANGUAGES[language],
        heap_bytes=heap_kb * 1024,
        switch_port=switch_port,
        operations_port=operations_port,
        host_api_port=api_port,
    )
    try:
        if fresh:
            start_over(options.directory)
        asyncio.run(_once(options, pictures, as_json) if once else _until_interrupted(options, pictures))
    except TerminalFault as fault:
        log = _keep(options.directory / "log" / "terminal.log", str(fault))
        raise click.ClickException(f"the terminal failed: {str(fault).splitlines()[-1]}; see {log}") from None
    except (ServiceFailed, ClubFault, VmMissing) as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'system'}: {error.strerror}") from None
    except KeyboardInterrupt:
        raise click.Abort from None


async def _once(options: Options, pictures: Path | None, as_json: bool) -> None:
    async with everything_up(options, _say) as running:
        served = await serve_once(running, options)
        _save(pictures, running)
        if not as_json:
            _print_receipts(served.sale, served.redemption)
        projection = await project(running, served)
    outcome = Outcome(
        terminal=served.terminal,
        sale=served.sale,
        redemption=served.redemption,
        journal=check_journal(options),
        projection=projection,
    )
    if as_json:
        click.echo(outcome.model_dump_json())
    else:
        heap = outcome.terminal
        click.echo(
            f"journal: {outcome.journal.entries} entries, "
            f"{'verified' if outcome.journal.verified else 'DAMAGED'}; "
            f"projection: {outcome.projection.transactions} transactions; "
            f"terminal: {heap.heap_peak_bytes} of {heap.heap_limit_bytes} bytes of heap"
        )
    if not outcome.journal.verified:
        raise click.ClickException("the journal did not verify: vafa journal verify tells where")


async def _until_interrupted(options: Options, pictures: Path | None) -> None:
    stop = asyncio.Event()
    async with everything_up(options, _say) as running:
        served = await serve_once(running, options)
        _save(pictures, running)
        _print_receipts(served.sale, served.redemption)
        for name, address in running.addresses().items():
            click.echo(f"{name:>20}  {address}")
        click.echo(f"{'API key':>20}  in {options.directory / 'keys' / 'host_api.key'}")
        click.echo("Ctrl-C stops everything.")
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        failure = asyncio.create_task(running.failure())
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait((failure, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if failure.done():
            raise failure.result()
        failure.cancel()
        with suppress(asyncio.CancelledError):
            await failure
        _say("stopping")


def _keep(log: Path, text: str) -> Path:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(text + "\n")
    return log


def _save(directory: Path | None, running: Running) -> None:
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(running.terminal.pictures, start=1):
            (directory / f"slip-{number}.png").write_bytes(picture)


def _print_receipts(*transactions: Transaction) -> None:
    for transaction in transactions:
        width = max(len(line) for line in transaction.receipt)
        click.echo("\n" + "~" * width)
        for line in transaction.receipt:
            click.echo(line)
    click.echo("")


def _say(line: str) -> None:
    click.echo(line, err=True)
