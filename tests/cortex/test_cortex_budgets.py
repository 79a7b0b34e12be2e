"""The terminal's messages on a Cortex-M3: right by the golden vectors, and within their budgets."""

import tomllib
from pathlib import Path

import pytest

from firmware.rig.cortex import Image, run
from tests.cortex.conftest import RUN_TIMEOUT_S, Figures, Report
from tests.protocol.golden_vectors import MALFORMED, MESSAGES

BUDGETS = tomllib.loads(Path(__file__).with_name("budgets.toml").read_text("utf-8"))


def test_golden_vectors(report: Report) -> None:
    malformed = sum("." not in case.path for case in MALFORMED)
    assert (report.vectors, report.complaints[""]) == ((len(MESSAGES), malformed, 0), [])


def test_every_measured_call_has_a_budget(report: Report) -> None:
    assert set(report.calls) == set(BUDGETS["calls"])


@pytest.mark.parametrize("name", BUDGETS["calls"])
def test_call_within_budget(name: str, report: Report, figures: Figures) -> None:
    us, garbage_bytes = report.calls[name].us, report.calls[name].garbage_bytes
    budget = BUDGETS["calls"][name]
    figures.add(
        name.replace("_", " "),
        f"{us:.0f} µs, {garbage_bytes} B",
        f"{budget['us']} µs, {budget['garbage_bytes']} B",
    )
    assert us <= budget["us"]
    assert garbage_bytes <= budget["garbage_bytes"]


@pytest.mark.parametrize("memory", BUDGETS["image"])
def test_image_within_budget(memory: str, terminal_image: Image, figures: Figures) -> None:
    taken = getattr(terminal_image, memory)
    budget = BUDGETS["image"][memory]
    figures.add(memory.replace("_bytes", " of the whole image"), f"{taken:,}", f"{budget:,}", "B")
    assert taken <= budget


def test_every_run_gives_the_same_figures(measuring_image: Image, lines: list[str]) -> None:
    assert run(measuring_image, RUN_TIMEOUT_S) == lines
