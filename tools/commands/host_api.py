"""`vafa host-api`."""

import sys

import click

from host_api.core.settings import Settings
from tools.commands.settings_help import settings_help


@click.group(invoke_without_command=True, epilog=settings_help(Settings))
@click.pass_context
def host_api(context: click.Context) -> None:
    """Run the host API until Ctrl-C or SIGTERM.

    It migrates its database, prints one line of JSON with its address when it serves, and logs to standard
    error.
    """
    if context.invoked_subcommand is None:
        from host_api.server import main  # noqa: PLC0415  (help must not load the application)

        sys.exit(main())


@host_api.command()
def rebuild() -> None:
    """Empty the projection and fill it again from the journal feed of a running switch."""
    from host_api.rebuild import main  # noqa: PLC0415

    sys.exit(main())
