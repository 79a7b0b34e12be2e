"""Figures as lines of text, no wider and no more than the terminal has room for."""

from collections.abc import Iterable

from tools.top.reading import Figures, LinkCount, OutcomeCount, PhaseCount

COLUMNS_MIN = 40
_ANSWERS_SHOWN = 10
_LINKS_SHOWN = 6
_SPACE = "  "


def screen(figures: Figures, url: str, columns: int, rows: int) -> list[str]:
    """The whole screen; the most important comes first, what has no room is left out."""
    metrics = figures.page.metrics
    lines = [
        _spread(f"vafa switch top{_SPACE}{url}", _readiness(figures), columns),
        "",
        _row(
            "requests",
            f"{_number(figures.requests_per_s)}/s",
            f"approved {_number(figures.approved_per_s)}/s",
            f"declined {_number(figures.declined_per_s)}/s",
            f"repeats {_number(figures.repeats_per_s)}/s",
            f"refused {_number(figures.refused_per_s)}/s",
        ),
        _row(
            "queue",
            f"{_number(metrics.queued_requests)} waiting",
            f"oldest {duration(metrics.queue_age_ns)}",
            f"in flight {_number(metrics.in_flight_requests)}",
            f"batch {_number(figures.batch_p50)}",
            size(metrics.waiting_bytes),
        ),
        _row(
            "journal",
            f"position {metrics.journal_position}",
            f"durable {metrics.journal_durable_position}",
            f"commit {_number(figures.commit_entries_p50)} entries",
        ),
        _row(
            "disk",
            f"{_number(metrics.journal_segments)} segments",
            f"free {size(metrics.disk_free_bytes)}",
            f"commit in flight {duration(metrics.commit_busy_ns)}",
        ),
        _row(
            "process",
            f"cpu {figures.cpu_per_cent} %",
            f"memory {size(metrics.resident_bytes)}",
            f"members {_number(metrics.members)}",
            f"cards {_number(metrics.cards)}",
        ),
        _row("rules", f"table {metrics.rule_table_version}", figures.page.rule_table_digest[:16]),
        _row(
            "faults",
            f"MAC {_number(metrics.mac_failures)}",
            f"format {_number(metrics.format_faults)}",
            f"conflicts {_number(metrics.conflicts)}",
            f"own {_number(metrics.malfunctions)}",
        ),
        *_links(figures),
        *_partners(figures),
        "",
        f"{'step':<10}{'per s':>12}{'p50':>11}{'p99':>11}{'p99.9':>11}",
        *[
            f"{name:<10}{_number(step.per_s):>12}{duration(step.p50_ns):>11}"
            f"{duration(step.p99_ns):>11}{duration(step.p999_ns):>11}"
            for name, step in figures.steps.items()
        ],
        "",
        f"{'answers':<22}{'code':>6}{'per s':>12}{'total':>15}",
        *[
            f"{each.type:<22}{each.code:>6}{_number(each.per_s):>12}{_number(each.total):>15}"
            for each in figures.answers[:_ANSWERS_SHOWN]
        ],
    ]
    return [_fit(line, max(columns, COLUMNS_MIN)) for line in lines[: max(rows, 1)]]


def duration(time_ns: int) -> str:
    """Three digits and a unit; "-" for nothing."""
    if time_ns <= 0:
        return "-"
    for unit, unit_ns in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1000)):
        if time_ns >= unit_ns:
            whole, hundredths = divmod(time_ns * 100 // unit_ns, 100)
            if whole >= 100:
                return f"{whole} {unit}"
            return f"{whole}.{hundredths // 10} {unit}" if whole >= 10 else f"{whole}.{hundredths:02d} {unit}"
    return f"{time_ns} ns"


def size(count_bytes: int) -> str:
    """Bytes with a decimal unit."""
    for unit, unit_bytes in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if count_bytes >= unit_bytes:
            whole, tenth = divmod(count_bytes * 10 // unit_bytes, 10)
            return f"{whole}.{tenth} {unit}"
    return f"{count_bytes} B"


def _readiness(figures: Figures) -> str:
    return "ready" if figures.page.ready else f"NOT READY: {', '.join(figures.page.reasons) or 'unknown'}"


def _links(figures: Figures) -> list[str]:
    metrics = figures.page.metrics
    signed_on = _numbers(metrics.signed_on_terminals)
    phases: dict[str, list[str]] = {}
    for row in _by_link(metrics.dials):
        phases.setdefault(row.link, []).append(row.phase)
    for row in _by_link(metrics.connections):
        phases.setdefault(row.link, []).append(f"{_number(row.value)} {row.phase}")
    names = sorted({*signed_on, *phases})
    lines: list[str] = []
    for name in names[:_LINKS_SHOWN]:
        parts = [f"{name:<16}", ", ".join(phases.get(name, ["no connection"]))]
        if name in signed_on:
            parts.append(f"terminals {_number(signed_on[name])}")
        lines.append(_row("" if lines else "links", *parts))
    if len(names) > _LINKS_SHOWN:
        lines.append(_row("", f"and {len(names) - _LINKS_SHOWN} more"))
    return lines


def _partners(figures: Figures) -> list[str]:
    """Two lines for each switch that decides a partner's cards."""
    metrics = figures.page.metrics
    in_flight = _numbers(metrics.upstream_in_flight_requests)
    stored, oldest_ns = _numbers(metrics.stored_requests), _numbers(metrics.stored_age_ns)
    dead = _numbers(metrics.dead_letters)
    lines: list[str] = []
    for row in _by_link(metrics.upstream_links):
        name = row.link
        on_link = _outcomes(metrics.upstream_messages, name)
        requests = _outcomes(metrics.upstream_requests, name)
        lines += [
            _row(
                "partner",
                name,
                row.phase,
                f"in flight {_number(in_flight.get(name, 0))}",
                f"timed out {_number(on_link.get('timed_out', 0))}",
                f"late {_number(on_link.get('late', 0))}",
                f"taken back {_number(requests.get('taken_back', 0))}",
            ),
            _row(
                "",
                f"stored {_number(stored.get(name, 0))}",
                f"oldest {duration(oldest_ns.get(name, 0))}",
                f"dead letters {_number(dead.get(name, 0))}",
            ),
        ]
    return lines


def _numbers(rows: Iterable[LinkCount]) -> dict[str, int]:
    return {row.link: row.value for row in rows}


def _outcomes(rows: Iterable[OutcomeCount], link: str) -> dict[str, int]:
    return {row.outcome: row.value for row in rows if row.link == link}


def _by_link(rows: Iterable[PhaseCount]) -> list[PhaseCount]:
    return sorted((row for row in rows if row.value), key=lambda row: (row.link, row.phase))


def _row(name: str, *parts: str) -> str:
    return f"{name:<10}{_SPACE.join(parts)}"


def _spread(left: str, right: str, columns: int) -> str:
    room = columns - len(left) - len(right)
    return f"{left}{' ' * room}{right}" if room >= 2 else f"{right}{_SPACE}{left}"


def _number(value: int) -> str:
    return f"{value:,}"


def _fit(line: str, columns: int) -> str:
    printable = "".join(char if char.isprintable() else "?" for char in line)
    return printable if len(printable) <= columns else printable[: columns - 1] + "…"
