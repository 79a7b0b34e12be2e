"""The table of metrics in the operator's page, from the catalogue."""

from switch.metrics.catalogue import Metric

_BEGIN = "<!-- metrics: written by python -m tools.generators -->"
_END = "<!-- end of metrics -->"


def with_metrics_table(page: str) -> str:
    """The page with its table as it should be. Raises ValueError where it has no place for it."""
    head, begin, rest = page.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"no {_BEGIN} … {_END}")
    return f"{head}{_BEGIN}\n{_table()}{_END}{tail}"


def _table() -> str:
    rows = ["| metric | kind | labels | meaning |", "|---|---|---|---|"]
    for metric in Metric:
        definition = metric.value
        labels = ", ".join(f"`{label.name}`" for label in definition.labels)
        rows.append(f"| `{metric.full_name}` | {definition.kind.value} | {labels} | {definition.help} |")
    return "\n" + "".join(f"{row}\n" for row in rows) + "\n"
