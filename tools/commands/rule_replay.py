"""`vafa rules replay`."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from switch.journal.format import segment_paths
from switch.rule_trials.journal_replay import FAULTS, DaysGone, JournalReplay
from switch.rule_trials.replay import Span
from switch.rule_trials.replay_report import replay_document
from switch.rule_trials.unknown_facts import unknown_facts
from switch.rules.compiler.dates import day_ordinal
from switch.rules.table import RuleTable
from tools.rules.printing import print_json
from tools.rules.replay_printing import print_replay
from tools.rules.source import WrongInput, sound_rules_of

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
    if not segment_paths(journal):
        raise WrongInput(f"no journal in {journal}")
    with _told_faults():
        found = JournalReplay(journal, table, span, is_from_asked=bool(first))
    with (
        _told_faults(),
        click.progressbar(
            length=found.total_bytes,
            label="journal",
            file=sys.stderr,
            hidden=found.total_bytes < _LONG_BYTES or not sys.stderr.isatty(),
        ) as progress,
    ):
        for done_bytes in found.run():
            progress.update(done_bytes)
    if found.begins_late:
        click.echo(found.begins_late, err=True)
    if as_json:
        print_json(replay_document(found.sums, file, table.digest, (first, last)))
    else:
        print_replay(found.sums, file, of_member=member is not None)


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
    except DaysGone as fault:
        raise WrongInput(str(fault)) from None
    except FAULTS as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'journal'}: {error.strerror}") from None
