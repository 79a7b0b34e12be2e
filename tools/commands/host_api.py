"""`vafa host-api`."""

import sys

import click

from host_api.core.settings import Settings
from tools.commands.settings_help import settings_help

_LONGEST_LINE = 4096


@click.group(invoke_without_command=True, epilog=settings_help(Settings))
@click.pass_context
def host_api(context: click.Context) -> None:
    """Run the host API until Ctrl-C or SIGTERM.

    It migrates its database, prints one line of JSON with its address when it serves, and logs to standard
    error.
    """
    if context.invoked_subcommand is None:
        from host_api.__main__ import main  # noqa: PLC0415  (help needs none of it)

        sys.exit(main())


@host_api.command()
@click.option("--programme", help="Code of the programme; the first one where it is left out.")
def rebuild(programme: str | None) -> None:
    """Empty a programme's projection and fill it again from the journal feed of its running switch."""
    from host_api.rebuild import main  # noqa: PLC0415

    sys.exit(main(programme))


@host_api.group()
def user() -> None:
    """Users of the back office, for when nobody can log in yet, or any more."""


@user.command()
@click.argument("username")
@click.option("--name", help="What people call the user; the user name where it is left out.")
@click.option("--owner", "is_owner", is_flag=True, help="Let the user do everything.")
@click.option("--role", help="Name of the user's role, in place of --owner.")
@click.option("--programme", help="Code of the programme; the first one where it is left out.")
def add(username: str, name: str | None, *, is_owner: bool, role: str | None, programme: str | None) -> None:
    """Add a user; the password is asked for and not shown, or read from a pipe."""
    if is_owner == (role is not None):
        raise click.UsageError("give either --owner or --role")

    from host_api.user_setup import WantedUser, main  # noqa: PLC0415

    def wanted() -> WantedUser:
        if sys.stdin.isatty():
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        else:
            password = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
        return WantedUser(username, name or username, str(password), role, programme)

    sys.exit(main(wanted))
