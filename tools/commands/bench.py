"""`vafa bench`."""

import importlib
import json
from collections.abc import Callable
from importlib.util import find_spec

import click

from tools.bench.measure import Report

# Name, module, the packages beyond ours that it compares with.
_BENCHMARKS = {"codec": ("tools.bench.codec", ("iso8583", "py8583"))}


@click.command()
@click.argument("name", type=click.Choice(list(_BENCHMARKS)))
@click.option("--quick", is_flag=True, help="Shorter rounds: the same names within a minute.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of a table.")
def bench(name: str, quick: bool, as_json: bool) -> None:
    """Measure NAME beside its rivals in one run; ratios count, absolute figures depend on the machine."""
    module, needed = _BENCHMARKS[name]
    missing = [package for package in needed if find_spec(package) is None]
    if missing:
        raise click.ClickException(
            f"{', '.join(missing)} missing: pip install 'vafa[bench]', or make setup-dev"
        )
    run: Callable[..., Report] = importlib.import_module(module).run
    report = run(quick=quick)
    if as_json:
        click.echo(json.dumps(report.as_dict()))
        return
    click.echo(table(report))


def table(report: Report) -> str:
    """The report as a Markdown table, ratios against the first line."""
    first = report.results[0].value
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.machine.items())
    lines = [
        f"{report.benchmark} ({machine})",
        "",
        f"| {report.benchmark} | {report.results[0].unit} | times {report.results[0].name} |",
        "|---|---:|---:|",
    ]
    lines += [f"| {r.name} | {r.value:.3f} | {first / r.value:.1f} |" for r in report.results]
    return "\n".join(lines)
