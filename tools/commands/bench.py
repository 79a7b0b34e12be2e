"""`vafa bench`."""

import importlib
import json
from collections.abc import Callable
from importlib.util import find_spec

import click

from tools.bench.measure import Report, Result
from tools.bench.switch_fault import BenchFault

# Name, module, the packages beyond ours that it compares with.
_BENCHMARKS = {
    "codec": ("tools.bench.codec", ("iso8583", "py8583")),
    "rules": ("tools.bench.rules", ("rule_engine", "business_rules", "json_logic")),
    "switch": ("tools.bench.switch", ()),
    "host-api": ("tools.bench.host_api", ("psycopg",)),
    "festivals": ("tools.bench.festivals", ("psycopg",)),
    "referral-network": ("tools.bench.referral_network", ("psycopg",)),
    "risk": ("tools.bench.risk", ()),
}


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
    try:
        report = run(quick=quick)
    except BenchFault as fault:
        raise click.ClickException(str(fault)) from None
    if as_json:
        click.echo(json.dumps(report.as_dict()))
        return
    click.echo(table(report))


def table(report: Report) -> str:
    """The report as a Markdown table, with ratios: how many times as fast as the first contender.

    Where names end in a size (`vafa@100`), the first one of the same size is meant. Of rates the greater is
    the faster, of times the smaller. A figure in another unit than the first one's stands for itself.
    """
    first = report.results[0]
    firsts: dict[str, Result] = {}
    for result in report.results:
        firsts.setdefault(_size(result), result)
    machine = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.machine.items())
    lines = [
        f"{report.benchmark} ({machine})",
        "",
        f"| {report.benchmark} | {first.unit} | times {first.name.partition('@')[0]} |",
        "|---|---:|---:|",
    ]
    for result in report.results:
        beside = firsts[_size(result)].value
        if result.unit != first.unit:
            lines.append(f"| {result.name} | {_figure(result.value)} {result.unit} | |")
        elif result.unit.endswith("/s"):
            lines.append(f"| {result.name} | {result.value:,.0f} | {result.value / beside:.1f} |")
        else:
            lines.append(f"| {result.name} | {result.value:.3f} | {beside / result.value:.1f} |")
    return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else f"{value:.3f}"


def _size(result: Result) -> str:
    return result.name.partition("@")[2]
