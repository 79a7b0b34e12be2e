"""`vafa journal`."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from protocol.feed import Event
from switch.journal.entries import EntryFault, unpack
from switch.journal.faults import JournalFault
from switch.journal.format import FIRST_POSITION, segment_paths
from switch.journal.reader import JournalScan
from switch.ledger.liability import liability as rows_of
from switch.ledger.state import State
from switch.operations.feed import event_of
from switch.snapshot.faults import SnapshotFault
from switch.snapshot.files import snapshot_paths
from switch.snapshot.making import make_snapshot
from switch.snapshot.reading import kept_beginning, recovered_state, verify_kept
from tools.journal.lines import line_of
from tools.journal.naming import names_before
from tools.journal.snapshots import told_snapshot
from tools.journal.tail import show_tail

_DIRECTORY = click.argument(
    "directory", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("var/journal")
)


@click.group()
def journal() -> None:
    """Look into a switch's journal, and make snapshots of it; a switch may be running."""


@journal.command()
@_DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(directory: Path, as_json: bool) -> None:
    """Check every CRC and the whole hash chain of the journal in DIRECTORY (var/journal).

    Where the first segments are gone it begins with those that are there, and the newest good snapshot must
    have what came before. Exit code 0 where a switch would start from it, 1 where it would not.
    """
    with _told_faults():
        report = verify_kept(directory)
    if as_json:
        click.echo(json.dumps(asdict(report)))
    elif report.ok:
        click.echo(
            f"{report.entries} entries in {report.batches} batches and {report.segments} segments; "
            f"last hash {report.last_hash[:16]}"
        )
        if report.first_position > FIRST_POSITION:
            click.echo(f"they begin with entry {report.first_position}; a snapshot has what came before")
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
    with _told_faults():
        names = names_before(directory)
        for batch in JournalScan(directory, beginning=kept_beginning(directory)).run():
            for raw in batch.entries:
                names.note(raw)
                if raw.position > after:
                    entry = unpack(raw.kind, raw.version, raw.body)
                    click.echo(event_of(raw.position, entry, names.naming).model_dump_json())


@journal.command()
@_DIRECTORY
@click.option(
    "--lines", "-n", "count", type=click.IntRange(0, 100_000), default=10, show_default=True, help="How many."
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C or SIGTERM.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines, as those of dump.")
def tail(*, directory: Path, count: int, follow: bool, as_json: bool) -> None:
    """Print the newest entries of the journal in DIRECTORY (var/journal), one line each.

    A line tells position, time (UTC) and what happened: cards and members by reference, never by number or
    name. Only entries that are durable are shown; of a journal that a switch is writing, as soon as they are.
    """
    if not segment_paths(directory):
        raise click.ClickException(f"no journal in {directory}")

    def show(event: Event) -> None:
        click.echo(event.model_dump_json() if as_json else line_of(event))

    try:
        with _told_faults():
            show_tail(directory, count, show, follow=follow)
    except BrokenPipeError:
        # Whoever read this has gone; nothing more may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@journal.command()
@_DIRECTORY
def snapshot(directory: Path) -> None:
    """Make a snapshot of the journal in DIRECTORY (var/journal), as a switch does by itself.

    It has all full segments, those that the journal has gone on from; a switch starts from it and the
    segments behind it. Of older snapshots one is kept.
    """
    with _told_faults():
        made = make_snapshot(directory, time.time_ns() // 1_000_000)
    if made is None:
        click.echo("nothing to do: no segment is full that the newest snapshot does not have")
    else:
        click.echo(f"snapshot at position {made.position}: {made.entries} entries, {made.size_bytes} bytes")


@journal.command()
@_DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def snapshots(directory: Path, as_json: bool) -> None:
    """List the snapshots of the journal in DIRECTORY (var/journal), oldest first, and check every bit.

    Exit code 1 where one is damaged or of an unknown version.
    """
    with _told_faults():
        rows = [told_snapshot(path, time.time_ns() // 1_000_000) for path in snapshot_paths(directory)]
    for row in rows:
        click.echo(json.dumps(row._asdict()) if as_json else row.line())
    if any(row.fault for row in rows):
        raise SystemExit(1)


@journal.command()
@_DIRECTORY
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def liability(directory: Path, as_json: bool) -> None:
    """What the programme owes by the journal in DIRECTORY (var/journal), purse by purse, as of now.

    Held is kept aside by authorisations, breakage is what expired for good, rial is what the outstanding
    units are worth by the purse's value. Exit code 1 where the books don't balance.
    """
    with _told_faults():
        state = recovered_state(directory)
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


def _purse_name(state: State, code: int) -> str | None:
    purse = state.rule_table.purses.get(code)
    return None if purse is None else purse.name


@contextmanager
def _told_faults() -> Iterator[None]:
    """A journal that can't be read or trusted is told in one line."""
    try:
        yield
    except (JournalFault, EntryFault, SnapshotFault) as fault:
        raise click.ClickException(str(fault)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'journal'}: {error.strerror}") from None
