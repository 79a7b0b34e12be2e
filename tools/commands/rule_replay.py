"""`vafa rules replay`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from switch.authoriser.facts import local_day_at
from switch.journal.entries import EntryFault, unpack
from switch.journal.faults import JournalFault
from switch.journal.format import ENTRY_HEADER_BYTES, RawEntry, segment_paths
from switch.journal.reader import Beginning, JournalScan
from switch.ledger.records import RecordFault
from switch.rules.compiler.dates import day_ordinal
from switch.rules.local_time import iso_date
from switch.rules.packing import RuleTableFault
from switch.rules.table import RuleTable
from switch.snapshot.image import Image
from switch.snapshot.reading import image_before
from tools.rules.printing import print_json
from tools.rules.replay import Replay, Span
from tools.rules.replay_printing import print_replay, replay_document
from tools.rules.source import WrongInput, sound_rules_of
from tools.rules.unknown_facts import unknown_facts

_LONG_BYTES = 8 << 20
_TOLD_MAX = 10


@click.command("replay")
@click.argument("journal", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--rules", "file", metavar="FILE", required=True, help="The other rules.")
@click.option("--from", "first", metavar="DAY", default="", help="YYYY-MM-DD, Jalali before 1700; local.")
@click.option("--until", "last", metavar="DAY", default="", help="The last day, included.")
@click.option("--member", type=click.IntRange(1), help="Tell of this member only, each purchase.")
@click.option(
    "--assume-absent", is_flag=True, help="Take what the journal doesn't keep for absent: codes, PINs, …"
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def replay(
    journal: Path, file: str, first: str, last: str, member: int | None, *, assume_absent: bool, as_json: bool
) -> None:
    """What other rules would have made of the purchases in JOURNAL: who would have got more, and who less.

    Each purchase is decided again on the facts and balances as they stood, with counters (caps, budgets,
    limits) that go on from the real ones as the other rules would have counted. What came of other balances
    is not followed up, and returns stay as they were. JOURNAL is only read: its switch may be running. Where
    its first segments are gone, it begins behind the oldest snapshot.

    \b
    A journal doesn't keep promotion codes, channels, operators, entry modes, metrics and PINs. Rules that
    look at them are refused, unless --assume-absent; purchases decided by them are left out and counted.
    """
    table = sound_rules_of(file).table
    if not assume_absent:
        _check_known(table)
    span = Span(_day(first, 0), _day(last, Span().last_day), member or 0)
    paths = segment_paths(journal)
    if not paths:
        raise WrongInput(f"no journal in {journal}")
    with _told_faults():
        image = image_before(journal)
    begun, beginning = None, Beginning()
    if image is not None:
        begun, beginning = image.state, Beginning(image.header.position + 1, image.header.chain_hash)
    found = Replay(table, span, begun)
    total = sum(path.stat().st_size for path in paths)
    with (
        _told_faults(),
        click.progressbar(
            length=total,
            label="journal",
            file=sys.stderr,
            hidden=total < _LONG_BYTES or not sys.stderr.isatty(),
        ) as progress,
    ):
        for batch in JournalScan(journal, beginning=beginning, is_live=True).run():
            if image is not None:
                _tell_beginning(image, batch.entries[0], table, span if first else None)
                image = None
            for raw in batch.entries:
                found.take(raw)
            progress.update(sum(ENTRY_HEADER_BYTES + len(raw.body) for raw in batch.entries))
            if found.is_over:
                break
    if as_json:
        print_json(replay_document(found.sums, file, table.digest, (first, last)))
    else:
        print_replay(found.sums, file, of_member=member is not None)


def _tell_beginning(image: Image, raw: RawEntry, table: RuleTable, asked: Span | None) -> None:
    """Say from when on there is an answer where the first segments are gone. WrongInput for earlier days."""
    entry = unpack(raw.kind, raw.version, raw.body)
    day = local_day_at(table, entry.at_ms // 1000).ordinal
    gone = f"the journal's first segments are gone, and snapshot {image.header.position} is the oldest of use"
    if asked is None:
        click.echo(f"{gone}: what follows begins within {iso_date(day)}", err=True)
    elif asked.first_day <= day:
        raise WrongInput(f"{gone}: whole days can be had from {iso_date(day + 1)} on")


def _check_known(table: RuleTable) -> None:
    unknown = unknown_facts(table)
    if not unknown:
        return
    lines = [f"  {each.rule_id} looks at: {each.fact}" for each in unknown[:_TOLD_MAX]]
    if len(unknown) > _TOLD_MAX:
        lines.append(f"  and {len(unknown) - _TOLD_MAX} more")
    raise WrongInput(
        "\n".join(["no journal keeps what these rules look at (--assume-absent goes on without):", *lines])
    )


def _day(written: str, default: int) -> int:
    if not written:
        return default
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        raise click.BadParameter("a date is YYYY-MM-DD")
    try:
        return day_ordinal(written)
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


@contextmanager
def _told_faults() -> Iterator[None]:
    """A journal that can't be read or trusted is told in one line."""
    try:
        yield
    except (JournalFault, EntryFault, RecordFault, RuleTableFault, ValueError) as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'journal'}: {error.strerror}") from None
