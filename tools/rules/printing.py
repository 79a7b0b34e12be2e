"""Explanations and simulations on a terminal."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import click

from switch.rule_trials.club import Decision
from switch.rule_trials.explanation import heading, result_lines, verdict_colour, verdict_text
from switch.rule_trials.simulation import Change, Simulation, Totals
from switch.rule_trials.telling import Language
from switch.rules.cost import TRANSACTIONS, RuleCost
from switch.rules.evaluator import Trace
from switch.rules.lints import Lint, Severity
from switch.rules.table import RuleTable
from tools.rules.source import Rules

_SEVERITY_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def print_explanation(
    table: RuleTable, decision: Decision, traces: Sequence[Trace], language: Language, *, everything: bool
) -> None:
    """Every rule with its verdict, then what comes of it. Without `everything`, rules that are for another
    kind of request are only counted."""
    click.secho(heading(table, decision, language), bold=True)
    shown = [trace for trace in traces if everything or trace.verdict.value != "not_triggered"]
    words = [verdict_text(trace.verdict, language) for trace in shown]
    id_width = max((len(trace.rule_id) for trace in shown), default=0)
    width = max((len(word) for word in words), default=0)
    for trace, word in zip(shown, words, strict=True):
        detail = trace.detail_fa if language == "fa" else trace.detail_en
        verdict = click.style(f"{word:{width}}", fg=verdict_colour(trace.verdict))
        click.echo(f"  {trace.rule_id:{id_width}}  {verdict}  {detail}".rstrip())
    if len(shown) < len(traces):
        left = len(traces) - len(shown)
        english = f"and {counted(left, 'rule')} for other kinds of request"
        click.echo(f"  {english if language == 'en' else f'و {left} قاعده برای درخواست‌های دیگر'}")
    for line in result_lines(table, decision, language):
        click.echo(line)


def print_lints(rules: Rules, lints: Sequence[Lint], language: Language) -> None:
    """One line for each lint, the worst first."""
    for each in sorted(lints, key=lambda each: -each.severity):
        severity = click.style(each.severity.name.lower(), fg=_SEVERITY_COLOURS.get(each.severity))
        text = each.text_en if language == "en" else each.text_fa
        click.echo(f"{severity} {each.rule_id or rules.name}: {text} [{each.code}]")
    counts = Counter(each.severity for each in lints)
    told = [counted(counts[each], each.name.lower()) for each in reversed(Severity) if counts[each]]
    checked = counted(len(rules.document.rules), "rule")
    click.echo(f"{rules.name}: {checked}, {', '.join(told) or 'nothing to remark'}")


def print_costs(table: RuleTable, costs: Sequence[RuleCost]) -> None:
    """What each rule costs in 1,000 transactions, and at most in one."""
    click.echo(f"\nestimated for {TRANSACTIONS:,} transactions:")
    rows: list[tuple[str, ...]] = [
        ("rule", "sales", "gives", "rial", "at most in one, rial", "budget lasts, sales")
    ]
    rows += [
        (
            cost.rule_id,
            f"{cost.sales:,}",
            _units({table.purses[cost.purse].name: cost.units}) if cost.purse else "discount",
            f"{cost.rial:,}",
            f"{cost.worst_rial:,}",
            f"{cost.sales_to_empty_budget:,}" if cost.sales_to_empty_budget is not None else "-",
        )
        for cost in costs
    ]
    rows.append(("total", "", "", f"{sum(cost.rial for cost in costs):,}", "", ""))
    print_rows(rows)


def lints_document(
    rules: Rules, lints: Sequence[Lint], costs: Sequence[RuleCost] | None
) -> dict[str, object]:
    """Lints as one JSON object, with the costs where they were asked for."""
    found: dict[str, object] = {
        "source": rules.name,
        "faults": [],
        "lints": [{**each._asdict(), "severity": each.severity.name.lower()} for each in lints],
    }
    if costs is not None:
        found["cost"] = {
            "transactions": TRANSACTIONS,
            "rial": sum(cost.rial for cost in costs),
            "rules": [
                {**each._asdict(), "purse": rules.table.purses[each.purse].name if each.purse else ""}
                for each in costs
            ],
        }
    return found


def print_json(content: object) -> None:
    """One JSON object on one line."""
    click.echo(json.dumps(content, ensure_ascii=False))


def print_simulation(simulation: Simulation, name: str, other_name: str) -> None:
    """Totals of a rule set, beside the other one where there are two, and who wins and loses."""
    side, other = simulation.side, simulation.other
    click.secho(f"{name}: {counted(side.totals.sales, 'sale')}", bold=True)
    print_rows(_rule_rows(side.totals))
    if other is not None:
        click.secho(f"\n{other_name}: the same sales", bold=True)
        print_rows(_rule_rows(other.totals))
    click.echo("")
    print_rows(_total_rows(side.totals, other.totals if other else None))
    change = simulation.change()
    if change is not None:
        _print_change(change)
    if simulation.expected:
        met = simulation.expected - simulation.surprised
        click.echo(f"\n{met} of {simulation.expected} sales as expected")
    for line in simulation.surprises:
        click.secho(line, fg="red", err=True)


def _rule_rows(totals: Totals) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("rule", "sales", "gives", "takes", "discount rial", "liability rial", "cut short", "refuses")
    ]
    rows += [
        (
            rule_id,
            f"{rule.times:,}",
            _units(rule.given),
            _units(rule.taken),
            f"{rule.discount_rial:,}",
            f"{rule.liability_rial:,}",
            f"{rule.cut_short:,}",
            f"{rule.refused:,}",
        )
        for rule_id, rule in sorted(totals.rules.items())
    ]
    return rows


def _total_rows(totals: Totals, other: Totals | None) -> list[tuple[str, ...]]:
    sides = [totals] if other is None else [totals, other]
    heads = ("", "total") if other is None else ("", "this", "other", "difference")
    figures = {
        "amount, rial": [each.amount_rial for each in sides],
        "discounts, rial": [each.discount_rial for each in sides],
        "paid from purses, rial": [each.tendered_rial for each in sides],
        "paid with money, rial": [each.net_rial for each in sides],
        "liability, rial": [each.liability_rial for each in sides],
        "cost of 1,000 sales, rial": [each.cost_per_1000_sales_rial for each in sides],
        "grants cut short": [each.cut_short for each in sides],
        "sales refused": [each.refused.total() for each in sides],
    }
    for purse in sorted({name for each in sides for name in each.given}):
        figures[f"{purse} given"] = [each.given[purse] for each in sides]
    rows: list[tuple[str, ...]] = [heads]
    for name, values in figures.items():
        shown = [f"{value:,}" for value in values]
        rows.append((name, *shown, *([f"{values[0] - values[1]:+,}"] if other is not None else [])))
    for code in sorted({code for each in sides for code in each.refused}):
        shown = [f"{each.refused[code]:,}" for each in sides]
        rows.append((f"refused with {code}", *shown, *([""] if other is not None else [])))
    return rows


def _print_change(change: Change) -> None:
    click.echo(
        f"\n{change.winners:,} members win {change.won_rial:,} rial, "
        f"{change.losers:,} lose {change.lost_rial:,}, for {change.unchanged:,} nothing changes"
    )
    for word, members in (("most", change.most), ("least", change.least)):
        if members:
            told = ", ".join(f"member {member} {rial:+,}" for member, rial in members)
            click.echo(f"{word}: {told}")


def counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _units(units: Mapping[str, int] | Counter[str]) -> str:
    return ", ".join(f"{amount:,} {name}" for name, amount in sorted(units.items()) if amount) or "-"


def print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    """Columns: the first to the left, numbers to the right."""
    held = list(rows)
    widths = [max(len(row[column]) for row in held) for column in range(len(held[0]))]
    for row in held:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
        ]
        click.echo("  " + "  ".join(cells).rstrip())
