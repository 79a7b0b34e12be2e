"""What is shown: lines of figures, and a table for each view."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from protocol.dialect import ResponseCode
from tools.top.amounts import age, bars, duration, number, size
from tools.top.documents import Alarm, Link, Sight, Terminal
from tools.top.grid import GAP, Column, Grid, Order, Row, clean
from tools.top.picture import AnswerRate, Picture, StepRate

_NS_PER_US: Final = 1000
_NS_PER_MS: Final = 1_000_000
_LABEL: Final = 11
_SEVERITIES: Final = ("notice", "warning", "critical")
_MEANINGS: Final = {code.value: code.name.lower().replace("_", " ") for code in ResponseCode}


class View(Enum):
    """What the table shows; the value is its name, and its key is its number from 1 on."""

    ANSWERS = "answers"
    LINKS = "links"
    TERMINALS = "terminals"
    ALARMS = "alarms"
    STEPS = "steps"


VIEWS: Final = tuple(View)


def state(picture: Picture, now_ms: int) -> str:
    """Whether the switch serves, and whether that is news."""
    if picture.frame is None:
        return "NO FIGURES YET"
    if stale_ms := picture.stale_ms(now_ms):
        return f"STALE for {age(stale_ms)}"
    if picture.sight is None:
        return "live"
    if picture.sight.obstacles:
        return f"NOT READY: {', '.join(clean(each.code) for each in picture.sight.obstacles)}"
    return "READY, live"


def headline(picture: Picture) -> str:
    """The figures that every view has."""
    frame = picture.frame
    if frame is None:
        return ""
    return _row(
        "requests",
        f"{number(frame.approved + frame.declined + frame.repeats)}/s",
        _alarms(picture.sight),
        f"declined {number(frame.declined)}/s",
        f"p99 {duration(frame.request_p99_us * _NS_PER_US)}",
        f"fsync p99 {duration(frame.sync_p99_us * _NS_PER_US)}",
    )


def overview(picture: Picture, columns: int) -> list[str]:
    """Everything that is no table."""
    frame, sight = picture.frame, picture.sight
    if frame is None:
        return []
    bars_columns = max(1, min(60, columns - _LABEL - 2))
    lines = [
        _row(
            "approved",
            f"{number(frame.approved)}/s",
            f"declined {number(frame.declined)}/s",
            f"repeats {number(frame.repeats)}/s",
            f"refused {number(frame.refused)}/s",
            f"reversals {number(frame.reversals)}/s",
        ),
        _row("a minute", f"[{bars(list(picture.requests), bars_columns).rjust(bars_columns)}]"),
        _row(
            "latency",
            f"p50 {duration(frame.request_p50_us * _NS_PER_US)}",
            f"p99 {duration(frame.request_p99_us * _NS_PER_US)}",
            f"p99.9 {duration(frame.request_p999_us * _NS_PER_US)}",
            f"{number(frame.queued)} queued",
            f"{number(frame.in_flight)} in flight",
        ),
        _row(
            "journal",
            f"position {frame.position}",
            f"durable {frame.durable_position}",
            f"batch {number(frame.commit_entries_p50)}",
            f"{size(frame.waiting_bytes)} waiting",
        ),
        _row(
            "disk",
            f"fsync p50 {duration(frame.sync_p50_us * _NS_PER_US)}",
            f"p99 {duration(frame.sync_p99_us * _NS_PER_US)}",
            f"free {size(frame.disk_free_bytes)}",
        ),
        _row(
            "faults",
            f"MAC {number(frame.mac_failures)}/s",
            f"format {number(frame.format_faults)}/s",
            f"strangers {number(frame.unknown_terminals)}/s",
            f"conflicts {number(frame.conflicts)}/s",
        ),
        _row(
            "links",
            f"{number(frame.connections)} connections",
            f"{number(frame.signed_on)} terminals signed on",
        ),
        _row(
            "process",
            f"cpu {frame.cpu_per_mille // 10}.{frame.cpu_per_mille % 10} %",
            f"memory {size(frame.resident_bytes)}",
            *(() if sight is None else (f"up {age(sight.at_ms - sight.started_ms)}",)),
        ),
    ]
    return lines if sight is None else [*lines, *_slow(sight)]


def answers_grid(answers: Sequence[AnswerRate]) -> Grid:
    """Answers by type and response code."""
    columns = (
        Column("type", 18),
        Column("code", 4),
        Column("per s", 7, is_number=True),
        Column("total", 9, is_number=True),
        Column("meaning", 10),
    )
    rows = [
        Row(
            f"{each.type} {each.code}",
            (
                clean(each.type),
                clean(each.code),
                number(each.per_s),
                number(each.total),
                _MEANINGS.get(each.code, ""),
            ),
            (_text(each.type), _text(each.code), (each.per_s, ""), (each.total, ""), _text("")),
        )
        for each in answers
    ]
    return Grid(columns, rows, "nothing has been answered yet", sorted_by=3)


def links_grid(sight: Sight | None) -> Grid:
    """Links by name, a partner's one too."""
    columns = (
        Column("link", 12),
        Column("state", 9),
        Column("connections", 11, is_number=True),
        Column("terminals", 9, is_number=True),
        Column("silent", 7, is_number=True),
        Column("waiting", 7, is_number=True),
        Column("answered", 8, is_number=True),
        Column("refused", 7, is_number=True),
        Column("lost", 6, is_number=True),
        Column("failures", 8, is_number=True),
    )
    rows = [] if sight is None else [_link(link) for link in sight.links]
    return Grid(columns, rows, "no link is known")


