"""`vafa sim soak`."""

import itertools
import json
import re
from collections.abc import Iterable

import click

from simulator.world.plan import Sabotage
from simulator.world.soak import Soak, soak
from simulator.world.street import Report

_PROGRESS_SEEDS = 50
_SEEDS_MAX_MINUTES = 100_000.0
_STEPS = 40


@click.command("soak")
@click.option("--seed", type=click.IntRange(0), help="One seed, with its last events if it fails.")
@click.option("--seeds", "seed_range", metavar="A..B", help="Seeds from A to B, both included.")
@click.option(
    "--minutes",
    type=click.FloatRange(0, _SEEDS_MAX_MINUTES),
    help="Stop after so long; without seeds, go on for so long.",
)
@click.option(
    "--steps", type=click.IntRange(1, 100_000), default=_STEPS, show_default=True,
    help="Visits of customers in each world.",
)  # fmt: skip
@click.option(
    "--sabotage", type=click.Choice([each.value for each in Sabotage]), default=Sabotage.NONE.value,
    show_default=True, help="Break the switch on purpose: the checkers must notice.",
)  # fmt: skip
@click.option(
    "--forgiving-disk", is_flag=True,
    help="What a killed process wrote is on the disk when it starts again.",
)  # fmt: skip
@click.option(
    "--events", type=click.IntRange(0, 400), default=40, show_default=True, help="Of a failed seed."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON for each failure and for the sums.")
def soak_command(  # noqa: PLR0917  (click passes each by name)
    seed: int | None,
    seed_range: str | None,
    minutes: float | None,
    steps: int,
    sabotage: str,
    forgiving_disk: bool,
    events: int,
    as_json: bool,
) -> None:
    """Live simulated worlds and check every promise in each: without real time, sockets or disk.

    A world comes from its seed alone: the same seed lives the same life on every machine. Without options
    seeds 0 to 199 are lived. Exit code 0 where every promise was kept, 1 where a seed broke one.
    """
    again = f"vafa sim soak --steps {steps}"
    again += f" --sabotage {sabotage}" if sabotage != Sabotage.NONE else ""
    again += " --forgiving-disk" if forgiving_disk else ""
    seconds_max = float("inf") if minutes is None else minutes * 60
    sums = Soak()
    for report, sums in soak(
        _seeds(seed, seed_range, minutes),
        steps,
        seconds_max=seconds_max,
        sabotage=Sabotage(sabotage),
        forgiving=forgiving_disk,
    ):
        if report.violations:
            _tell_failure(report, f"{again} --seed {report.seed}", events, as_json)
        elif not as_json and sums.seeds % _PROGRESS_SEEDS == 0:
            click.echo(f"{sums.seeds} seeds, up to {report.seed}: {len(sums.failed)} failed", err=True)
    if as_json:
        click.echo(json.dumps(sums.as_dict()))
    else:
        _tell_sums(sums)
    if sums.failed:
        raise click.exceptions.Exit(1)


def _seeds(seed: int | None, seed_range: str | None, minutes: float | None) -> Iterable[int]:
    if seed is not None and seed_range is not None:
        raise click.UsageError("--seed and --seeds exclude each other")
    first, last = (seed, seed) if seed is not None else (0, 199)
    if seed_range is not None:
        found = re.fullmatch(r"(\d+)\.\.(\d+)", seed_range)
        if found is None or int(found[1]) > int(found[2]):
            raise click.UsageError("--seeds wants A..B with A not above B, as 0..999")
        first, last = int(found[1]), int(found[2])
    if minutes is not None and (seed is None and seed_range is None):
        return itertools.count(first)
    return range(first, last + 1)


def _tell_failure(report: Report, command: str, events: int, as_json: bool) -> None:
    last = list(report.events[-events:]) if events else []
    if as_json:
        failure = {"seed": report.seed, "command": command, "violations": report.violations, "events": last}
        click.echo(json.dumps(failure, ensure_ascii=False))
        return
    click.echo(f"seed {report.seed} failed")
    for line in last:
        click.echo(f"  {line}")
    for violation in report.violations[:5]:
        click.echo(f"  broken: {violation}")
    click.echo(f"  again: {command}")


def _tell_sums(sums: Soak) -> None:
    figures = sums.as_dict()
    failed = figures.pop("failed_seeds")
    click.echo(", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in figures.items()))
    click.echo(f"failed seeds: {failed}" if failed else "every promise was kept")
