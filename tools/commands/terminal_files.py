"""`vafa terminal-files`."""

import json
import secrets
from pathlib import Path

import click

from protocol.security.keys import derive_terminal_key
from switch.secret_files import SecretFault, read_master_key
from tools.terminal_files.offline_table import TableFault, make_table, read_plan
from tools.terminal_files.operators import (
    SALT_BYTES,
    OperatorFault,
    check_operators,
    operator_record,
    read_operator,
)

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def terminal_files() -> None:
    """Files for one terminal: its offline table, and its operators."""


@terminal_files.command("offline-table")
@click.argument("plan_file", metavar="PLAN", type=_FILE)
@click.option("--terminal", "terminal_id", required=True, metavar="ID", help="Terminal id of 8 characters.")
@click.option(
    "--generation", default=1, show_default=True, type=click.IntRange(1, 9999), help="Of the terminal's key."
)
@click.option("--master-key-file", required=True, type=_FILE, help="The switch's: 64 hexadecimal digits.")
@click.option("-o", "--output", required=True, type=_FILE)
def offline_table(
    plan_file: Path, terminal_id: str, generation: int, master_key_file: Path, output: Path
) -> None:
    """Make the sealed offline table of one terminal from PLAN, a TOML file: see docs/operator.md."""
    if len(terminal_id) != 8 or not terminal_id.isascii():
        raise click.BadParameter("a terminal id has 8 characters", param_hint="--terminal")
    try:
        key = derive_terminal_key(read_master_key(master_key_file), terminal_id, generation)
        table = make_table(read_plan(plan_file), terminal_id, key)
    except (SecretFault, TableFault) as fault:
        raise click.ClickException(str(fault)) from None
    _write(output, table)
    click.echo(f"{output}: {len(table)} bytes for {terminal_id}")


@terminal_files.command()
@click.argument("operators", metavar="NUMBER:ROLE...", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=_FILE)
def operators(operators: tuple[str, ...], output: Path) -> None:
    """Make the records of operators (ROLE is cashier or supervisor), whose PINs are asked for.

    The file's `operators` belong into the terminal's config.json.
    """
    try:
        read = [read_operator(text) for text in operators]
        check_operators(read)
        records = []
        for operator in read:
            pin = click.prompt(f"PIN of {operator.name}", hide_input=True, confirmation_prompt=True, err=True)
            records.append(operator_record(operator, pin, secrets.token_bytes(SALT_BYTES)))
    except OperatorFault as fault:
        raise click.ClickException(str(fault)) from None
    _write(output, json.dumps({"operators": records}, indent=1).encode())
    click.echo(f"{output}: {len(records)} operators")


def _write(path: Path, content: bytes) -> None:
    """Readable by its owner only: PINs of few digits are soon found from what stands here."""
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600, exist_ok=False)
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError as fault:
        raise click.ClickException(f"{path}: {fault.strerror}") from None
