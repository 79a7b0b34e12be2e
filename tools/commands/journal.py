"""`vafa journal`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from switch.journal.entries import EntryFault, unpack
from switch.journal.faults import JournalFault
from switch.journal.reader import JournalScan
from switch.journal.verify import verify as verify_journal
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.operations.feed import Naming, event_of

_DIRECTORY = click.argument(
    "directory", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("var/journal")
)


@click.group()
def journal() -> None:
    """Look into a switch's journal; reads only, so a switch may be running."""


@journal.command()
@_DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(directory: Path, as_json: bool) -> None:
    """Check every CRC and the whole hash chain of the journal in DIRECTORY (var/journal).

    Exit code 0 where a switch would start from it, 1 where it would not.
    """
    report = verify_journal(directory)
    if as_json:
        click.echo(json.dumps(asdict(report)))
    elif report.ok:
        click.echo(
            f"{report.entries} entries in {report.batches} batches and {report.segments} segments; "
            f"last hash {report.last_hash[:16]}"
        )
        if report.torn_bytes:
            click.echo(f"behind them {report.torn_bytes} bytes of a batch that was not finished")
    else:
        click.echo(f"damaged: {report.fault}", err=True)
    if not report.ok:
        raise SystemExit(1)


@journal.command()
@_DIRECTORY
@click.option("--after", type=click.IntRange(0), default=0, help="Only entries behind this position.")
def dump(directory: Path, after: int) -> None:
    """Print entries as JSON lines. Cards and members appear by reference, never by number or name."""
    # Merchants appear in transfers by their ordinal, which only a fold of all entries knows.
    state = State(TerminalRecord("", "", 0, 1, Role.HOST, Status.ACTIVE))

    def purse_name(code: int) -> str | None:
        purse = state.rule_table.purses.get(code)
        return None if purse is None else purse.name

    naming = Naming(state.merchants, purse_name)
    try:
        for batch in JournalScan(directory).run():
            for raw in batch.entries:
                entry = unpack(raw.kind, raw.version, raw.body)
                state.apply(raw, entry)
                if raw.position > after:
                    click.echo(event_of(raw.position, entry, naming).model_dump_json())
    except (JournalFault, EntryFault) as fault:
        raise click.ClickException(str(fault)) from None
