"""`vafa rules`."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from switch.rule_trials.club import Club
from switch.rule_trials.explanation import document
from switch.rule_trials.facts import NameFault, check_names
from switch.rule_trials.sale import Sale
from switch.rule_trials.simulation import Simulation
from switch.rule_trials.simulation_report import simulation_document
from switch.rule_trials.telling import Language
from switch.rules.compiler import RuleFaults
from switch.rules.evaluator import Trace, explain
from switch.rules.facts import Facts
from switch.rules.lints import Severity
from switch.rules.lints import lint as find_lints
from switch.rules.outcome import CounterView, Outcome
from switch.rules.table import RuleTable
from tools.commands.rule_publication import publish, rollback
from tools.commands.rule_replay import replay
from tools.rules.options import sale_with
from tools.rules.printing import (
    lints_document,
    print_costs,
    print_explanation,
    print_json,
    print_lints,
    print_simulation,
)
from tools.rules.source import (
    STANDARD_INPUT,
    Rules,
    WrongInput,
    count_of,
    estimated,
    rules_of,
    sales_of,
    sound_rules_of,
)

_Command = TypeVar("_Command", bound=Callable[..., object])
_RULES = click.argument("file", metavar="FILE")
_LONG_SALES = 5_000
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
_COLOUR = click.option("--color/--no-color", default=None, help="[default: as the output is a terminal]")

_LANGUAGE = click.option(
    "--language", type=click.Choice(("en", "fa")), default="en", show_default=True, help="Of texts."
)


@click.group()
def rules() -> None:
    """Compile rules, check them, ask them why, and try them on sales.

    FILE is a rule document, TOML or JSON; "-" is standard input.

    \b
    Exit codes: 0 as hoped, 1 the rules are wrong (or not as a sale expects), 2 the input can't be used.
    """


rules.add_command(publish)
rules.add_command(rollback)
rules.add_command(replay)


@rules.command("compile")
@_RULES
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the table here.")
@_JSON
def compile_command(file: str, output: Path | None, as_json: bool) -> None:
    """Compile FILE into the table that a switch journals, and tell its digest, its counts and its size."""
    start = time.perf_counter()
    found = _compiled(file)
    elapsed_ms = (time.perf_counter() - start) * 1000
    table = found.table
    if output is not None:
        try:
            output.write_bytes(table.packed)
        except OSError as error:
            raise WrongInput(f"cannot write {output}: {error.strerror}") from None
    versions = {rule.rule_id: rule.version for rule in table.rules}
    counts = {
        "rules": len(table.rules),
        "rules_left_out": len(found.document.rules) - len(table.rules),
        "purses": len(table.programme.purses),
        "segments": len(table.programme.segments),
        "agreements": len(table.programme.agreements),
        "groups": len(table.groups),
        "budgets": len(table.budgets),
        "limits": len(table.limits),
        "counters": len(table.counters),
    }
    if as_json:
        print_json(
            {
                "source": found.name,
                "programme": table.programme.name,
                "format": found.document.format,
                "digest": table.digest,
                "bytes": len(table.packed),
                "compile_ms": round(elapsed_ms, 1),
                **counts,
                "versions": versions,
            }
        )
        return
    click.echo(f"{found.name}: programme {table.programme.name}, digest {table.digest}")
    click.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items() if count))
    click.echo(f"{len(table.packed):,} bytes in {elapsed_ms:,.0f} ms")
    if output is not None:
        click.echo(f"written to {output}")


@rules.command()
@_RULES
@click.option("--strict", is_flag=True, help="Exit code 1 for warnings too.")
@click.option("--cost", is_flag=True, help="Estimate the cost of 1,000 transactions, too.")
@click.option(
    "--mix", metavar="MIX", help="Of these: [[sales]] with a weight each.  [default: everyday shops]"
)
@_JSON
@_LANGUAGE
@_COLOUR
@click.pass_context
def lint(  # noqa: PLR0917
    context: click.Context, /, file: str, strict: bool, cost: bool, mix: str | None, language: Language,
    as_json: bool, color: bool | None,
) -> None:  # fmt: skip
    """Tell what is wrong with the rules of FILE, and what is not wrong but hardly meant.

    Exit code 1 where there is an error, with --strict also where there is a warning. The cost is an upper
    estimate: every sale counts as its member's first. --mix tells what a club's sales are like.
    """
    if mix == STANDARD_INPUT and file == STANDARD_INPUT:
        raise WrongInput("rules and mix cannot both come from standard input")
    context.color = color
    try:
        found = rules_of(file)
    except RuleFaults as faults:
        if not as_json:
            raise click.ClickException(str(faults)) from None
        print_json({"source": faults.source, "faults": faults.faults, "lints": []})
        raise SystemExit(1) from None
    now_s = int(time.time())
    lints = find_lints(found.document, now_s)
    costs = estimated(found.table, mix, now_s) if cost or mix is not None else None
    if as_json:
        print_json(lints_document(found, lints, costs))
    else:
        print_lints(found, lints, language)
        if costs is not None:
            print_costs(found.table, costs)
    if any(each.severity >= (Severity.WARNING if strict else Severity.ERROR) for each in lints):
        raise SystemExit(1)


def _sale_options(command: _Command) -> _Command:
    options = (
        click.option(
            "--trigger", metavar="NAME", help="purchase, burn_request, visit, …  [default: purchase]"
        ),
        click.option("--amount", type=int, metavar="RIAL"),
        click.option(
            "--at", metavar="TIME", help="2026-11-01T18:30, or 1405-08-10T18:30; local.  [default: now]"
        ),
        click.option("--member", type=int, metavar="NUMBER"),
        click.option("--tier", metavar="NAME"),
        click.option("--segment", "segments", multiple=True, metavar="NAME"),
        click.option("--agreement", "agreements", multiple=True, metavar="NAME"),
        click.option("--balance", "balances", multiple=True, metavar="PURSE=UNITS"),
        click.option("--metric", "metrics", multiple=True, metavar="NAME=NUMBER"),
        click.option("--merchant", metavar="M1"),
        click.option("--branch", metavar="M1/1"),
        click.option("--guild", metavar="NAME"),
        click.option("--city", metavar="NAME"),
        click.option("--card-type", metavar="NAME"),
        click.option("--channel", metavar="NAME", help="[default: pos]"),
        click.option("--line", "lines", multiple=True, metavar="SKU,CATEGORY,QUANTITY,RIAL[,LABEL+…]"),
        click.option("--pay", metavar="PURSE[=UNITS]", help="Pay from a purse: all, or so many units."),
        click.option("--reward", metavar="RULE", help="Ask for the reward of a rule."),
        click.option("--pin", is_flag=True, help="The PIN was entered."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@rules.command("explain")
@_RULES
@click.option("--sale", "sale_file", metavar="SALE", help="A file with a sale, or several: see --number.")
@click.option(
    "--number",
    type=click.IntRange(1),
    help="Which of several; those before it come first.  [default: the last]",
)
@_sale_options
@click.option("--all", "everything", is_flag=True, help="Rules for other kinds of request too.")
@_LANGUAGE
@_JSON
@_COLOUR
@click.pass_context
def explain_command(  # noqa: PLR0917  (click passes each by name)
    context: click.Context, /, file: str, sale_file: str | None, number: int | None, everything: bool,
    language: Language, as_json: bool, color: bool | None, **options: object,
) -> None:  # fmt: skip
    """Why a sale gets what it gets: each rule of FILE, and why it gives something or doesn't.

    The sale comes from a file, from options, or from a file with options in place of what it says.
    """
    if sale_file == STANDARD_INPUT and file == STANDARD_INPUT:
        raise WrongInput("rules and sale cannot both come from standard input")
    context.color = color
    table = sound_rules_of(file).table
    sales = list(sales_of(sale_file)) if sale_file is not None else [Sale()]
    if not sales:
        raise WrongInput(f"{sale_file}: no sales")
    if number is not None and number > len(sales):
        raise WrongInput(f"--number {number}: there are {len(sales)} sales")
    earlier, sale = sales[: (number or len(sales)) - 1], sales[(number or len(sales)) - 1]
    sale = sale_with(sale, options)
    club = Club(table, int(time.time()))
    traces: list[Trace] = []

    def with_traces(table: RuleTable, facts: Facts, counters: CounterView) -> Outcome:
        outcome, found = explain(table, facts, counters)
        traces.extend(found)
        return outcome

    with _names_checked():
        for each in earlier:
            check_names(each, [table])
            club.decide(each)
        check_names(sale, [table])
        decision = club.decide(sale, by=with_traces)
    if as_json:
        print_json(document(table, decision, traces))
    else:
        print_explanation(table, decision, traces, language, everything=everything)


@rules.command()
@_RULES
@click.option("--sales", "sales_file", metavar="SALES", required=True, help="TOML, JSON or JSON lines.")
@click.option("--against", metavar="OTHER", help="Another rule file: the same sales through both.")
@_JSON
@_COLOUR
@click.pass_context
def simulate(  # noqa: PLR0917
    context: click.Context, /, file: str, sales_file: str, against: str | None, as_json: bool,
    color: bool | None,
) -> None:  # fmt: skip
    """Play sales through the rules of FILE, in their order, and tell what that gives and costs.

    Counters, budgets and balances go from sale to sale. With --against it tells what changes, who wins and
    who loses. Where sales have expectations (`expect`) they are checked; exit code 1 where one is missed.
    """
    if [file, sales_file, against].count(STANDARD_INPUT) > 1:
        raise WrongInput("only one of rules and sales can come from standard input")
    context.color = color
    found = sound_rules_of(file)
    other = sound_rules_of(against) if against is not None else None
    simulation = Simulation(found.table, other.table if other else None, int(time.time()))
    count = count_of(sales_file)
    with (
        _names_checked(),
        click.progressbar(
            sales_of(sales_file), length=count, label="sales", file=sys.stderr, hidden=_is_quiet(count)
        ) as sales,
    ):
        for sale in sales:
            simulation.play(sale)
    if not simulation.side.totals.sales:
        raise WrongInput(f"{sales_file}: no sales")
    names = (found.name, other.name if other else "")
    if as_json:
        print_json(simulation_document(simulation, *names))
    else:
        print_simulation(simulation, *names)
    if simulation.surprised:
        raise SystemExit(1)


def _is_quiet(count: int | None) -> bool:
    """Progress is for long input and people."""
    return count is None or count < _LONG_SALES or not sys.stderr.isatty()


def _compiled(file: str) -> Rules:
    """Compiled rules, or all their faults and exit code 1."""
    try:
        return rules_of(file)
    except RuleFaults as faults:
        raise click.ClickException(str(faults)) from None


@contextmanager
def _names_checked() -> Iterator[None]:
    """A name that no rule set declares ends the command."""
    try:
        yield
    except NameFault as fault:
        raise WrongInput(str(fault)) from None
