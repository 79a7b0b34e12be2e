"""The rules for Prometheus: Debian's promtool takes them, they name what there is, and each alert rings."""

import re
import subprocess
from pathlib import Path

import pytest

from switch.metrics.catalogue import PREFIX, Kind, Metric

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs/prometheus"
TESTS = Path(__file__).parent / "prometheus"
PAGE = (ROOT / "docs/operator.md").read_text("utf-8")
RECORDING, ALERTS = ((RULES / name).read_text("utf-8") for name in ("recording.yml", "alerts.yml"))
EXPRESSIONS = "\n".join(re.findall(r"^ +expr: (.*(?:\n {10,}\S.*)*)", RECORDING + ALERTS, re.MULTILINE))
ALERT_NAMES = re.findall(r"- alert: (\w+)", ALERTS)


def promtool(*arguments: object) -> None:
    done = subprocess.run(
        ["promtool", *map(str, arguments)], cwd=TESTS, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_the_configuration_and_the_rules() -> None:
    promtool("check", "config", RULES / "prometheus.yml")
    promtool("check", "rules", RULES / "recording.yml", RULES / "alerts.yml")


@pytest.mark.parametrize("name", ["alerts.test.yml", "week.test.yml"])
def test_every_alert_rings_when_it_must_and_only_then(name: str) -> None:
    promtool("test", "rules", TESTS / name)


def test_every_alert_is_tested_and_told_of() -> None:
    tested = re.findall(r"alertname: (\w+)", "".join(path.read_text("utf-8") for path in TESTS.iterdir()))
    assert len(ALERT_NAMES) == len(set(ALERT_NAMES)) > 20
    assert set(tested) == set(ALERT_NAMES)
    told = re.findall(r"^\| `(Vafa\w+)` \| (\w+) \|", PAGE, re.MULTILINE)
    assert told == re.findall(r"- alert: (\w+)\n(?:.*\n)*? +severity: (\w+)", ALERTS)


def test_rules_name_only_metrics_that_there_are() -> None:
    names = {metric.full_name for metric in Metric}
    for metric in Metric:
        if metric.value.kind is Kind.HISTOGRAM:
            names |= {f"{metric.full_name}_{part}" for part in ("bucket", "sum", "count")}
    named = set(re.findall(rf"(?<![\w:]){PREFIX}\w+", EXPRESSIONS))
    assert len(named) > 20
    assert named - names == set()
    recorded = set(re.findall(r"- record: (\S+)", RECORDING))
    assert set(re.findall(r"\w+:vafa_\w+:\w+", EXPRESSIONS)) <= recorded


def test_rules_name_only_labels_and_values_that_there_are() -> None:
    labels = {
        metric.full_name: {label.name: label.values for label in metric.value.labels} for metric in Metric
    }
    selectors = re.findall(rf"({PREFIX}\w+?)(?:_bucket)?\{{([^}}]*)\}}", EXPRESSIONS)
    assert len(selectors) > 5
    for metric, matchers in selectors:
        for label, values in re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', matchers):
            assert label in labels[metric], (metric, label)
            closed = labels[metric][label]
            assert not closed or set(values.split("|")) <= set(closed), (metric, label, values)
