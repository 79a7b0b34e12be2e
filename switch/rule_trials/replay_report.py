"""What a replay found, as one JSON object or as the rows of a table."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from switch.rule_trials.replay_sums import Pair, ReplaySums, SliceSums

MEMBERS_SHOWN = 5
# Of each row of the table; a figure is uses, rial, liability or units (of `purse`, empty for discounts).
COLUMNS = ("part", "name", "figure", "purse", "then", "otherwise", "difference")

Row = tuple[str, str, str, str, int, int, int]


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
        **_slice(sums.total),
        "rules": _slices(sums.rules),
        "groups": _slices(sums.groups),
        "branches": _slices(sums.branches),
        "days": [
            {
                "day": written_date(day),
                "purchases": of_day.purchases,
                "different": of_day.different,
                "rial": _pair(of_day.rial),
            }
            for day, of_day in sorted(sums.days.items())
        ],
        "members": {
            "most": [_member(sums, *each) for each in members_by_change(sums, least=False)],
            "least": [_member(sums, *each) for each in members_by_change(sums, least=True)],
        },
        "changes": [{**change._asdict(), "date": written_date(change.date)} for change in sums.changes],
    }


def replay_rows(sums: ReplaySums) -> Iterator[Row]:
    """Every figure of the total, of each rule, member group and branch, and the worth of each day."""
    yield from _rows("total", "", sums.total)
    for part, slices in (("rule", sums.rules), ("group", sums.groups), ("branch", sums.branches)):
        for name, found in sorted(slices.items()):
            yield from _rows(part, name, found)
    for day, of_day in sorted(sums.days.items()):
        yield _row("day", written_date(day), "rial", "", of_day.rial)


def members_by_change(sums: ReplaySums, *, least: bool) -> list[tuple[int, int]]:
    """Members who would have got most more, or less, with the rial of that."""
    sign = 1 if least else -1
    found = [(member, rial) for member, rial in sums.member_rial.items() if rial * sign < 0]
    return sorted(found, key=lambda each: (sign * each[1], each[0]))[:MEMBERS_SHOWN]


def written_date(date: int) -> str:
    """A date of eight digits with its hyphens."""
    return f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}"


def _slices(slices: Mapping[str, SliceSums]) -> dict[str, object]:
    return {name: _slice(found) for name, found in sorted(slices.items())}


def _slice(found: SliceSums) -> dict[str, object]:
    return {
        "uses": _pair(found.uses),
        "rial": _pair(found.rial),
        "liability": _pair(found.liability),
        "units": {purse: _pair(pair) for purse, pair in sorted(found.units.items())},
    }


def _rows(part: str, name: str, found: SliceSums) -> Iterator[Row]:
    for figure, pair in (("uses", found.uses), ("rial", found.rial), ("liability", found.liability)):
        yield _row(part, name, figure, "", pair)
    for purse, pair in sorted(found.units.items()):
        yield _row(part, name, "units", purse, pair)


def _row(part: str, name: str, figure: str, purse: str, pair: Pair) -> Row:
    return part, name, figure, purse, pair.then, pair.otherwise, pair.difference


def _member(sums: ReplaySums, member: int, rial: int) -> dict[str, object]:
    units = {purse: delta for purse, delta in sorted(sums.member_units[member].items()) if delta}
    return {"member": member, "rial": rial, "units": units}


def _pair(pair: Pair) -> dict[str, int]:
    return {**asdict(pair), "difference": pair.difference}
