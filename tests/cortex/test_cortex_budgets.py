"""The terminal's messages on a Cortex-M3: right by the golden vectors, and within their budgets."""

import tomllib
from pathlib import Path

import pytest

from firmware.rig.cortex import Image, run
from tests.cortex.conftest import RUN_TIMEOUT_S, Report
from tests.protocol.golden_vectors import MALFORMED, MESSAGES

BUDGETS = tomllib.loads(Path(__file__).with_name("budgets.toml").read_text("utf-8"))


def test_golden_vectors(report: Report) -> None:
    malformed = sum("." not in case.path for case in MALFORMED)
    assert (report.vectors, report.complaints) == ((len(MESSAGES), malformed, 0), [])


def test_every_measured_call_has_a_budget(report: Report) -> None:
    assert set(report.calls) == set(BUDGETS["calls"])


@pytest.mark.parametrize("name", BUDGETS["calls"])
def test_call_within_budget(name: str, report: Report, figures: list[str]) -> None:
    us, garbage_bytes = report.calls[name].us, report.calls[name].garbage_bytes
    budget = BUDGETS["calls"][name]
    time = f"{us:8.1f} /{budget['us']:5} us"
    figures.append(f"{name:26}{time}{garbage_bytes:6} /{budget['garbage_bytes']:5} bytes of garbage")
    assert us <= budget["us"]
    assert garbage_bytes <= budget["garbage_bytes"]


@pytest.mark.parametrize("memory", BUDGETS["image"])
def test_image_within_budget(memory: str, image: Image, figures: list[str]) -> None:
    taken = getattr(image, memory)
    budget = BUDGETS["image"][memory]
    figures.append(f"{memory:26}{taken:8} /{budget:7}")
    assert taken <= budget


def test_every_run_gives_the_same_figures(image: Image, lines: list[str]) -> None:
    assert run(image, RUN_TIMEOUT_S) == lines
