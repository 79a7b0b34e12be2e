"""The page for Prometheus, read by Prometheus's own parser."""

import json
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from switch.metrics.catalogue import PREFIX, Kind, Metric, Unit
from switch.metrics.exposition import CONTENT_TYPE, exposition
from switch.metrics.labels import Step
from switch.metrics.report import report, report_name
from switch.metrics.store import Metrics

SECOND_NS = 1_000_000_000


class Parsed(NamedTuple):
    """A family as the parser gives it."""

    kind: str
    help: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]


def parse(page: str) -> dict[str, Parsed]:
    """Families by the name that stands in their TYPE line."""
    found = {}
    for family in text_string_to_metric_families(page):
        name = family.name + ("_total" if family.type == "counter" else "")
        samples = {
            (sample.name, frozenset(sample.labels.items())): float(sample.value) for sample in family.samples
        }
        assert len(samples) == len(family.samples), f"{name} tells a series twice"
        found[name] = Parsed(family.type, family.documentation, samples)
    return found


def busy() -> Metrics:
    """Metrics of a switch that has done a bit of everything."""
    metrics = Metrics()
    metrics.answered("0200", "000000", "00")
    metrics.answered("0200", "009100", "51")
    metrics.answered("0800", None, "00")
    metrics.echoes += 7
    metrics.committed(1_500_000, 1_000_000, 12)
    metrics.batch_requests.record(3)
    metrics.steps[Step.REQUEST].record(700, 61)
    metrics.watch(lambda: {Metric.QUEUE_AGE: 1_250_000_000, Metric.WAITING_BYTES: 5})
    metrics.watch(lambda: {Metric.CONNECTIONS: {("a", "signed-on"): 2, ('b"\\\n', "connected"): 1}})
    return metrics


def test_every_family_is_typed_and_told() -> None:
    families = parse(exposition(busy()))
    for metric in Metric:
        family = families.pop(metric.full_name, None)
        asked = (Metric.QUEUE_AGE, Metric.WAITING_BYTES, Metric.CONNECTIONS)
        if metric.value.is_stored or metric.value.kind is Kind.HISTOGRAM or metric in asked:
            assert family is not None, metric
            assert (family.kind, family.help) == (metric.value.kind.value, metric.value.help)
        else:
            assert family is None, f"{metric} is told though nobody knows it"
    assert not families


def test_values_and_units() -> None:
    families = parse(exposition(busy()))
    answers = families["vafa_switch_answers_total"].samples
    assert answers == {
        ("vafa_switch_answers_total", frozenset({("type", kind), ("code", code)})): 1
        for kind, code in (("purchase", "00"), ("purchase", "51"), ("network_management", "00"))
    }
    assert list(families["vafa_switch_echoes_total"].samples.values()) == [7]
    assert list(families["vafa_switch_queue_age_seconds"].samples.values()) == [1.25]
    assert list(families["vafa_switch_waiting_bytes"].samples.values()) == [5]
    assert "vafa_switch_queue_age_seconds 1.25\n" in exposition(busy())


def test_histograms_are_cumulative() -> None:
    samples = parse(exposition(busy()))["vafa_switch_step_seconds"].samples
    commit = frozenset({("step", "commit")})
    buckets = sorted(
        (float(dict(labels)["le"]), count)
        for (name, labels), count in samples.items()
        if name.endswith("_bucket") and labels > commit
    )
    assert [count for _, count in buckets] == sorted(count for _, count in buckets)
    assert [count for bound, count in buckets if bound < 0.0015] == [0] * sum(b < 0.0015 for b, _ in buckets)
    assert all(count == 1 for bound, count in buckets if bound >= 0.0015)
    assert buckets[-1] == (float("inf"), 1)
    assert samples["vafa_switch_step_seconds_sum", commit] == 0.0015
    assert samples["vafa_switch_step_seconds_count", frozenset({("step", "request")})] == 61


def test_labels_are_escaped() -> None:
    samples = parse(exposition(busy()))["vafa_switch_connections"].samples
    assert {dict(labels)["link"]: count for (_, labels), count in samples.items()} == {"a": 2, 'b"\\\n': 1}


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_label_value_comes_back(name: str) -> None:
    metrics = Metrics()
    metrics.watch(lambda: {Metric.SIGNED_ON_TERMINALS: {(name,): 4}})
    samples = parse(exposition(metrics))["vafa_switch_signed_on_terminals"].samples
    assert [dict(labels)["link"] for _, labels in samples] == [name]


@given(st.integers(-(10**20), 10**20))
def test_nanoseconds_become_exact_seconds(value_ns: int) -> None:
    metrics = Metrics()
    metrics.watch(lambda: {Metric.QUEUE_AGE: value_ns})
    line = exposition(metrics).partition("\nvafa_switch_queue_age_seconds ")[2].partition("\n")[0]
    assert Decimal(line) * SECOND_NS == value_ns


def test_names_follow_prometheus() -> None:
    names = [metric.full_name for metric in Metric]
    assert len(set(names)) == len(names)
    for metric in Metric:
        name = metric.full_name
        assert name.startswith(PREFIX)
        assert name.endswith("_total") == (metric.value.kind is Kind.COUNTER)
        base = name.removesuffix("_total")
        assert base.endswith("_seconds") == (metric.value.unit is Unit.SECONDS), name
        assert base.endswith("_bytes") == (metric.value.unit is Unit.BYTES), name
        assert metric.value.help
        assert not metric.value.help.endswith(".")
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")


def test_the_report_tells_the_same() -> None:
    told = json.loads(json.dumps(report(busy())))
    assert told["echoes"] == 7
    assert told["queue_age_ns"] == 1_250_000_000
    assert {"type": "purchase", "code": "51", "value": 1} in told["answers"]
    commit = told["step_ns"]["commit"]
    assert (commit["count"], commit["total"], commit["max"]) == (1, 1_500_000, 1_500_000)
    assert len({report_name(metric) for metric in Metric}) == len(Metric)
