"""docs/alarms.md: every alarm that a switch has by default, from the bundled rules."""

from collections.abc import Iterator

from switch.console.alarms.rules import Rule, Take, default_rules
from switch.console.alarms.signals import Signal, Subject

_UNITS = {"us": " µs", "ms": " ms", "s": " s", "bytes": " bytes", "": ""}
_GIB = 1 << 30
_MADE = {Take.LAST: "", Take.SUM: "sum of ", Take.MEAN: "mean of ", Take.MAX: "greatest of "}

_HEAD = """<!-- Written by python -m tools.generators from switch/console/alarms/default_alarms.toml. -->
# Alarms of the switch

```sh
curl --silent --header "Authorization: Bearer $(cat var/keys/feed.token)" http://127.0.0.1:7584/console/alarms
```

beside a running switch (`make run ARGS="--operations-port 7584"`) lists what is raised, the worst first; so
do the console's page (`/console`) and the key 4 of `vafa switch top`. The alarms below are watched from the
start, with nothing to set. How to change them, add others and have somebody told: the [operator's
page](operator.md#alarms).

An alarm is raised when its condition has held without a break for the time under *raised after*, and
cleared when it has not held for that under *cleared after*. *Per* code, link, terminal or reader each of
them has an alarm of its own.

| alarm | severity | condition | threshold | per | raised after | cleared after |
|---|---|---|---|---|---|---|
"""
_SIGNALS = """
## Signals

What rules of your own may look at. Counted ones have the events of a second, levels what is so at its end.

| signal | kind | unit | per |
|---|---|---|---|
"""


def alarms_page() -> str:
    """The whole page."""
    rules = default_rules()
    return "".join(
        [
            _HEAD,
            *map(_row, rules),
            "\n## What to do\n",
            *map(_section, rules),
            _SIGNALS,
            *_signals(),
        ]
    )


def condition(rule: Rule) -> str:
    """What of the signal is compared with the threshold, over which time."""
    signal = f"`{rule.signal.value.name}`"
    if rule.take is Take.LAST:
        return signal
    window = span(rule.window_s)
    if rule.take is Take.RUNS_OUT_S:
        return f"{signal} runs out, at the pace of the last {window}"
    if rule.take is Take.PER_MILLE and rule.of is not None:
        least = f", where there are at least {rule.least:,}" if rule.least else ""
        return f"share of {signal} in `{rule.of.value.name}` in {window}{least}"
    known = "events" if rule.signal.value.is_counted else "seconds with any"
    least = f", where there are at least {rule.least:,} {known}" if rule.least else ""
    return f"{_MADE[rule.take]}{signal} in {window}{least}"


def threshold(rule: Rule) -> str:
    """Beyond what the condition holds."""
    sign, bound = ("above", rule.above) if rule.above is not None else ("below", rule.below)
    if bound is None:
        raise ValueError(f"{rule.name} has no bound")
    if rule.take is Take.RUNS_OUT_S:
        return f"{'in less than' if sign == 'below' else 'in more than'} {span(bound)}"
    if rule.take is Take.PER_MILLE:
        return f"{sign} {bound:,} ‰"
    unit = rule.signal.value.unit
    if unit == "s":
        return f"{sign} {span(bound)}"
    if unit == "bytes" and bound and bound % _GIB == 0:
        return f"{sign} {bound // _GIB:,} GiB"
    return f"{sign} {bound:,}{_UNITS[unit]}"


def span(seconds: int) -> str:
    """Seconds in the greatest unit that leaves no rest."""
    for unit_s, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= unit_s and seconds % unit_s == 0:
            return f"{seconds // unit_s} {name}"
    return f"{seconds} s"


def _row(rule: Rule) -> str:
    per = rule.signal.value.subject.value if rule.apart else ""
    cells = [
        f"[`{rule.name}`](#{rule.name})",
        rule.severity.value,
        condition(rule),
        threshold(rule),
        per,
        span(rule.raise_after_s),
        span(rule.clear_after_s),
    ]
    return f"| {' | '.join(cells)} |\n"


def _section(rule: Rule) -> str:
    persian = f'<p dir="rtl" lang="fa"><b>{rule.title.fa}.</b> {rule.todo.fa}</p>'
    return f"\n### {rule.name}\n\n**{rule.title.en}.** {rule.todo.en}\n\n{persian}\n"


def _signals() -> Iterator[str]:
    for signal in Signal:
        told = signal.value
        kind = "counted" if told.is_counted else "level"
        per = "" if told.subject is Subject.NONE else told.subject.value
        yield f"| `{told.name}` | {kind} | {_UNITS[told.unit].strip()} | {per} |\n"
