"""Every scenario file, line by line, against the real authoriser and ledger."""

from pathlib import Path

import pytest

from tests.switch.scenarios.runner import Player
from tests.switch.scenarios.table_reader import read_scenario

FILES = sorted(Path(__file__).parent.glob("*.md"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_of_a_scenario_comes_out_as_written(path: Path) -> None:
    Player(read_scenario(path)).play()


def test_there_are_scenarios() -> None:
    assert len(FILES) >= 10
