"""What docs/card-application.md shows is what the commands print, and its tables are those of the layout."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from protocol.card_application.layout import BALANCE, IDENTITY, Field
from tools.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "card-application.md").read_text("utf-8")


def test_the_commands_print_what_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shown = re.search(r"```sh\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    printed = ""
    for line in shown[1].splitlines():
        done = CliRunner().invoke(main, shlex.split(line)[1:])
        assert done.exit_code == 0
        printed += done.stdout
    day = r"(confirmed on) \d{8}"
    assert re.sub(day, r"\1", printed) == re.sub(day, r"\1", shown[2])


@pytest.mark.parametrize(
    ("heading", "table", "mac"),
    [("**Identity**", IDENTITY, False), ("**Offline balance**", BALANCE, True)],
    ids=["identity", "balance"],
)
def test_the_tables_are_the_layout(heading: str, table: tuple[Field, ...], mac: bool) -> None:
    part = PAGE.partition(heading)[2].partition("\n\n|")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d+) \| ([\w ]+) \|", part, re.MULTILINE)
    expected = [(str(field.size_bytes), field.name.replace("_", " ")) for field in table]
    assert rows == expected + ([("8", "MAC")] if mac else [])
