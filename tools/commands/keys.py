"""`vafa keys`."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from switch.secret_files import SecretFault, read_master_key
from tools.keys.connection import over_line, over_socket
from tools.keys.injection import Ask, inject, status_of
from tools.keys.package import (
    KeyFault,
    make_package,
    new_components,
    read_component,
    read_package,
    shown,
    sum_of,
)

_FILE = click.Path(path_type=Path, dir_okay=False)
_COMPONENT_FILES = click.option(
    "--component",
    "component_files",
    type=_FILE,
    multiple=True,
    help="A component's file; else it is asked for.",
)
_COUNT = click.option("--components", "count", default=2, show_default=True, type=click.IntRange(2, 3))
_LISTEN = click.option("--listen", metavar="HOST:PORT", help="Where a terminal of the bench dials.")
_LINE = click.option("--line", type=click.Path(path_type=Path), help="The serial line with the cable.")
_TIMEOUT = click.option("--timeout-s", default=60, show_default=True, type=click.IntRange(1, 3600))


@click.group()
def keys() -> None:
    """Keys for terminals: a transport key in components, packages under it, and their injection."""


@keys.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@_COUNT
def transport(directory: Path, count: int) -> None:
    """Make a transport key: one file for each of the people who hold a component of it.

    The key itself is written nowhere. Give each file to another person, on paper or on a card, and remove it.
    """
    components = new_components(count)
    with _told_faults():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number, component in enumerate(components, 1):
            _write(directory / f"component-{number}", component.hex() + "\n")
            click.echo(f"{directory}/component-{number}: check value {shown(component)}")
    click.echo(f"transport key: check value {shown(sum_of(components))}")


@keys.command()
@click.option("--terminal", "terminal_id", required=True, metavar="ID", help="Terminal id of 8 characters.")
@click.option("--generation", default=1, show_default=True, type=click.IntRange(1, 9999), help="Of its keys.")
@click.option("--master-key-file", required=True, type=_FILE, help="The switch's: 64 hexadecimal digits.")
@_COMPONENT_FILES
@_COUNT
@click.option("-o", "--output", required=True, type=_FILE)
def package(  # noqa: PLR0917  (click passes each by name)
    terminal_id: str, generation: int, master_key_file: Path,
    component_files: tuple[Path, ...], count: int, output: Path,
) -> None:  # fmt: skip
    """Make the package of one terminal: its keys as key blocks under the transport key."""
    if (
        len(terminal_id) != 8
        or not terminal_id.isascii()
        or not terminal_id.isprintable()
        or " " in terminal_id
    ):
        raise click.BadParameter("a terminal id has 8 characters", param_hint="--terminal")
    with _told_faults():
        transport_key = sum_of(_components(component_files, count))
        made = make_package(read_master_key(master_key_file), terminal_id, generation, transport_key)
        output.write_text(made.model_dump_json(indent=1) + "\n", "ascii")
    told = ", ".join(f"{key.name} key {key.check_value}" for key in made.keys)
    click.echo(f"{output}: {terminal_id}, generation {generation}, {told}")


@keys.command("inject")
@click.argument("package_file", metavar="PACKAGE", type=_FILE)
@_LISTEN
@_LINE
@_COMPONENT_FILES
@_COUNT
@click.option("--reopen", is_flag=True, help="For a terminal that gave up its keys: begin anew.")
@_TIMEOUT
def inject_command(  # noqa: PLR0917  (click passes each by name)
    package_file: Path, listen: str | None, line: Path | None,
    component_files: tuple[Path, ...], count: int, reopen: bool, timeout_s: int,
) -> None:  # fmt: skip
    """Bring PACKAGE into a terminal that is in service, and start it again.

    Check values are shown here and on the terminal: compare them. The terminal counts each attempt; the fifth
    wrong one costs it all its keys.
    """
    with _told_faults():
        wanted = read_package(package_file)
        with _terminal(listen, line, timeout_s) as ask:
            inject(ask, wanted, lambda: _components(component_files, count), click.echo, reopen=reopen)
    click.echo("done: the terminal starts again")


@keys.command()
@_LISTEN
@_LINE
@_TIMEOUT
def status(listen: str | None, line: Path | None, timeout_s: int) -> None:
    """Tell what keys a terminal in service has, by their check values."""
    with _told_faults(), _terminal(listen, line, timeout_s) as ask:
        click.echo(status_of(ask).told())


@contextmanager
def _terminal(listen: str | None, line: Path | None, timeout_s: int) -> Iterator[Ask]:
    if (listen is None) == (line is None):
        raise click.UsageError("either --listen or --line")
    if line is not None:
        with over_line(line, timeout_s) as ask:
            yield ask
        return
    host, _, port = (listen or "").rpartition(":")
    if not host or not port.isdecimal():
        raise click.BadParameter("HOST:PORT", param_hint="--listen")
    with socket.create_server((host, int(port))) as listener:
        click.echo(f"waiting for a terminal at {host}:{listener.getsockname()[1]}")
        with over_socket(listener, timeout_s) as ask:
            yield ask


def _components(files: tuple[Path, ...], count: int) -> list[bytes]:
    if files:
        return [read_component(path.read_text("ascii"), str(path)) for path in files]
    return [
        read_component(
            click.prompt(f"Component {number} of {count}", hide_input=True, err=True), f"component {number}"
        )
        for number in range(1, count + 1)
    ]


def _write(path: Path, text: str) -> None:
    """A new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


@contextmanager
def _told_faults() -> Iterator[None]:
    try:
        yield
    except (KeyFault, SecretFault) as fault:
        raise click.ClickException(str(fault)) from None
    except UnicodeDecodeError:
        raise click.ClickException("a component's file is not text") from None
    except OSError as fault:
        raise click.ClickException(f"{fault.filename or 'the line'}: {fault.strerror}") from None
