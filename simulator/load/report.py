"""A load's figures for people and for programs. Nothing of it shows a card number or a key."""

import csv
import io
from collections.abc import Iterator

from simulator.load.run import LoadResult
from simulator.load.tally import ERROR_BOUND, Percentiles, Tally, sum_of

FORMAT = 1
_NS_PER_MS = 1_000_000
_NAMES = ("p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms")


def json_report(result: LoadResult) -> dict[str, object]:
    """The report as what `json.dumps` takes. Times are in milliseconds where their names say nothing else."""
    plan, figures, generator = result.plan, result.figures, result.generator
    return {
        "format": FORMAT,
        "target": result.target,
        "stopped": result.stopped,
        "elapsed_s": round(result.elapsed_ns / 1e9, 3),
        "plan": plan.model_dump(mode="json", exclude={"cards", "baskets"}, exclude_none=True),
        "links": plan.link_count,
        "sums": _tally(figures.tally(counting=True)),
        "stages": [_stage(result, number) for number in range(len(figures.spans()))],
        "seconds": [
            {**second._asdict(), "latency": latency_document(second.latency)} for second in figures.seconds
        ],
        "percentile_error": ERROR_BOUND,
        "links_lost": result.losses,
        "answers_after_timeout": figures.after_timeout,
        "answers_unasked": figures.stray,
        "answers_wrong": dict(figures.faults),
        "generator": {
            "late_p50_ms": _ms(generator.late_p50_ns),
            "late_p99_ms": _ms(generator.late_p99_ns),
            "late_max_ms": _ms(generator.late_max_ns),
            "busy_share": round(generator.busy_share, 3),
            "processor_share": round(generator.processor_share, 3),
            "was_bottleneck": bool(generator.verdict),
        },
        "notes": list(notes(result)),
    }


def notes(result: LoadResult) -> Iterator[str]:
    """What one has to know before one believes the figures."""
    figures, tally = result.figures, result.figures.tally(counting=False)
    if result.stopped:
        yield f"The load ended early: {result.stopped}."
    if result.generator.verdict:
        yield (
            f"The generator was part of the measurement: {result.generator.verdict}."
            " Latencies and rates are its own as much as the switch's."
        )
    missing = tally.timeouts + tally.lost + tally.unsent
    if missing:
        yield (
            f"{missing:,} requests have no answer and stand in no percentile:"
            f" {tally.timeouts:,} timed out, {tally.lost:,} were lost with their link,"
            f" {tally.unsent:,} never left."
        )
    if figures.faults:
        told = ", ".join(f"{text} ({count:,})" for text, count in figures.faults.most_common())
        yield f"Some answers were wrong and count as none: {told}."
    if figures.stray:
        yield f"{figures.stray:,} answers came to requests that nobody had sent."
    if result.losses:
        yield f"Links were lost {result.losses:,} times, and opened again."


def summary(result: LoadResult) -> Iterator[str]:
    """The report as lines of text."""
    figures = result.figures
    heads = ("sent", "answered/s", "failed", "p50", "p90", "p99", "p99.9", "max ms")
    yield f"{'':24}" + "".join(f"{head:>11}" for head in heads)
    spans = figures.spans()
    for number, span in enumerate(spans):
        per_s = span.answered * 1e9 / max(span.end_ns - span.start_ns, 1)
        stage = result.plan.stages[number]
        name = stage.name if stage.counts else f"({stage.name})"
        yield _line(
            name, sum_of([t for (at, _), t in figures.by_kind.items() if at == number]), f"{per_s:,.0f}"
        )
        for (at, kind), tally in sorted(figures.by_kind.items()):
            if at == number and len(result.plan.mix) > 1:
                yield _line(f"  {kind.value}", tally, "")
    if len(spans) > 1:
        yield _line("all that count", figures.tally(counting=True), "")
    codes = sorted(figures.tally(counting=False).codes.items())
    yield "codes: " + (", ".join(f"{code} {count:,}" for code, count in codes) or "none")
    late, busy = result.generator.late_p99_ns, result.generator.busy_share
    yield f"generator: late p99 {_ms(late):.3f} ms, busy {busy:.0%}"
    yield from notes(result)


def csv_report(result: LoadResult) -> str:
    """A line for each second."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("second", "stage", "rate", "sent", "answered", "failed", "in_flight", *_NAMES))
    for second in result.figures.seconds:
        latency = [""] * len(_NAMES) if second.latency is None else map(_ms, second.latency)
        rate = "" if second.rate is None else round(second.rate, 3)
        writer.writerow((*second[:2], rate, *second[3:7], *latency))
    return text.getvalue()


def latency_document(latency: Percentiles | None) -> dict[str, float] | None:
    """Percentiles in milliseconds."""
    return None if latency is None else dict(zip(_NAMES, map(_ms, latency), strict=True))


def _stage(result: LoadResult, number: int) -> dict[str, object]:
    stage, span = result.plan.stages[number], result.figures.spans()[number]
    kinds = {kind: tally for (at, kind), tally in result.figures.by_kind.items() if at == number}
    seconds = (span.end_ns - span.start_ns) / 1e9
    return {
        "name": stage.name,
        "counts": stage.counts,
        "seconds": round(seconds, 3),
        "answered_per_s": round(span.answered / max(seconds, 1e-9), 1),
        **_tally(sum_of(list(kinds.values()))),
        "kinds": {kind.value: _tally(tally) for kind, tally in kinds.items()},
    }


def _tally(tally: Tally) -> dict[str, object]:
    counts = {name: getattr(tally, name) for name in _COUNTS}
    return {
        **counts,
        "codes": dict(sorted(tally.codes.items())),
        "latency": latency_document(tally.percentiles()),
    }


_COUNTS = ("sent", "answered", "failed", "late", "shed", "timeouts", "lost", "unsent")


def _line(name: str, tally: Tally, per_s: str) -> str:
    latency = tally.percentiles()
    cells = [f"{_ms(each):.2f}" for each in latency] if latency else ["-"] * len(_NAMES)
    return f"{name:24}" + "".join(
        f"{cell:>11}" for cell in (f"{tally.sent:,}", per_s, f"{tally.failed:,}", *cells)
    )


def _ms(time_ns: int) -> float:
    return round(time_ns / _NS_PER_MS, 3)