def terminals_grid(terminals: Sequence[Terminal], now_ms: int) -> Grid:
    """Terminals of a page of the roster; `now_ms` is the switch's time of day."""
    columns = (
        Column("terminal", 8),
        Column("merchant", 10),
        Column("branch", 6, is_number=True),
        Column("state", 8),
        Column("last seen", 9, is_number=True),
        Column("firmware", 8),
        Column("signal", 7, is_number=True),
        Column("link", 9),
    )
    return Grid(columns, [_terminal(each, now_ms) for each in terminals], "no terminal is known")


def alarms_grid(alarms: Sequence[Alarm], now_ms: int) -> Grid:
    """Raised alarms; `now_ms` is the switch's time of day."""
    columns = (
        Column("severity", 8, is_ranked=True),
        Column("alarm", 12),
        Column("subject", 9),
        Column("state", 8),
        Column("for", 6, is_number=True),
        Column("value", 8, is_number=True),
    )
    return Grid(columns, [_alarm(each, now_ms) for each in alarms], "no alarm is raised")


def steps_grid(steps: Sequence[StepRate]) -> Grid:
    """What takes time."""
    columns = (
        Column("step", 8),
        Column("per s", 9, is_number=True),
        Column("p50", 9, is_number=True),
        Column("p99", 9, is_number=True),
        Column("p99.9", 9, is_number=True),
    )
    rows = [
        Row(
            step.name,
            (
                step.name,
                number(step.per_s),
                duration(step.p50_ns),
                duration(step.p99_ns),
                duration(step.p999_ns),
            ),
            (_text(step.name), (step.per_s, ""), (step.p50_ns, ""), (step.p99_ns, ""), (step.p999_ns, "")),
        )
        for step in steps
    ]
    return Grid(columns, rows, "two readings are needed, a moment")


def _slow(sight: Sight) -> list[str]:
    partner = sight.partner
    lines = [
        _row(
            "rules",
            f"table {sight.rules.version}",
            f"{number(sight.rules.rules)} rules",
            clean(sight.rules.digest[:12]),
            f"since {age(sight.at_ms - sight.rules.at_ms)}",
        ),
        _row(
            "day",
            clean(sight.day.date or "-"),
            f"{number(sight.day.debits_number)} sales",
            f"{number(sight.day.debits_amount)} rial",
            f"{number(sight.day.debits_reversal_number)} reversed",
            f"{number(sight.day.credits_number)} credits",
        ),
    ]
    if sight.readers:
        behind = [
            f"{clean(reader.name)} {number(reader.behind_entries)} entries, {age(reader.behind_ms)} behind"
            for reader in sorted(sight.readers, key=lambda reader: -reader.behind_ms)[:2]
        ]
        lines.append(_row("readers", *behind))
    if partner:
        lines.append(
            _row(
                "partner",
                clean(str(partner.get("phase", ""))),
                f"in flight {partner.get('in_flight', 0)}",
                f"stored {partner.get('queue_depth', 0)}",
                f"dead letters {partner.get('queue_dead', 0)}",
                f"late {partner.get('link_late', 0)}",
            )
        )
    return lines


