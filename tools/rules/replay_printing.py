"""What a replay found, on a terminal."""

from collections.abc import Mapping

import click

from switch.rule_trials.replay_report import members_by_change, written_date
from switch.rule_trials.replay_sums import Pair, PurchaseChange, ReplaySums
from tools.rules.printing import counted, print_rows

_RULES_SHOWN = 30
_DAYS_SHOWN = 31


def print_replay(sums: ReplaySums, name: str, *, of_member: bool) -> None:
    """Totals, then rules, days and members for which something would differ."""
    judged = counted(sums.purchases, "purchase")
    click.secho(f"{name}: {judged}, {sums.different:,} would have gone otherwise", bold=True)
    _print_left_out(sums)
    rows: list[tuple[str, ...]] = [("", "then", "otherwise", "difference")]
    rows.append(_row("worth to members, rial", sums.rial))
    rows += [_row(_purse_title(purse), pair) for purse, pair in sorted(sums.units.items())]
    print_rows(rows)
    for word, codes in (("declined now", sums.declined_now), ("approved now", sums.approved_now)):
        told = ", ".join(f"{count:,} with {code}" for code, count in sorted(codes.items()))
        if told:
            click.echo(f"{word}: {told if word == 'declined now' else f'{told} then'}")
    _print_parts("rule", _changed({rule_id: rule.rial for rule_id, rule in sums.rules.items()}), _RULES_SHOWN)
    days = {written_date(day): of_day.rial for day, of_day in sorted(sums.days.items()) if of_day.different}
    _print_parts("day", days, _DAYS_SHOWN)
    for word, least in (("most", False), ("least", True)):
        for member, rial in members_by_change(sums, least=least):
            click.echo(f"{word}: member {member} {rial:+,} rial{_units_text(sums.member_units[member])}")
    if of_member:
        for change in sums.changes:
            click.echo(_change_line(change))


def _print_left_out(sums: ReplaySums) -> None:
    for word, count in sorted(sums.left_out.items()):
        why = (
            "for a PIN, card, balance or message of no matter to rules"
            if word == "declined"
            else "by what the journal doesn't keep: code, channel, operator, entry mode, metrics"
        )
        click.echo(f"left out: {counted(count, f'{word} purchase')}, decided {why}")


def _print_parts(title: str, parts: Mapping[str, Pair], shown: int) -> None:
    if not parts:
        return
    rows: list[tuple[str, ...]] = [(f"{title}, rial", "then", "otherwise", "difference")]
    rows += [_row(name, pair) for name, pair in list(parts.items())[:shown]]
    click.echo("")
    print_rows(rows)
    if len(parts) > shown:
        click.echo(f"  and {len(parts) - shown:,} more: --json tells all")


def _changed(parts: Mapping[str, Pair]) -> dict[str, Pair]:
    """Those with a difference, the greatest first."""
    changed = [(name, pair) for name, pair in parts.items() if pair.difference]
    return dict(sorted(changed, key=lambda each: (-abs(each[1].difference), each[0])))


def _row(title: str, pair: Pair) -> tuple[str, ...]:
    return title, f"{pair.then:,}", f"{pair.otherwise:,}", f"{pair.difference:+,}"


def _purse_title(purse: str) -> str:
    return purse or "discount, rial"


def _units_text(units: Mapping[str, int]) -> str:
    told = ", ".join(f"{delta:+,} {_purse_title(purse)}" for purse, delta in sorted(units.items()) if delta)
    return f" ({told})" if told else ""


def _change_line(change: PurchaseChange) -> str:
    then, otherwise = change.codes
    code = then if then == otherwise else f"{then}, otherwise {otherwise}"
    return (
        f"{change.position}  {written_date(change.date)}  {change.amount:,} rial  {code}  "
        f"{change.rial:+,} rial{_units_text(change.units)}"
    )
