"""`vafa switch`, `vafa switch top`, `vafa switch user` and `vafa switch dead-letters`."""

import asyncio
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from switch.settings import SwitchSettings
from tools.commands.dead_letters import dead_letters
from tools.commands.settings_help import settings_help
from tools.commands.switch_users import user

if TYPE_CHECKING:
    from tools.top.place import Place

_OWN_TOKEN_FILE = Path("var/keys/feed.token")


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
switch.add_command(user)


@switch.command()
@click.option(
    "--url",
    default="http://127.0.0.1:7584",
    show_default=True,
    envvar="VAFA_TOP_URL",
    show_envvar=True,
    help="Its operations port; https:// for another machine's.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="VAFA_TOP_TOKEN_FILE",
    show_envvar=True,
    help=f"Its feed token. For a switch of this machine {_OWN_TOKEN_FILE} is taken where it is there.",
)
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="VAFA_TOP_CA_FILE",
    show_envvar=True,
    help="Issuers of its certificate (PEM), instead of the system's.",
)
@click.option(
    "--interval",
    "interval_s",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    help="Seconds from picture to picture.",
)
@click.option("--once", is_flag=True, help="Print one picture, of one interval.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each picture.")
def top(
    url: str, token_file: Path | None, ca_file: Path | None, interval_s: float, *, once: bool, as_json: bool
) -> None:
    """Watch a running switch, as the console does: rates, latencies, journal, links, terminals, alarms.

    Keys: 1 to 5 views, s and r sort, ? help, q quits. Rates and percentiles are those of the last second.
    """
    # An HTTP client and a screen: not needed to run a switch.
    from tools.top.fault import TopFault  # noqa: PLC0415
    from tools.top.once import first_contact, print_lines, print_once  # noqa: PLC0415
    from tools.top.place import place  # noqa: PLC0415

    try:
        where = place(url, token_file, ca_file, own_token_file=_OWN_TOKEN_FILE)
        if once:
            print_once(where, interval_s, as_json=as_json)
        elif as_json:
            print_lines(where, interval_s)
        else:
            _need_screen()
            asyncio.run(first_contact(where))
            _show(where, interval_s)
    except TopFault as fault:
        raise click.ClickException(f"{url}: {fault}") from None
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        # Whoever read this has gone; nothing more may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _need_screen() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("this is no terminal: --once prints one picture, --json lines for a script")
    if find_spec("textual") is None:
        raise click.ClickException("this wants textual: pip install 'vafa[top]'; --once goes without it")


def _show(where: "Place", interval_s: float) -> None:
    from tools.top.app import TopApp  # noqa: PLC0415

    TopApp(where, interval_s).run()
