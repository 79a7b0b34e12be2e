"""What a replay found, on a terminal or as JSON."""

from collections.abc import Mapping
from dataclasses import asdict

import click

from tools.rules.printing import counted, print_rows
from tools.rules.replay_sums import Pair, PurchaseChange, ReplaySums

MEMBERS_SHOWN = 5
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
    days = {_date(day): of_day.rial for day, of_day in sorted(sums.days.items()) if of_day.different}
    _print_parts("day", days, _DAYS_SHOWN)
    for word, members in (("most", _members(sums, least=False)), ("least", _members(sums, least=True))):
        for member, rial in members:
            click.echo(f"{word}: member {member} {rial:+,} rial{_units_text(sums.member_units[member])}")
    if of_member:
        for change in sums.changes:
            click.echo(_change_line(change))


def replay_document(sums: ReplaySums, name: str, digest: str, span: tuple[str, str]) -> dict[str, object]:
    """One JSON object. A purse "" stands for discounts, which are rial."""
    return {
        "source": name,
        "digest": digest,
        "from": span[0] or None,
        "until": span[1] or None,
        "purchases": sums.purchases,
        "different": sums.different,
        "left_out": dict(sums.left_out),
        "declined_now": dict(sums.declined_now),
        "approved_now": dict(sums.approved_now),
        "rial": _pair(sums.rial),
        "units": {purse: _pair(pair) for purse, pair in sorted(sums.units.items())},
        "rules": {
            rule_id: {
                "uses": _pair(rule.uses),
                "rial": _pair(rule.rial),
                "units": {purse: _pair(pair) for purse, pair in sorted(rule.units.items())},
            }
            for rule_id, rule in sorted(sums.rules.items())
        },
        "days": [
            {
                "day": _date(day),
                "purchases": of_day.purchases,
                "different": of_day.different,
                "rial": _pair(of_day.rial),
            }
            for day, of_day in sorted(sums.days.items())
        ],
        "members": {
            "most": [_member(sums, *each) for each in _members(sums, least=False)],
            "least": [_member(sums, *each) for each in _members(sums, least=True)],
        },
        "changes": [{**change._asdict(), "date": _date(change.date)} for change in sums.changes],
    }


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


def _members(sums: ReplaySums, *, least: bool) -> list[tuple[int, int]]:
    sign = 1 if least else -1
    found = [(member, rial) for member, rial in sums.member_rial.items() if rial * sign < 0]
    return sorted(found, key=lambda each: (sign * each[1], each[0]))[:MEMBERS_SHOWN]


def _member(sums: ReplaySums, member: int, rial: int) -> dict[str, object]:
    units = {purse: delta for purse, delta in sorted(sums.member_units[member].items()) if delta}
    return {"member": member, "rial": rial, "units": units}


def _row(title: str, pair: Pair) -> tuple[str, ...]:
    return title, f"{pair.then:,}", f"{pair.otherwise:,}", f"{pair.difference:+,}"


def _pair(pair: Pair) -> dict[str, int]:
    return {**asdict(pair), "difference": pair.difference}


def _purse_title(purse: str) -> str:
    return purse or "discount, rial"


def _units_text(units: Mapping[str, int]) -> str:
    told = ", ".join(f"{delta:+,} {_purse_title(purse)}" for purse, delta in sorted(units.items()) if delta)
    return f" ({told})" if told else ""


def _change_line(change: PurchaseChange) -> str:
    then, otherwise = change.codes
    code = then if then == otherwise else f"{then}, otherwise {otherwise}"
    return (
        f"{change.position}  {_date(change.date)}  {change.amount:,} rial  {code}  "
        f"{change.rial:+,} rial{_units_text(change.units)}"
    )


def _date(date: int) -> str:
    return f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}"
