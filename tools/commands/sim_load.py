"""`vafa sim load`."""

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from simulator.load import (
    Load,
    LoadFault,
    LoadPlan,
    LoadResult,
    PlanFault,
    checked_plan,
    csv_report,
    html_report,
    json_report,
    load_plan,
    summary,
)
from simulator.load.sink import CARD, MASTER_KEY, running_sink
from simulator.scripts import Profile
from switch.gate.link_plan import read_address
from tools.sim.options import Given, identity_options, profile_of
from tools.sim.progress import Progress

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_SECONDS = 10.0
_RATE = 100.0


@click.command("load")
@click.option("--target", metavar="HOST:PORT", help="The switch to be loaded.")
@click.option(
    "--sink", is_flag=True, help="Load a peer that answers at once: what the generator itself can do."
)
@click.option(
    "--plan", "plan_file", type=_FILE, help="TOML: terminals, cards, mix, stages; or the simple case:"
)
@click.option("--rate", type=float, help=f"Requests a second, by the clock.  [default: {_RATE:g}]")
@click.option("--users", type=int, help="In place of a rate: so many who wait for their answers.")
@click.option("--seconds", type=float, help=f"How long.  [default: {_SECONDS:g}]")
@click.option("--terminals", type=int, help="Counted up from --terminal-id.  [default: 1]")
@click.option("--links", type=int, help="Which the terminals share.  [default: up to 32]")
@click.option("--mix", metavar="KIND=WEIGHT,…", help="As purchase=80,redemption=15,balance=5.")
@identity_options
@click.option("--allow-remote", is_flag=True, help="The target is not this machine, and is no production.")
@click.option("--html", "html_file", type=_OUTPUT, help="Write the report as a page with plots.")
@click.option("--csv", "csv_file", type=_OUTPUT, help="Write a line for each second.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, and no progress.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def load_command(  # noqa: PLR0917  (click passes each by name)
    target: str | None,
    sink: bool,
    plan_file: Path | None,
    rate: float | None,
    users: int | None,
    seconds: float | None,
    terminals: int | None,
    links: int | None,
    mix: str | None,
    allow_remote: bool,
    html_file: Path | None,
    csv_file: Path | None,
    as_json: bool,
    quiet: bool,
    **options: object,
) -> None:
    """Load a switch with many terminals: an open loop by the clock, or a closed one of users who wait.

    What is sold stands in the ledger of whoever is loaded, so the target must be this machine unless
    --allow-remote is given. Ctrl-C ends the load in good order, with the report so far.

    Exit code 0 where the load ran to its end, 1 where it ended early, 2 where it could not be run.
    """
    simple = {
        "rate": rate,
        "users": users,
        "seconds": seconds,
        "terminals": terminals,
        "links": links,
        "mix": mix,
    }
    given: dict[str, object] = {name: value for name, value in simple.items() if value is not None}
    try:
        if plan_file is not None and given:
            raise click.UsageError(f"--{next(iter(given))} stands in the plan")
        plan = load_plan(plan_file) if plan_file is not None else _simple_plan(given)
        with _peer(target, sink, allow_remote, options) as (address, profile):
            result = _run(plan, profile, address, Progress(is_quiet=quiet or as_json))
    except PlanFault as fault:
        raise click.UsageError(str(fault)) from None
    except LoadFault as fault:
        raise click.UsageError(f"{target or 'the sink'}: {fault}") from None
    if html_file is not None:
        html_file.write_text(html_report(result), "utf-8")
    if csv_file is not None:
        csv_file.write_text(csv_report(result), "utf-8")
    if as_json:
        click.echo(json.dumps(json_report(result), ensure_ascii=False))
    else:
        for line in summary(result):
            click.echo(line)
    if result.stopped:
        raise click.exceptions.Exit(1)


def _simple_plan(given: dict[str, object]) -> LoadPlan:
    stage: dict[str, object] = {"name": "load", "seconds": given.get("seconds", _SECONDS)}
    if "users" in given:
        stage["users"] = given["users"]
    if "rate" in given or "users" not in given:
        stage["rate"] = given.get("rate", _RATE)
    document: dict[str, object] = {"format": 1, "stages": [stage]}
    if "terminals" in given:
        document["terminals"] = {"count": given["terminals"]}
    if "links" in given:
        document["links"] = given["links"]
    if "mix" in given:
        document["mix"] = _mix(str(given["mix"]))
    return checked_plan(document, "options")


def _mix(text: str) -> dict[str, str]:
    found = {}
    for part in text.split(","):
        kind, sign, weight = part.partition("=")
        if not sign:
            raise click.UsageError("--mix wants KIND=WEIGHT,KIND=WEIGHT")
        found[kind.strip()] = weight.strip()
    return found


@contextlib.contextmanager
def _peer(
    target: str | None, sink: bool, allow_remote: bool, options: dict[str, object]
) -> Iterator[tuple[tuple[str, int], Profile]]:
    if (target is not None) == sink:
        raise click.UsageError("give --target HOST:PORT or --sink, one of them")
    if target is None:
        with running_sink() as found:
            yield found, Profile(master_key=MASTER_KEY.hex(), variables={"card": CARD})
        return
    try:
        address = read_address(target)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if not address.is_loopback and not allow_remote:
        raise click.UsageError(
            f"{target} is not this machine. A load is never for production, as what it sells stands in the"
            " ledger. Give --allow-remote where this is a test installation"
        )
    profile = profile_of(Given(**options))  # type: ignore[arg-type]
    yield (address.host, address.port), profile


def _run(plan: LoadPlan, profile: Profile, address: tuple[str, int], progress: Progress) -> LoadResult:
    load = Load(plan, profile, address, progress.second)

    def interrupt(_: int, __: FrameType | None) -> None:
        # The next one ends everything at once.
        signal.signal(signal.SIGINT, before)
        load.stop("it was interrupted")

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        return load.run()
    finally:
        signal.signal(signal.SIGINT, before)
        progress.end()
