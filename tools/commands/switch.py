"""`vafa switch`, `vafa switch top` and `vafa switch dead-letters`."""

import contextlib
import os
import sys
from pathlib import Path

import click

from switch.settings import SwitchSettings
from tools.commands.dead_letters import dead_letters
from tools.commands.settings_help import settings_help


@click.group(invoke_without_command=True, epilog=settings_help(SwitchSettings))
@click.pass_context
def switch(context: click.Context) -> None:
    """Run a switch until Ctrl-C or SIGTERM, which drain it.

    It prints one line of JSON with its addresses when it serves, and logs to standard error.
    """
    if context.invoked_subcommand is None:
        from switch.main import main  # noqa: PLC0415  (the other commands start without it)

        sys.exit(main())


switch.add_command(dead_letters)


@switch.command()
@click.option("--url", default="http://127.0.0.1:7584", show_default=True, help="Its operations port.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Feed token, for a switch on another machine.",
)
@click.option(
    "--interval",
    "interval_s",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    help="Seconds from picture to picture.",
)
@click.option("--once", is_flag=True, help="One picture, of one interval.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each picture.")
def top(url: str, token_file: Path | None, interval_s: float, once: bool, as_json: bool) -> None:
    """Watch a running switch: throughput, latencies, answers, links, journal and rules, until Ctrl-C.

    Rates and percentiles are those of the last interval.
    """
    from tools.top.live import show_live, show_once  # noqa: PLC0415  (HTTP client: not needed to run a switch)
    from tools.top.reading import StatusReader, TopFault  # noqa: PLC0415

    token = None if token_file is None else token_file.read_text("ascii").strip()
    show = show_once if once else show_live
    with contextlib.closing(StatusReader(url, token)) as reader:
        try:
            show(reader, url, interval_s, as_json=as_json)
        except TopFault as fault:
            raise click.ClickException(str(fault)) from None
        except KeyboardInterrupt:
            return
        except BrokenPipeError:
            # Whoever read this has gone; nothing more may be written at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
