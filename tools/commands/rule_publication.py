"""`vafa rules publish` and `vafa rules rollback`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from protocol.rule_parts import count_of_parts
from switch.rules.compiler import RuleFaults
from switch.rules.lints import Severity
from switch.rules.lints import lint as find_lints
from switch.rules.table import RuleTable
from tools.host_link.access import HostAccess, HostFault, host_access
from tools.host_link.link import HostLink
from tools.rules.printing import print_costs, print_json, print_lints
from tools.rules.publishing import Standing, ask_for, deflated, upload
from tools.rules.source import STANDARD_INPUT, WrongInput, estimated, rules_of
from tools.rules.table_difference import TableDifference, table_difference

_Command = TypeVar("_Command", bound=Callable[..., object])
_RULES_SHOWN = 20
_YES = click.option("--yes", is_flag=True, help="Don't ask.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object; wants --yes.")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _link_options(command: _Command) -> _Command:
    options = (
        click.option("--to", metavar="HOST:PORT", default="", help="The switch.  [default: of its settings]"),
        click.option("--host-id", metavar="ID", default="", help="[default: of the settings]"),
        click.option("--master-key-file", type=_FILE, help="[default: of the settings]"),
        click.option("--ca-file", type=_FILE, help="PEM: issuer of the switch's certificate; turns TLS on."),
        click.option("--certificate-file", type=_FILE, help="PEM: the host's own certificate."),
        click.option("--key-file", type=_FILE, help="PEM: its key."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("file", metavar="FILE")
@_link_options
@_YES
@click.option("--despite-errors", is_flag=True, help="Publish although lints find errors.")
@_JSON
def publish(  # noqa: PLR0917  (click passes each by name)
    file: str, to: str, host_id: str, master_key_file: Path | None, ca_file: Path | None,
    certificate_file: Path | None, key_file: Path | None, *, yes: bool, despite_errors: bool, as_json: bool,
) -> None:  # fmt: skip
    """Put the rules of FILE in force on a running switch, at once and for all that comes.

    Tells lints, cost and what changes, and asks. The switch listens to its host only: address, host and key
    come from its own settings unless options name others. `vafa rules rollback` takes it back.
    """
    _check_asking(yes=yes, as_json=as_json, file=file)
    try:
        found = rules_of(file)
    except RuleFaults as faults:
        raise click.ClickException(str(faults)) from None
    now_s = int(time.time())
    lints = find_lints(found.document, now_s)
    if not as_json:
        print_lints(found, lints, "en")
        print_costs(found.table, estimated(found.table, None, now_s))
    if any(each.severity >= Severity.ERROR for each in lints) and not despite_errors:
        raise click.ClickException("not published, for the errors: mend them, or --despite-errors")
    access = _access(to, host_id, master_key_file, ca_file, certificate_file, key_file)
    _put_in_force(access, lambda _: found.table, yes=yes, as_json=as_json)


@click.command()
@click.argument("version", metavar="VERSION", type=click.IntRange(1, 99_999_999))
@_link_options
@_YES
@_JSON
def rollback(  # noqa: PLR0917
    version: int, to: str, host_id: str, master_key_file: Path | None, ca_file: Path | None,
    certificate_file: Path | None, key_file: Path | None, *, yes: bool, as_json: bool,
) -> None:  # fmt: skip
    """Put a rule table in force again that was in force as VERSION; the switch keeps the last eight.

    It becomes a new version: what was decided meanwhile stays as it is.
    """
    _check_asking(yes=yes, as_json=as_json, file="")
    access = _access(to, host_id, master_key_file, ca_file, certificate_file, key_file)
    _put_in_force(access, lambda link: ask_for(link, version).table, yes=yes, as_json=as_json)


def _check_asking(*, yes: bool, as_json: bool, file: str) -> None:
    if as_json and not yes:
        raise WrongInput("--json asks nobody: it wants --yes")
    if file == STANDARD_INPUT and not yes:
        raise WrongInput("rules from standard input leave nobody to ask: it wants --yes")


def _access(  # noqa: PLR0917
    to: str, host_id: str, master_key_file: Path | None, ca_file: Path | None,
    certificate_file: Path | None, key_file: Path | None,
) -> HostAccess:  # fmt: skip
    try:
        return host_access(to, host_id, master_key_file, ca_file, certificate_file, key_file)
    except HostFault as fault:
        raise WrongInput(str(fault)) from None


def _put_in_force(
    access: HostAccess, table_of: Callable[[HostLink], RuleTable], *, yes: bool, as_json: bool
) -> None:
    try:
        with HostLink(access) as link:
            standing = ask_for(link)
            table = table_of(link)
    except HostFault as fault:
        raise click.ClickException(str(fault)) from None
    difference = table_difference(standing.table, table)
    if standing.table.digest == table.digest:
        _tell(standing, standing.version, table, difference, as_json=as_json)
        return
    if not as_json:
        _print_difference(standing, difference)
    if not yes:
        click.confirm(f"Put {len(table.rules)} rules in force at {access.address}?", abort=True)
    # Whoever was asked may have thought for long: the first link may be gone.
    try:
        with HostLink(access) as link:
            version = _uploaded(link, table, standing.version)
    except HostFault as fault:
        raise click.ClickException(str(fault)) from None
    _tell(standing, version, table, difference, as_json=as_json)


def _uploaded(link: HostLink, table: RuleTable, expected_version: int) -> int:
    content = deflated(table)
    with click.progressbar(
        upload(link, table, content, expected_version),
        length=count_of_parts(content),
        label="parts",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as versions:
        return max(versions, default=expected_version)


def _print_difference(standing: Standing, difference: TableDifference) -> None:
    click.echo(f"\nagainst rule table {standing.version}, which is in force:")
    for name, rule_ids in (
        ("new", difference.added),
        ("gone", difference.removed),
        ("changed", difference.changed),
    ):
        if rule_ids:
            more = f" and {len(rule_ids) - _RULES_SHOWN:,} more" if len(rule_ids) > _RULES_SHOWN else ""
            click.echo(f"  {name}: {', '.join(rule_ids[:_RULES_SHOWN])}{more}")
    if difference.parts:
        click.echo(f"  not the same: {', '.join(part.replace('_', ' ') for part in difference.parts)}")
    click.echo(f"  {difference.unchanged:,} rules as they are")


def _tell(
    standing: Standing, version: int, table: RuleTable, difference: TableDifference, *, as_json: bool
) -> None:
    if as_json:
        print_json(
            {
                "version": version,
                "digest": table.digest,
                "rules": len(table.rules),
                "replaced_version": None if version == standing.version else standing.version,
                "difference": difference._asdict(),
            }
        )
    elif version == standing.version:
        click.echo(f"rule table {version} is this one already")
    else:
        click.echo(f"rule table {version} is in force; back: vafa rules rollback {standing.version}")
