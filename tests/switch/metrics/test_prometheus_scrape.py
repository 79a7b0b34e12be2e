"""Debian's Prometheus, set up as docs/prometheus says, scrapes a real switch and evaluates every rule."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.switch.conftest import Link, SwitchProcess

RULES = Path(__file__).resolve().parents[3] / "docs/prometheus"
TIMEOUT_S = 60.0
POLL_S = 0.05
SALES = 7


class Prometheus:
    """A server of its own folder and port."""

    def __init__(self, folder: Path, target: str) -> None:
        shutil.copytree(RULES, folder)
        configuration = folder / "prometheus.yml"
        text = configuration.read_text("utf-8")
        assert text.count("127.0.0.1:7584") == 1 and text.count("_interval: 5s") == 2
        text = text.replace("127.0.0.1:7584", target).replace("_interval: 5s", "_interval: 200ms")
        configuration.write_text(text, "utf-8")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}/api/v1/"
        self.command = [
            "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={urllib.parse.urlsplit(self.url).netloc}", "--log.level=warn",
        ]  # fmt: skip

    def ask(self, path: str, **query: str) -> dict[str, Any]:
        """What it answers; nothing as long as it starts."""
        try:
            with urllib.request.urlopen(
                f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=TIMEOUT_S
            ) as response:
                found: dict[str, Any] = json.loads(response.read())["data"]
                return found
        except urllib.error.URLError:
            return {}

    def values(self, expression: str) -> list[float]:
        """Values of an expression now."""
        return [float(each["value"][1]) for each in self.ask("query", query=expression).get("result", [])]

    def rules(self) -> list[dict[str, Any]]:
        """All rules, as it evaluates them."""
        return [rule for group in self.ask("rules").get("groups", []) for rule in group["rules"]]


@contextmanager
def running(prometheus: Prometheus, log: Path) -> Iterator[Prometheus]:
    with log.open("wb") as output:
        process = subprocess.Popen(prometheus.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        yield prometheus
    finally:
        process.terminate()
        process.wait(TIMEOUT_S)


def until(condition: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, log.read_text("utf-8")
        time.sleep(POLL_S)


def test_prometheus_scrapes_a_switch_and_evaluates_the_rules(
    tmp_path: Path, switch: SwitchProcess, terminal: Link
) -> None:
    log = tmp_path / "prometheus.log"
    target = switch.operations.removeprefix("http://")
    with running(Prometheus(tmp_path / "prometheus", target), log) as prometheus:
        until(lambda: prometheus.values('up{job="vafa_switch"}') == [1.0], log)
        answers = 'vafa_switch_answers_total{type="purchase",code="00"}'
        # A series begins with its first sale; what comes then is a rate.
        assert terminal.call(terminal.purchase(1000)).fields[39] == "00"
        until(lambda: prometheus.values(answers) == [1], log)
        for _ in range(SALES - 1):
            assert terminal.call(terminal.purchase(1000)).fields[39] == "00"
        until(lambda: prometheus.values(answers) == [SALES], log)
        recorded = 'instance_type_code:vafa_answers:rate1m{type="purchase",code="00"}'
        until(lambda: any(rate > 0 for rate in prometheus.values(recorded)), log)
        until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), log)
        rules = prometheus.rules()
        assert {rule["type"] for rule in rules} == {"alerting", "recording"}
        assert [rule["name"] for rule in rules if rule.get("state") == "firing"] == []
        switch.kill()
        until(lambda: bool(prometheus.values('ALERTS{alertname="VafaNotAuthorising"}')), log)
