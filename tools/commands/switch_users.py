"""`vafa switch user`: people at the switch's console."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from switch.settings import SwitchSettings

if TYPE_CHECKING:
    from switch.console.access.users import User

_LONGEST_LINE = 4096
_ROLES = ("viewer", "operator", "supervisor")

_FILE = click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The users' file; by default that of the switch's settings.",
)
_NAME = click.argument("name")


@click.group("user")
def user() -> None:
    """People at the console: who they are and what they may do. A running switch sees changes within seconds.

    A viewer looks, an operator acts on links, terminals and cards, a supervisor does everything.
    """


@user.command()
@_NAME
@click.option("--role", type=click.Choice(_ROLES), default="viewer", show_default=True)
@click.option("--language", type=click.Choice(["fa", "en"]), default="fa", show_default=True)
@click.option("--totp", is_flag=True, help="Ask for codes of an app too; a supervisor always needs them.")
@_FILE
def add(name: str, role: str, language: str, *, totp: bool, path: Path | None) -> None:
    """Add a person; the password is asked for and not shown, or read from a pipe."""
    from switch.console.access.passwords import check_password, password_hash  # noqa: PLC0415
    from switch.console.access.users import CODE_FROM, NAME, User, UsersFault  # noqa: PLC0415

    with _faults():
        if not NAME.fullmatch(name):
            raise UsersFault(
                "a name has 2 to 32 small letters, digits, dots, dashes, and begins with a letter"
            )
        password = _password()
        check_password(password, name)
        secret, sealed = _new_secret(name) if totp or _ROLES.index(role) >= CODE_FROM else (b"", None)
        made = User.model_validate(
            {
                "name": name,
                "role": role,
                "language": language,
                "password": password_hash(password),
                "code_secret": sealed,
                "changed_ms": _now_ms(),
            }
        )

        def change(users: "dict[str, User]") -> None:
            if name in users:
                raise UsersFault(f"{name} is there already")
            users[name] = made

        _change(path, change)
    click.echo(f"{name} is added as {role}")
    if secret:
        _show_secret(name, secret)


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each.")
@_FILE
def list_users(path: Path | None, *, as_json: bool) -> None:
    """Print everybody: name, role, whether codes are asked for."""
    import json  # noqa: PLC0415  (only here)

    from switch.console.access.users import read_users  # noqa: PLC0415

    with _faults():
        found = read_users(_path(path))
    for each in found.values():
        has_codes = each.code_secret is not None
        if as_json:
            told = {"name": each.name, "role": each.role, "language": each.language, "totp": has_codes}
            click.echo(json.dumps(told))
        else:
            click.echo(f"{each.name:<32}  {each.role:<10}  {'code' if has_codes else '-'}")
    if not found and not as_json:
        click.echo("no users: vafa switch user add NAME --role supervisor", err=True)


@user.command()
@_NAME
@_FILE
def remove(name: str, path: Path | None) -> None:
    """Remove a person; open sessions end."""
    with _faults():
        _change(path, lambda users: _known(users, name) and users.pop(name))
    click.echo(f"{name} is removed")


@user.command()
@_NAME
@_FILE
def password(name: str, path: Path | None) -> None:
    """Give a person another password; open sessions end."""
    from switch.console.access.passwords import check_password, password_hash  # noqa: PLC0415
    from switch.console.access.users import read_users  # noqa: PLC0415

    with _faults():
        _known(read_users(_path(path)), name)
        chosen = _password()
        check_password(chosen, name)
        update = {"password": password_hash(chosen), "changed_ms": _now_ms()}
        _change(path, lambda users: _put(users, name, update))
    click.echo(f"{name} has another password")


@user.command()
@_NAME
@click.option("--off", is_flag=True, help="Ask for no codes any more; not for a supervisor.")
@_FILE
def totp(name: str, path: Path | None, *, off: bool) -> None:
    """Give a person's app another secret, shown as a QR code; open sessions end."""
    from switch.console.access.users import CODE_FROM, UsersFault  # noqa: PLC0415

    with _faults():
        secret, sealed = (b"", None) if off else _new_secret(name)

        def change(users: "dict[str, User]") -> None:
            if off and _known(users, name).rank >= CODE_FROM:
                raise UsersFault("a supervisor needs codes")
            _put(users, name, {"code_secret": sealed, "changed_ms": _now_ms()})

        _change(path, change)
    click.echo(f"{name} is asked for {'no codes' if off else 'codes of another secret'}")
    if secret:
        _show_secret(name, secret)


def _known(users: "dict[str, User]", name: str) -> "User":
    from switch.console.access.users import UsersFault  # noqa: PLC0415

    if name not in users:
        raise UsersFault(f"there is no user {name}")
    return users[name]


def _put(users: "dict[str, User]", name: str, update: dict[str, object]) -> None:
    users[name] = _known(users, name).model_copy(update=update)


def _change(path: Path | None, change: "Callable[[dict[str, User]], object]") -> None:
    from switch.console.access.users import change_users  # noqa: PLC0415

    change_users(_path(path), change)


def _path(given: Path | None) -> Path:
    return given or SwitchSettings().console_users_file


def _new_secret(name: str) -> tuple[bytes, str]:
    """A secret, and as it is kept. Raises SecretFault."""
    from switch.console.access.one_time_codes import SECRET_BYTES  # noqa: PLC0415
    from switch.console.access.users import sealed_secret  # noqa: PLC0415
    from switch.keyring import Keyring  # noqa: PLC0415
    from switch.secret_files import read_master_key  # noqa: PLC0415

    secret = os.urandom(SECRET_BYTES)
    key = Keyring(read_master_key(SwitchSettings().master_key_file)).console_key
    return secret, sealed_secret(key, name, secret)


def _show_secret(name: str, secret: bytes) -> None:
    import segno  # noqa: PLC0415  (only who shows a code needs it)

    from switch.console.access.one_time_codes import code_uri  # noqa: PLC0415

    uri = code_uri(secret, name)
    click.echo("Scan this with an authenticator app now; it is not shown again.")
    if sys.stdout.isatty():
        segno.make(uri, error="m", micro=False).terminal(compact=True)
    click.echo(uri)


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    from switch.console.access.passwords import PasswordFault  # noqa: PLC0415
    from switch.console.access.users import UsersFault  # noqa: PLC0415
    from switch.secret_files import SecretFault  # noqa: PLC0415

    try:
        yield
    except (PasswordFault, SecretFault, UsersFault) as fault:
        raise click.ClickException(str(fault)) from None
