"""`vafa journal`."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from switch.journal.entries import Entry, EntryFault, unpack
from switch.journal.faults import JournalFault
from switch.journal.reader import JournalScan
from switch.journal.verify import verify as verify_journal
from switch.ledger.liability import liability as rows_of
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
    state = _empty_state()
    naming = Naming(state.merchants, lambda code: _purse_name(state, code))
    for position, entry in _fold(directory, state):
        if position > after:
            click.echo(event_of(position, entry, naming).model_dump_json())


@journal.command()
@_DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def liability(directory: Path, as_json: bool) -> None:
    """What the programme owes by the journal in DIRECTORY (var/journal), purse by purse, as of now.

    Held is kept aside by authorisations, breakage is what expired for good, rial is what the outstanding
    units are worth by the purse's value. Exit code 1 where the books don't balance.
    """
    state = _empty_state()
    for _ in _fold(directory, state):
        pass
    rows = [
        (_purse_name(state, row.purse) or str(row.purse), row) for row in rows_of(state, int(time.time()))
    ]
    unbalanced = {code: total for code, total in state.accounts.trial_balance().items() if total}
    if as_json:
        purses = [{**row._asdict(), "purse": name} for name, row in rows]
        click.echo(json.dumps({"position": state.position, "balanced": not unbalanced, "purses": purses}))
    else:
        columns = ("outstanding", "pending", "held", "debt", "expired", "breakage", "value")
        heads = (*columns[:-1], "rial")
        click.echo(f"{'purse':12}" + "".join(f"{head:>18}" for head in heads))
        for name, row in rows:
            click.echo(f"{name:12}" + "".join(f"{getattr(row, column):>18,}" for column in columns))
        click.echo(
            f"entry {state.position}; trial balance " + (f"broken: {unbalanced}" if unbalanced else "zero")
        )
    if unbalanced:
        raise SystemExit(1)


def _empty_state() -> State:
    return State(TerminalRecord("", "", 0, 1, Role.HOST, Status.ACTIVE))


def _purse_name(state: State, code: int) -> str | None:
    purse = state.rule_table.purses.get(code)
    return None if purse is None else purse.name


def _fold(directory: Path, state: State) -> Iterator[tuple[int, Entry]]:
    """Apply all entries of a journal; yields each one applied, with its position."""
    try:
        for batch in JournalScan(directory).run():
            for raw in batch.entries:
                entry = unpack(raw.kind, raw.version, raw.body)
                state.apply(raw, entry)
                yield raw.position, entry
    except (JournalFault, EntryFault) as fault:
        raise click.ClickException(str(fault)) from None
