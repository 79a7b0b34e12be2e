"""The pages of metrics and alarms are what the code has; pages and labels name only what there is."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from switch.console.alarms.rules import Severity, default_rules
from switch.console.alarms.signals import Signal
from switch.gate.states import DialPhase, LinkPhase
from switch.logs import LINES_PER_S_MAX
from switch.metrics.catalogue import PREFIX, Definition, Kind, Metric
from switch.metrics.labels import (
    CONNECTION_PHASE_LABEL,
    DIAL_PHASE_LABEL,
    PARTNER_PHASE_LABEL,
    SEVERITY_LABEL,
)
from switch.metrics.store import SAMPLED_GROUP_OF, SAMPLED_ONE_OF
from switch.operations.readiness import Obstacle
from switch.upstream.states import UpstreamPhase
from tools.generators.alarms_page import alarms_page
from tools.generators.metrics_page import metrics_page

DOCS = Path(__file__).resolve().parents[2] / "docs"
METRICS, ALARMS, OPERATOR = (
    (DOCS / f"{name}.md").read_text("utf-8") for name in ("metrics", "alarms", "operator")
)


def rows(page: str) -> Iterator[list[str]]:
    for line in page.splitlines():
        if line.startswith(("| `vafa", "| [`")):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_pages_are_those_of_the_code() -> None:
    assert metrics_page() == METRICS
    assert alarms_page() == ALARMS


def test_every_metric_has_a_row_with_all_of_it() -> None:
    found = {row[0].strip("`"): row for row in rows(METRICS)}
    assert list(found) == [metric.full_name for metric in Metric]
    for metric in Metric:
        _, kind, unit, labels, meaning = found[metric.full_name]
        assert kind == metric.value.kind.value and unit
        assert re.findall(r"`(\w+)`", labels) == [label.name for label in metric.value.labels]
        assert meaning == metric.value.help


@pytest.mark.parametrize("told", [metric.value for metric in Metric], ids=lambda told: told.name)
def test_every_metric_is_explained(told: Definition) -> None:
    assert len(told.help) > 3 and (told.help[0].isupper() or told.help[0] == "1")
    assert not told.help.endswith(".") and "|" not in told.help and "\n" not in told.help
    for label in told.labels:
        assert label.values or label.meaning, f"nobody knows what {label.name} may be"


def test_pages_name_only_metrics_that_there_are() -> None:
    names = {metric.full_name for metric in Metric}
    for metric, part in product(Metric, ("bucket", "sum", "count")):
        if metric.value.kind is Kind.HISTOGRAM:
            names.add(f"{metric.full_name}_{part}")
    assert set(re.findall(rf"\b{PREFIX}\w+", OPERATOR + METRICS + ALARMS)) - names == set()


def test_the_values_of_labels_are_those_of_the_code() -> None:
    for label, phases in (
        (CONNECTION_PHASE_LABEL, LinkPhase),
        (DIAL_PHASE_LABEL, DialPhase),
        (PARTNER_PHASE_LABEL, UpstreamPhase),
    ):
        assert label.values == tuple(phase.name.lower() for phase in phases)
    assert SEVERITY_LABEL.values == tuple(severity.value for severity in Severity)


def test_every_alarm_has_a_row_and_a_section_in_both_languages() -> None:
    rules = default_rules()
    assert [row[0] for row in rows(ALARMS)] == [f"[`{rule.name}`](#{rule.name})" for rule in rules]
    for rule in rules:
        section = ALARMS.partition(f"\n### {rule.name}\n")[2].partition("\n### ")[0]
        assert all(text in section for text in (rule.title.en, rule.title.fa, rule.todo.en, rule.todo.fa))
    for signal in Signal:
        assert f"| `{signal.value.name}` |" in ALARMS


def test_the_operators_page_names_alarms_that_there_are() -> None:
    named = re.findall(r"alarms\.md#([a-z-]+)", OPERATOR)
    assert named and set(named) <= {rule.name for rule in default_rules()} | {"signals", "what-to-do"}


def test_the_numbers_told_are_those_of_the_code() -> None:
    page = " ".join(METRICS.split())
    assert f"every {SAMPLED_ONE_OF}st request" in page
    assert f"every {SAMPLED_GROUP_OF}th group" in page
    assert f"no more than {LINES_PER_S_MAX} a second" in OPERATOR
    for obstacle in (Obstacle.STARTING, Obstacle.DRAINING, Obstacle.JOURNAL_FAILED, Obstacle.FAILED):
        assert f"`{obstacle.code}`" in OPERATOR
