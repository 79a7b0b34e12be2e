"""Where the metrics come from that nobody counts: they are asked for when somebody looks."""

import os
import resource
import time
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path

from switch.gate.commit import GroupCommit
from switch.gate.named_link import LinkStatus
from switch.gate.server import Gate
from switch.journal.format import SEGMENT_SUFFIX
from switch.journal.writer import Journal
from switch.ledger.state import State
from switch.logs import SwitchHandler
from switch.metrics.catalogue import Metric
from switch.metrics.store import LabelValues, Metrics, Reading, Readings
from switch.operations.upstream_gauges import NO_PARTNER, of_partner
from switch.publication.candidate import Candidate
from switch.upstream.link import Upstream

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_PAGE_BYTES = resource.getpagesize()


def watch_process(metrics: Metrics, logs: SwitchHandler) -> None:
    """Start, processor time, memory, lines logged."""
    started_ns = time.time_ns()
    metrics.watch(
        lambda: {
            Metric.START_TIME: started_ns,
            Metric.CPU: time.process_time_ns(),
            Metric.RESIDENT_BYTES: _resident_bytes(),
            Metric.LOG_LINES: {(level,): count for level, count in logs.lines.items()},
            Metric.LOG_LINES_HELD_BACK: logs.held_back,
            Metric.LOG_LINES_DROPPED: logs.dropped,
        }
    )


def watch_state(metrics: Metrics, state: State) -> None:
    """Records and rules."""
    metrics.watch(
        lambda: {
            Metric.CARDS: len(state.cards),
            Metric.MEMBERS: len(state.members),
            Metric.TERMINALS: len(state.terminals),
            Metric.ACCOUNTS: len(state.accounts),
            Metric.RULE_TABLE_VERSION: state.rule_table_version,
            Metric.RULE_TABLE_INFO: {(state.rule_table.digest,): 1},
            Metric.JOURNAL_POSITION: state.position,
        }
    )


def watch_candidate(metrics: Metrics, candidate: Candidate | None) -> None:
    """The rules that only look on, if there are any."""
    metrics.watch(lambda: {Metric.CANDIDATE_PURCHASES: {} if candidate is None else _looks(candidate)})


def watch_journal(metrics: Metrics, journal: Journal, directory: Path) -> None:
    """What is on the disk, and how much room there is."""

    def look() -> Readings:
        found: dict[Metric, Reading] = {Metric.JOURNAL_DURABLE_POSITION: journal.last_position}
        with suppress(OSError):  # a disk that fails shows in other ways
            found[Metric.JOURNAL_SEGMENTS] = _segments(directory)
            found[Metric.DISK_FREE_BYTES] = journal.free_bytes()
        return found

    metrics.watch(look)


def watch_gate(metrics: Metrics, gate: Gate, commit: GroupCommit) -> None:
    """Links and the requests under way."""
    metrics.watch(
        lambda: {
            **of_links(gate.statuses()),
            Metric.WAITING_BYTES: commit.waiting_bytes,
            Metric.COMMIT_BUSY: _busy_ns(commit.busy_since_s, gate.loop.time()),
        }
    )


def watch_partner(metrics: Metrics, upstream: Upstream | None) -> None:
    """The link to a partner's switch, if there is one, and what is stored for it."""
    metrics.watch(
        lambda: (
            NO_PARTNER
            if upstream is None
            else of_partner(upstream.name, upstream.parts, time.time_ns() // _NS_PER_MS)
        )
    )


def of_links(links: Sequence[LinkStatus]) -> dict[Metric, Reading]:
    """What the links' statuses say."""
    return {
        Metric.CONNECTIONS: _connections(links),
        Metric.DIALS: {(link.name, link.phase): 1 for link in links if link.role == "client"},
        Metric.SIGNED_ON_TERMINALS: {(link.name,): link.terminals for link in links},
        Metric.LINK_SILENCE: _silences_ns(links),
        Metric.LINK_FAILURES: {(link.name,): link.failures for link in links},
        Metric.MESSAGES: _messages(links),
        Metric.OWN_ECHOES: _own_echoes(links),
        Metric.QUEUED_REQUESTS: sum(link.waiting for link in links),
        Metric.QUEUE_AGE: max((link.oldest_wait_ms for link in links), default=0) * _NS_PER_MS,
        Metric.IN_FLIGHT_REQUESTS: sum(link.decided for link in links),
    }


def _looks(candidate: Candidate) -> dict[LabelValues, int]:
    return {
        ("evaluated",): candidate.evaluated,
        ("different",): candidate.different,
        ("failed",): candidate.failed,
    }


def _connections(links: Sequence[LinkStatus]) -> dict[LabelValues, int]:
    return {(link.name, phase): count for link in links for phase, count in link.connections.items()}


def _silences_ns(links: Sequence[LinkStatus]) -> dict[LabelValues, int]:
    return {(link.name,): link.silent_ms * _NS_PER_MS for link in links if link.silent_ms is not None}


def _messages(links: Sequence[LinkStatus]) -> dict[LabelValues, int]:
    return {
        (link.name, outcome): count
        for link in links
        for outcome, count in (
            ("answered", link.answered),
            ("refused", link.refused),
            ("ignored", link.ignored),
            ("lost", link.lost),
        )
    }


def _own_echoes(links: Sequence[LinkStatus]) -> dict[LabelValues, int]:
    return {
        (link.name, outcome): count
        for link in links
        if link.role == "client"
        for outcome, count in (("sent", link.echoes_sent), ("answered", link.echoes_answered))
    }


def _busy_ns(since_s: float, now_s: float) -> int:
    return max(0, int((now_s - since_s) * _NS_PER_S)) if isfinite(since_s) else 0


def _segments(directory: Path) -> int:
    with os.scandir(directory) as found:
        return sum(entry.name.endswith(SEGMENT_SUFFIX) for entry in found)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE_BYTES
