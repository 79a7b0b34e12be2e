"""`vafa sim run` and `vafa sim certify`."""

import asyncio
import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
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
    features_of,
    html_report,
    json_report,
)
from simulator.certification.json_report import outcome_document
from simulator.scripts import Endpoint, Outcome, Profile, Script, ScriptFault, load_script, run_script
from simulator.scripts.events import Progress
from switch.gate.link_plan import Address
from tools.sim.bench_keys import banner
from tools.sim.driver import asking
from tools.sim.options import Given, address_of, endpoint_of, in_haste, peer_options, profile_of

_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command("run")
@click.argument("script_file", metavar="SCRIPT", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The outcome as one line of JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@peer_options
def run_command(script_file: Path, as_json: bool, quiet: bool, **options: object) -> None:
    """Run a script of messages and faults against a switch, or against a terminal that connects here.

    Exit code 0 where everything came as the script expects, 1 where not, 2 where it could not be run.
    """
    given = _given(options)
    try:
        script = in_haste(load_script(script_file), given.wait_ms)
    except ScriptFault as fault:
        raise click.UsageError(str(fault)) from None
    if (script.as_ == "switch") != (given.listen is not None):
        wanted = "--listen" if script.as_ == "switch" else "--target"
        raise click.UsageError(f"this script is the {script.as_}: it wants {wanted}")
    address_of(given)
    outcome = asyncio.run(_run(script, profile_of(given), given, quiet or as_json))
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
    "--without", multiple=True, metavar="FEATURE",
    help="Leave out the cases of a feature that the subject lacks; --list names them. May be given again.",
)  # fmt: skip
@click.option("--html", "html_file", type=_OUTPUT, help="Write the report as a page, Persian and English.")
@click.option(
    "--conformance", "conformance_file", type=_OUTPUT, help="Write what was passed, to be committed."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@peer_options
def certify_command(  # noqa: PLR0917  (click passes each by name)
    names: tuple[str, ...],
    only_list: bool,
    without: tuple[str, ...],
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
    _check_places(html_file, conformance_file)
    given = _given(options)
    subject = Subject.SWITCH if given.target is not None else Subject.TERMINAL
    endpoint, profile = endpoint_of(given), profile_of(given)
    if subject is Subject.SWITCH and "card" not in profile.variables:
        raise click.UsageError("the cases want a card of the switch: --set card=NUMBER, or variables.card")
    left_out = _left_out(subject, (*profile.without, *without), names)
    cases = [case for case in _chosen(subject, names) if case not in left_out]
    certificate = asyncio.run(_certify(subject, cases, left_out, profile, given, endpoint))
    _write(html_file, html_report, certificate)
    _write(conformance_file, conformance, certificate)
    if as_json:
        click.echo(json.dumps(json_report(certificate), ensure_ascii=False))
    else:
        passed = sum(result.passed for result in certificate.results)
        told = f"{passed} of {len(certificate.results)} cases passed"
        if certificate.left_out:
            told += f"; without {', '.join(certificate.without)}: {len(certificate.left_out)} left out"
        click.echo(told)
    if any(not result.passed for result in certificate.results):
        raise click.exceptions.Exit(1)


async def _run(script: Script, profile: Profile, given: Given, quiet: bool) -> Outcome:
    endpoint = endpoint_of(given)
    listening = await _listen(endpoint, given)
    click.echo(banner(profile, given.allow_production_keys), err=True)

    def watch(progress: Progress) -> None:
        if not quiet and ".steps." not in progress.step:
            click.echo(f"  {progress.step} {progress.action}", err=True)

    try:
        async with asking(given, listening) as ask:
            return await run_script(script, profile, endpoint, on_ask=ask, on_progress=watch)
    finally:
        await endpoint.close()


async def _certify(  # noqa: PLR0917
    subject: Subject,
    cases: list[Case],
    left_out: tuple[Case, ...],
    profile: Profile,
    given: Given,
    endpoint: Endpoint,
) -> Certificate:
    listening = await _listen(endpoint, given)
    click.echo(banner(profile, given.allow_production_keys), err=True)
    whole = len(cases) + len(left_out) == len(cases_of(subject))
    hasty = [replace(case, script=in_haste(case.script, given.wait_ms)) for case in cases]

    def begin(case: Case) -> None:
        click.echo(f"{case.name}: {case.script.title.en} · {case.script.title.fa}", err=True)

    def end(result: CaseResult) -> None:
        if result.outcome.failure is not None:
            _tell_failure(result.outcome)
            if result.case.script.rule is not None:
                click.echo(f"    rule      {result.case.script.rule.en}", err=True)
        else:
            click.echo(f"  passed, {result.outcome.elapsed_ms} ms", err=True)

    try:
        async with asking(given, listening) as ask:
            return await certify(
                subject, hasty, profile, endpoint, is_whole=whole, left_out=left_out,
                on_case=begin, on_result=end, on_ask=ask,
            )  # fmt: skip
    finally:
        await endpoint.close()


async def _listen(endpoint: Endpoint, given: Given) -> Address | None:
    if given.listen is None:
        return None
    address = address_of(given)
    try:
        host, port = await endpoint.listen(address.host, address.port)
    except OSError as error:
        told = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or error
        hint = "; port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        raise click.UsageError(f"{given.listen}: {told}{hint}") from None
    listening = Address(host, port)
    click.echo(f"listening on {listening}", err=True)
    return listening


def _check_places(*paths: Path | None) -> None:
    """Before a run: what it finds out must not be lost for a wrong path."""
    for path in paths:
        if path is not None and not path.absolute().parent.is_dir():
            raise click.UsageError(f"{path}: there is no folder {path.parent}")


def _write(path: Path | None, report: Callable[[Certificate], str], certificate: Certificate) -> None:
    if path is None:
        return
    try:
        path.write_text(report(certificate), "utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


def _chosen(subject: Subject, names: tuple[str, ...]) -> list[Case]:
    cases = cases_of(subject)
    unknown = sorted(set(names) - {case.name for case in cases})
    if unknown:
        known = ", ".join(case.name for case in cases)
        raise click.UsageError(f"no case {', '.join(unknown)} for a {subject}; there are {known}")
    return [case for case in cases if not names or case.name in names]


def _left_out(subject: Subject, without: tuple[str, ...], names: tuple[str, ...]) -> tuple[Case, ...]:
    unknown = sorted(set(without) - set(features_of(subject)))
    if unknown:
        known = ", ".join(features_of(subject)) or "none"
        raise click.UsageError(
            f"a {subject} can't be without {', '.join(unknown)}; it may be without: {known}"
        )
    return tuple(case for case in cases_of(subject) if case.feature in without and case.name not in names)


def _list() -> None:
    for subject in Subject:
        click.echo(f"for a {subject}:")
        for case in cases_of(subject):
            optional = f"  [--without {case.feature}]" if case.feature else ""
            click.echo(f"  {case.name:26} {case.script.title.en} · {case.script.title.fa}{optional}")


def _tell_failure(outcome: Outcome) -> None:
    if outcome.failure is not None:
        for line in outcome.failure.lines():
            click.echo(f"  {line}", err=True)


def _given(options: dict[str, object]) -> Given:
    return Given(**options)  # type: ignore[arg-type]
