"""Metrics of the link to a partner's switch and of what is stored for it."""

from collections.abc import Mapping

from switch.metrics.catalogue import Metric
from switch.metrics.labels import code_name
from switch.metrics.store import LabelValues, Reading, Readings
from switch.upstream.assembly import Parts

_NS_PER_MS = 1_000_000
_METRICS = (
    Metric.UPSTREAM_LINKS,
    Metric.UPSTREAM_LOSSES,
    Metric.UPSTREAM_IN_FLIGHT,
    Metric.UPSTREAM_REQUESTS,
    Metric.UPSTREAM_ANSWERS,
    Metric.UPSTREAM_MESSAGES,
    Metric.STORED_EVENTS,
    Metric.STORED_REQUESTS,
    Metric.STORED_AGE,
    Metric.STORE_WRITABLE,
    Metric.DEAD_LETTERS,
)

# A switch without a partner has these metrics, and no link.
NO_PARTNER: Readings = {metric: {} for metric in _METRICS}


def of_partner(name: str, parts: Parts, now_ms: int) -> dict[Metric, Reading]:
    """What the cores of a partner's link say; `now_ms` is epoch time."""
    mux, queue, forwarder = parts.mux.counts, parts.queue, parts.forwarder
    stored, forwarded = queue.counts, forwarder.counts
    return {
        Metric.UPSTREAM_LINKS: {(name, parts.mux.phase.name.lower()): 1},
        Metric.UPSTREAM_LOSSES: {(name,): mux.losses},
        Metric.UPSTREAM_IN_FLIGHT: {(name,): parts.mux.in_flight},
        Metric.UPSTREAM_REQUESTS: _outcomes(
            name,
            {
                "answered": forwarded.answered,
                "refused": forwarded.refused,
                "taken_back": forwarded.taken_back,
                "expired": forwarded.expired,
                "stored": forwarded.stored,
                "repeated": forwarded.repeats,
                "conflicting": forwarded.conflicts,
            },
        ),
        Metric.UPSTREAM_ANSWERS: _answers(name, forwarded.codes),
        Metric.UPSTREAM_MESSAGES: _outcomes(
            name,
            {
                "sent": mux.sent,
                "answered": mux.answered,
                "timed_out": mux.timed_out,
                "late": mux.late,
                "lost": mux.lost,
                "unmatched": mux.unmatched,
                "unreadable": mux.wire_faults,
            },
        ),
        Metric.STORED_EVENTS: _outcomes(
            name,
            {
                "queued": stored.queued,
                "delivered": stored.delivered,
                "retried": stored.retries,
                "buried": stored.buried,
                "revived": stored.revived,
                "discarded": stored.discarded,
            },
        ),
        Metric.STORED_REQUESTS: {(name,): queue.depth},
        Metric.STORED_AGE: {(name,): queue.age_ms(now_ms) * _NS_PER_MS},
        Metric.STORE_WRITABLE: {(name,): int(forwarder.is_writable)},
        Metric.DEAD_LETTERS: {(name,): queue.dead_depth},
    }


def _outcomes(name: str, counts: Mapping[str, int]) -> dict[LabelValues, int]:
    return {(name, outcome): count for outcome, count in counts.items()}


def _answers(name: str, codes: Mapping[str, int]) -> dict[LabelValues, int]:
    found: dict[LabelValues, int] = {}
    for code, count in codes.items():
        key = (name, code_name(code))
        found[key] = found.get(key, 0) + count
    return found
