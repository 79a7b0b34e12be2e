"""The operator's page names only metrics that there are, and labels that they have."""

import re
from pathlib import Path

from switch.logs import LINES_PER_S_MAX
from switch.metrics.catalogue import PREFIX, Kind, Metric
from switch.metrics.store import SAMPLED_GROUP_OF, SAMPLED_ONE_OF
from switch.operations.readiness import Obstacle
from tools.generators.metrics_table import with_metrics_table

PAGE = (Path(__file__).resolve().parents[2] / "docs/operator.md").read_text("utf-8")


def test_every_metric_named_is_one() -> None:
    names = {metric.full_name for metric in Metric}
    for metric in Metric:
        if metric.value.kind is Kind.HISTOGRAM:
            names |= {f"{metric.full_name}_{part}" for part in ("bucket", "sum", "count")}
    named = set(re.findall(rf"{PREFIX}\w+", PAGE))
    assert named - names == set()
    assert {metric.full_name for metric in Metric} <= named


def test_labels_in_alarms_exist() -> None:
    labels = {metric.full_name: {label.name for label in metric.value.labels} | {"le"} for metric in Metric}
    found = re.findall(rf"({PREFIX}\w+?)(?:_bucket)?\{{(\w+)=\"", PAGE)
    assert found
    for name, label in found:
        assert label in labels[name], (name, label)


def test_the_numbers_told_are_those_of_the_code() -> None:
    assert f"every {SAMPLED_ONE_OF}st request" in PAGE
    assert f"every {SAMPLED_GROUP_OF}th group" in PAGE
    assert f"no more than {LINES_PER_S_MAX} a second" in PAGE
    for obstacle in (Obstacle.STARTING, Obstacle.DRAINING, Obstacle.JOURNAL_FAILED, Obstacle.FAILED):
        assert f"`{obstacle.code}`" in PAGE


def test_the_table_is_written_in_its_place() -> None:
    assert with_metrics_table(PAGE) == PAGE
