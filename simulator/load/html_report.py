"""A load's figures as one page that asks no server for anything."""

import math
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from simulator.load.plots import Line, plot
from simulator.load.report import notes
from simulator.load.run import LoadResult
from simulator.load.tally import ERROR_BOUND, Tally, sum_of
from switch.metrics.histogram import upper_bound

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_NINES_MAX = 5
_NINES_TICKS = [
    (-math.log10(1 - share / 100), f"{share:g} %") for share in (0, 50, 75, 90, 99, 99.9, 99.99, 99.999)
]


def html_report(result: LoadResult) -> str:
    """The page's text."""
    style = files("simulator.load").joinpath("report.css").read_text("utf-8")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # Neither scripts nor anything from elsewhere.
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            f"<title>Load of {escape(result.target)}</title><style>{style}</style></head><body><main>",
            *_body(result),
            "</main></body></html>\n",
        ]
    )


def _body(result: LoadResult) -> Iterator[str]:
    plan, tally = result.plan, result.figures.tally(counting=True)
    yield f"<h1>Load of {escape(result.target)}</h1>"
    yield (
        f"<p>{plan.terminals.count:,} terminals on {plan.link_count:,} links for"
        f" {result.elapsed_ns / 1e9:,.1f} s: {tally.sent:,} requests sent, {tally.failed:,} failed.</p>"
    )
    for note in notes(result):
        yield f'<p class="note">{escape(note)}</p>'
    yield from _figures(result)
    yield "<h2>Stages</h2>"
    yield from _stages(result)
    yield "<h2>Response codes</h2>"
    yield from _codes(tally)
    generator = result.generator
    yield "<h2>The generator itself</h2>"
    yield (
        f"<p>Late by {generator.late_p50_ns / 1e6:.3f} ms at the median,"
        f" {generator.late_p99_ns / 1e6:.3f} ms at the 99th percentile,"
        f" {generator.late_max_ns / 1e6:.3f} ms at most. It had something to do for"
        f" {generator.busy_share:.0%} of the time and took"
        f" {generator.processor_share:.0%} of a processor.</p>"
    )
    yield (
        "<p>The latency of an open loop counts from the time at which a request was due, whatever kept it."
        f" A percentile is at most {ERROR_BOUND:.1%} above the exact one, and never below it.</p>"
    )


def _figures(result: LoadResult) -> Iterator[str]:
    seconds = result.figures.seconds
    yield plot(
        "Requests a second",
        "1/s",
        "seconds",
        [
            Line("planned", "planned", [(each.number + 0.5, each.rate) for each in seconds]),
            Line("sent", "sent", [(each.number + 0.5, float(each.sent)) for each in seconds]),
            Line("answered", "answered", [(each.number + 0.5, float(each.answered)) for each in seconds]),
            Line("failed", "failed", [(each.number + 0.5, float(each.failed)) for each in seconds]),
        ],
    )
    latencies = [(each.number + 0.5, each.latency) for each in seconds]
    yield plot(
        "Latency of what was answered in each second",
        "ms",
        "seconds",
        [
            Line("median", "answered", [(x, each.p50 / 1e6 if each else None) for x, each in latencies]),
            Line("99 %", "sent", [(x, each.p99 / 1e6 if each else None) for x, each in latencies]),
            Line("greatest", "failed", [(x, each.greatest / 1e6 if each else None) for x, each in latencies]),
        ],
        logarithmic=True,
    )
    yield plot(
        "Latency by percentile",
        "ms",
        "share of the requests",
        [Line("all that count", "answered", _by_nines(result.figures.tally(counting=True)))],
        logarithmic=True,
        ticks=_NINES_TICKS,
    )


def _by_nines(tally: Tally) -> list[tuple[float, float | None]]:
    """Latencies at evenly placed points of 1 - 10^-nines, as far as there are that many requests."""
    found: list[tuple[float, float | None]] = []
    buckets = sorted(tally.buckets.items())
    seen, place = 0, 0
    for step in range(10 * _NINES_MAX + 1):
        nines = step / 10
        if tally.answered * 10**-nines < 1:
            break
        wanted = tally.answered * (1 - 10**-nines)
        while place < len(buckets) - 1 and seen + buckets[place][1] < wanted:
            seen += buckets[place][1]
            place += 1
        found.append((nines, min(upper_bound(buckets[place][0]), tally.greatest_ns) / 1e6))
    return found


def _stages(result: LoadResult) -> Iterator[str]:
    heads = (
        "stage", "seconds", "sent", "answered/s", "late", "shed", "timeouts", "lost", "unsent",
        "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms",
    )  # fmt: skip
    yield "<table><thead><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr></thead><tbody>"
    for number, span in enumerate(result.figures.spans()):
        stage = result.plan.stages[number]
        kinds = {kind: tally for (at, kind), tally in result.figures.by_kind.items() if at == number}
        seconds = (span.end_ns - span.start_ns) / 1e9
        name = stage.name if stage.counts else f"{stage.name} (doesn't count)"
        whole = sum_of(list(kinds.values()))
        yield _row(name, whole, f"{seconds:,.1f}", f"{span.answered / max(seconds, 1e-9):,.0f}", "stage")
        if len(result.plan.mix) > 1:
            for kind, tally in sorted(kinds.items()):
                yield _row(kind.value, tally, "", "", "kind")
    yield "</tbody></table>"


def _row(name: str, tally: Tally, seconds: str, per_s: str, style: str) -> str:
    latency = tally.percentiles()
    counts = (tally.late, tally.shed, tally.timeouts, tally.lost, tally.unsent)
    times = [f"{each / 1e6:,.2f}" for each in latency] if latency else [""] * 5
    cells = (seconds, f"{tally.sent:,}", per_s, *(f"{count:,}" for count in counts), *times)
    return (
        f'<tr class="{style}"><th>{escape(name)}</th>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _codes(tally: Tally) -> Iterator[str]:
    yield "<table><thead><tr><th>code</th><th>replies</th><th>share</th></tr></thead><tbody>"
    for code, count in sorted(tally.codes.items(), key=lambda each: -each[1]):
        share = count / tally.answered
        yield f"<tr><th>{escape(code)}</th><td>{count:,}</td><td>{share:.2%}</td></tr>"
    yield "</tbody></table>"
