"""`vafa sim run` and `vafa sim certify`."""

import asyncio
import json
from pathlib import Path

import click

from protocol.spec import load_spec
from simulator.certification import (
    Case,
    CaseResult,
    Certificate,
    Subject,
    cases_of,
    certify,
    conformance,
    html_report,
    json_report,
)
from simulator.certification.json_report import outcome_document
from simulator.scripts import Endpoint, Outcome, Profile, Script, ScriptFault, load_script, run_script
from simulator.scripts.events import Progress
from tools.sim.driver import asker
from tools.sim.options import Given, address_of, endpoint_of, peer_options, profile_of

_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("run")
@click.argument("script_file", metavar="SCRIPT", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--drive", metavar="COMMAND", help="Runs COMMAND WHAT [AMOUNT] for what the terminal is asked to do."
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as one line of JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@peer_options
def run_command(script_file: Path, drive: str | None, as_json: bool, quiet: bool, **options: object) -> None:
    """Run a script of messages and faults against a switch, or against a terminal that connects here.

    Exit code 0 where everything came as the script expects, 1 where not, 2 where it could not be run.
    """
    given = _given(options)
    try:
        script = load_script(script_file)
    except ScriptFault as fault:
        raise click.UsageError(str(fault)) from None
    if (script.as_ == "switch") != (given.listen is not None):
        wanted = "--listen" if script.as_ == "switch" else "--target"
        raise click.UsageError(f"this script is the {script.as_}: it wants {wanted}")
    outcome = asyncio.run(_run(script, profile_of(given), given, drive, quiet or as_json))
    if as_json:
        click.echo(json.dumps(outcome_document(load_spec("vafa"), outcome), ensure_ascii=False))
    elif outcome.failure is not None:
        _tell_failure(outcome)
    else:
        click.echo(f"passed: {outcome.steps} steps, {outcome.count} messages, {outcome.elapsed_ms} ms")
    if not outcome.passed:
        raise click.exceptions.Exit(1)


@click.command("certify")
@click.option("--case", "names", multiple=True, metavar="NAME", help="Only this case; may be given again.")
@click.option("--list", "only_list", is_flag=True, help="The cases of both packs, and nothing else.")
@click.option(
    "--drive", metavar="COMMAND", help="Runs COMMAND WHAT [AMOUNT] for what the terminal is asked to do."
)
@click.option("--html", "html_file", type=_OUTPUT, help="Write the report as a page, Persian and English.")
@click.option(
    "--conformance", "conformance_file", type=_OUTPUT, help="Write what was passed, to be committed."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@peer_options
def certify_command(  # noqa: PLR0917  (click passes each by name)
    names: tuple[str, ...],
    only_list: bool,
    drive: str | None,
    html_file: Path | None,
    conformance_file: Path | None,
    as_json: bool,
    **options: object,
) -> None:
    """Certify a switch (--target) or a terminal (--listen) by the bundled pack of cases.

    The profile's variable `card` is a card that may earn and spend. Exit code 0 where every case was passed,
    1 where not, 2 where the pack could not be run.
    """
    if only_list:
        _list()
        return
    given = _given(options)
    subject = Subject.SWITCH if given.target is not None else Subject.TERMINAL
    endpoint, profile = endpoint_of(given), profile_of(given)
    if subject is Subject.SWITCH and "card" not in profile.variables:
        raise click.UsageError("the cases want a card of the switch: --set card=NUMBER, or variables.card")
    cases = _chosen(subject, names)
    certificate = asyncio.run(_certify(subject, cases, profile, given, endpoint, drive))
    if html_file is not None:
        html_file.write_text(html_report(certificate), "utf-8")
    if conformance_file is not None:
        conformance_file.write_text(conformance(certificate), "utf-8")
    if as_json:
        click.echo(json.dumps(json_report(certificate), ensure_ascii=False))
    else:
        passed = sum(result.passed for result in certificate.results)
        click.echo(f"{passed} of {len(certificate.results)} cases passed")
    if any(not result.passed for result in certificate.results):
        raise click.exceptions.Exit(1)


async def _run(script: Script, profile: Profile, given: Given, drive: str | None, quiet: bool) -> Outcome:
    endpoint = endpoint_of(given)
    await _listen(endpoint, given)

    def watch(progress: Progress) -> None:
        if not quiet and ".steps." not in progress.step:
            click.echo(f"  {progress.step} {progress.action}", err=True)

    try:
        return await run_script(script, profile, endpoint, on_ask=asker(drive), on_progress=watch)
    finally:
        await endpoint.close()


async def _certify(  # noqa: PLR0917
    subject: Subject,
    cases: list[Case],
    profile: Profile,
    given: Given,
    endpoint: Endpoint,
    drive: str | None,
) -> Certificate:
    await _listen(endpoint, given)

    def begin(case: Case) -> None:
        click.echo(f"{case.name}: {case.script.title.en} · {case.script.title.fa}", err=True)

    def end(result: CaseResult) -> None:
        if result.outcome.failure is not None:
            _tell_failure(result.outcome)
        else:
            click.echo(f"  passed, {result.outcome.elapsed_ms} ms", err=True)

    try:
        return await certify(
            subject, cases, profile, endpoint, is_whole=len(cases) == len(cases_of(subject)),
            on_case=begin, on_result=end, on_ask=asker(drive),
        )  # fmt: skip
    finally:
        await endpoint.close()


async def _listen(endpoint: Endpoint, given: Given) -> None:
    if given.listen is None:
        return
    address = address_of(given)
    try:
        host, port = await endpoint.listen(address.host, address.port)
    except OSError as error:
        raise click.UsageError(f"{given.listen}: {error.strerror or error}") from None
    click.echo(f"listening on {host}:{port}", err=True)


def _chosen(subject: Subject, names: tuple[str, ...]) -> list[Case]:
    cases = cases_of(subject)
    unknown = sorted(set(names) - {case.name for case in cases})
    if unknown:
        known = ", ".join(case.name for case in cases)
        raise click.UsageError(f"no case {', '.join(unknown)} for a {subject}; there are {known}")
    return [case for case in cases if not names or case.name in names]


def _list() -> None:
    for subject in Subject:
        click.echo(f"for a {subject}:")
        for case in cases_of(subject):
            click.echo(f"  {case.name:26} {case.script.title.en} · {case.script.title.fa}")


def _tell_failure(outcome: Outcome) -> None:
    if outcome.failure is not None:
        for line in outcome.failure.lines():
            click.echo(f"  {line}", err=True)


def _given(options: dict[str, object]) -> Given:
    return Given(**options)  # type: ignore[arg-type]
