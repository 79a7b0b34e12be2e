"""`vafa settlement`."""

import json
import re
from pathlib import Path

import click

from switch.journal.entries import EntryFault
from switch.journal.faults import JournalFault
from switch.rules.compiler.dates import day_ordinal
from switch.rules.local_time import iso_date
from switch.settlement.report import By, UnknownDay, business_days, settlement_report
from switch.settlement.writing import csv_text, json_form, text
from switch.snapshot.reading import image_before
from tools.host_link.access import HostFault
from tools.settlement.cut_over import order_cut_over

_DIRECTORY = click.option(
    "--journal",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("var/journal"),
    show_default=True,
    help="The switch's journal; it is only read, so the switch may be running.",
)


@click.group()
def settlement() -> None:
    """Business days: who owes whom, and which terminals are reconciled."""


@settlement.command()
@_DIRECTORY
@click.option(
    "--date",
    "written",
    default="last",
    show_default=True,
    help="YYYY-MM-DD, in the Jalali calendar before 1700; last: the last closed day; open: the open one.",
)
@click.option("--by", type=click.Choice([by.value for by in By]), default="merchant", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="A line for each purse and for the sales of each group.")
@click.option("--titles", type=click.Choice(["en", "fa"]), help="Titles for people in the first line of CSV.")
def report(
    *, directory: Path, written: str, by: str, as_json: bool, as_csv: bool, titles: str | None
) -> None:
    """What the programme owes merchants, branches, guilds or partners, or they owe it, for one business day.

    Exit code 1 where the lines don't sum up to the ledger.
    """
    if as_json and as_csv:
        raise click.UsageError("either --json or --csv")
    try:
        found = settlement_report(directory, _day(directory, written), By(by))
    except (JournalFault, EntryFault, UnknownDay) as fault:
        raise click.ClickException(str(fault)) from None
    if as_json:
        click.echo(json.dumps(json_form(found), ensure_ascii=False))
    elif as_csv:
        click.echo(csv_text(found, titles or ""), nl=False)
    else:
        click.echo(text(found), nl=False)
    if not found.agrees:
        raise SystemExit(1)


@settlement.command()
@_DIRECTORY
def days(directory: Path) -> None:
    """Print the journal's business days, oldest first; the last one is open."""
    try:
        for day in business_days(directory):
            click.echo(iso_date(day))
    except (JournalFault, EntryFault) as fault:
        raise click.ClickException(str(fault)) from None


@settlement.command("cut-over")
@click.argument("written", metavar="DATE")
def cut_over(written: str) -> None:
    """Open the business day DATE (YYYY-MM-DD, Jalali before 1700) on the running switch.

    Speaks to it as its host; address, host terminal and master key come from the switch's own settings.
    """
    try:
        order_cut_over(_calendar_day(written))
    except HostFault as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"business day {iso_date(_calendar_day(written))} is open")


def _day(directory: Path, written: str) -> int:
    if written not in ("last", "open"):
        return _calendar_day(written)
    known = business_days(directory)
    if not known and image_before(directory) is not None:
        raise UnknownDay(
            "the journal's first segments are gone: no business day has begun since its oldest snapshot"
        )
    if len(known) < (2 if written == "last" else 1):
        raise UnknownDay("the journal has no closed business day yet")
    return known[-2 if written == "last" else -1]


def _calendar_day(written: str) -> int:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise click.BadParameter("a date is YYYY-MM-DD")
    try:
        return day_ordinal(written)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None
