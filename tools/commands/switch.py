"""`vafa switch`."""

import sys

import click

from switch.main import main
from switch.settings import SwitchSettings
from tools.commands.settings_help import settings_help


@click.command(epilog=settings_help(SwitchSettings))
def switch() -> None:
    """Run a switch until Ctrl-C or SIGTERM, which drain it.

    It prints one line of JSON with its addresses when it serves, and logs to standard error.
    """
    sys.exit(main())
