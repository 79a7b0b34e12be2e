"""The unit scripts of the firmware, frozen and run on the Cortex-M3."""

from pathlib import Path

import pytest

from tests.cortex.conftest import Report
from tests.cortex.images import unit_scripts


@pytest.mark.parametrize("script", unit_scripts(), ids=lambda path: path.stem)
def test_unit_script(script: Path, report: Report) -> None:
    name = f"unit_{script.stem}"
    assert (report.ended.get(name), report.complaints.get(name)) == (0, [])
    assert report.passed[name] == script.read_text("utf-8").count("\ndef test_") > 0
