"""docs/metrics.md: every metric of the switch, from the catalogue."""

from collections.abc import Iterator

from switch.metrics.catalogue import Definition, Kind, Metric, Unit
from switch.metrics.labels import CODE_LABEL, TYPE_LABEL, Label
from switch.metrics.store import SAMPLED_GROUP_OF, SAMPLED_ONE_OF

_GROUPS = {
    Metric.ANSWERS: "Requests and answers",
    Metric.LINKS_OPENED: "Links",
    Metric.QUEUED_REQUESTS: "On the way to a reply",
    Metric.ENTRIES: "Journal and disk",
    Metric.FEED_POSITION: "Readers of the feed",
    Metric.UPSTREAM_LINKS: "A partner's switch",
    Metric.RULE_TABLE_VERSION: "Rules and records",
    Metric.ALARMS: "The process itself",
}
_COLUMNS = "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n"
# Their values fill lines of their own.
_LONG = (TYPE_LABEL, CODE_LABEL)

_HEAD = f"""<!-- Written by python -m tools.generators from switch/metrics/catalogue.py. -->
# Metrics of the switch

```sh
curl --silent http://127.0.0.1:7584/metrics
```

beside a running switch (`make run ARGS="--operations-port 7584"`) prints all of them for Prometheus, text
format 0.0.4; `/status` has the same numbers as JSON, times in nanoseconds. From another machine bring the
feed token as bearer. Rules and alerts over them: the [operator's page](operator.md#prometheus).

A counter costs the switch one addition, a gauge nothing until somebody looks. Of the times, `decode` and
`decide` are taken of every {SAMPLED_ONE_OF}st request, `request` (from arrival to reply) of every
{SAMPLED_GROUP_OF}th group of requests of a link that are decided together, weighted so that counts and
rates come out as if all had been timed; `commit` and `sync` are never sampled.

A counter with labels begins with its first event: its rate shows from the second scrape on. A histogram
NAME is exposed as `NAME_bucket` (label `le`), `NAME_sum` and `NAME_count`. Where a switch has no partner,
the partner's metrics have no lines.
"""


def metrics_page() -> str:
    """The whole page."""
    return _HEAD + "".join(_tables()) + "".join(_labels())


def _tables() -> Iterator[str]:
    for metric in Metric:
        if metric in _GROUPS:
            yield f"\n## {_GROUPS[metric]}\n\n{_COLUMNS}"
        told = metric.value
        labels = ", ".join(map(_label, told.labels))
        yield f"| `{metric.full_name}` | {told.kind.value} | {_unit(told)} | {labels} | {told.help} |\n"


def _unit(told: Definition) -> str:
    if told.unit is not Unit.NUMBER:
        return str(told.unit.value)
    return "events" if told.kind is Kind.COUNTER else "number"


def _label(label: Label) -> str:
    if not label.values or label in _LONG:
        return f"`{label.name}`"
    return f"`{label.name}`: {', '.join(label.values)}"


def _labels() -> Iterator[str]:
    yield "\n## Labels without values above\n\n| label | values |\n|---|---|\n"
    told = {label.name: label for metric in Metric for label in metric.value.labels}
    for label in told.values():
        if label in _LONG or not label.values:
            values = ", ".join(f"`{value}`" for value in label.values)
            yield f"| `{label.name}` | {'; '.join(part for part in (label.meaning, values) if part)} |\n"