def _alarms(sight: Sight | None) -> str:
    if sight is None:
        return ""
    raised = sight.alarms.raised
    told = [f"{raised[severity]} {severity}" for severity in reversed(_SEVERITIES) if raised.get(severity)]
    return f"ALARMS {', '.join(told)}" if told else "no alarms"


def _link(link: Link) -> Row:
    open_now = sum(link.connections.values())
    silent = "-" if link.silent_ms is None else age(link.silent_ms)
    numbers = (
        (number(open_now), open_now),
        (number(link.terminals), link.terminals),
        (silent, -1 if link.silent_ms is None else link.silent_ms),
        (number(link.waiting), link.waiting),
        (number(link.answered), link.answered),
        (number(link.refused), link.refused),
        (number(link.lost), link.lost),
        (number(link.failures), link.failures),
    )
    # A link that is dialled and not up serves nobody: that is said in capitals.
    phase = clean(link.phase)
    state_told = phase if link.role != "client" or link.phase == "up" else phase.upper()
    phases = ", ".join(f"{count} {clean(name)}" for name, count in sorted(link.connections.items()))
    note = (
        f"{link.role}, {'TLS' if link.is_tls else 'no TLS'}; connections: {phases or 'none'}; "
        f"answered {number(link.answered)}, refused {number(link.refused)}, lost {number(link.lost)}, "
        f"failures {number(link.failures)}"
    )
    return Row(
        link.name,
        (clean(link.name), state_told, *(text for text, _ in numbers)),
        (_text(link.name), _text(link.phase), *((value, "") for _, value in numbers)),
        clean(note),
    )


def _terminal(each: Terminal, now_ms: int) -> Row:
    firmware, signal = each.told.get("firmware", ""), each.told.get("signal_dbm")
    silent_ms = -1 if each.seen_ms is None else max(0, now_ms - each.seen_ms)
    signal_dbm = signal if isinstance(signal, int) else None
    link = f"signed on over {each.link}" if each.link else "not signed on"
    health = [f"{name} {value}" for name, value in each.told.items() if not isinstance(value, dict)]
    return Row(
        each.terminal,
        (
            clean(each.terminal),
            clean(each.merchant),
            number(each.branch),
            clean(each.status),
            "never" if each.seen_ms is None else age(silent_ms),
            clean(str(firmware)),
            "" if signal_dbm is None else f"{signal_dbm} dBm",
            clean(each.link or ""),
        ),
        (
            _text(each.terminal),
            _text(each.merchant),
            (each.branch, ""),
            _text(each.status),
            (silent_ms, ""),
            _text(str(firmware)),
            (-1000 if signal_dbm is None else signal_dbm, ""),
            _text(each.link or ""),
        ),
        clean("; ".join([link, *health])),
    )


def _alarm(each: Alarm, now_ms: int) -> Row:
    rank = _SEVERITIES.index(each.severity) if each.severity in _SEVERITIES else len(_SEVERITIES)
    seen = each.acknowledged
    told = "muted" if each.is_muted else "new" if seen is None else f"seen {clean(seen.person)}".rstrip()
    value = "" if each.value is None else _in_unit(each.value, each.unit)
    advice = "" if each.todo is None else each.todo.en
    raised_for_ms = max(0, now_ms - each.raised_ms)
    return Row(
        f"{each.rule} {each.subject}",
        (clean(each.severity), clean(each.rule), clean(each.subject), told, age(raised_for_ms), value),
        (
            (rank, ""),
            _text(each.rule),
            _text(each.subject),
            _text(told),
            (raised_for_ms, ""),
            (each.value or 0, ""),
        ),
        clean(f"{each.title.en}. {advice}"),
    )


def _in_unit(value: int, unit: str) -> str:
    """A signal's number as people read it."""
    if unit == "bytes":
        return size(value)
    if unit in ("us", "ms"):
        return duration(value * (_NS_PER_US if unit == "us" else _NS_PER_MS))
    return f"{number(value)} {clean(unit)}".rstrip()


def _text(text: str) -> Order:
    return (0, text)


def _row(name: str, *parts: str) -> str:
    return f"{name:<{_LABEL}}{GAP.join(part for part in parts if part)}"
