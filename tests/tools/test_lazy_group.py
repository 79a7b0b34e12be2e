"""Commands are loaded when they are asked for; what needs the firmware says so where that is missing."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tools.lazy_group import LazyGroup

PLACES = {"works": "lazy_works:command", "blink": "lazy_blink:command", "broken": "lazy_broken:command"}


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> click.Group:
    """A command that works, one of the firmware's, and one with a mistake."""
    source = "import click\n{}\n@click.command()\ndef command():\n    click.echo('done')\n"
    for name, line in (("works", ""), ("blink", "import terminal.led"), ("broken", "import no_such_module")):
        (tmp_path / f"lazy_{name}.py").write_text(source.format(line))
        monkeypatch.delitem(sys.modules, f"lazy_{name}", raising=False)
    # As in an installation: no firmware anywhere.
    monkeypatch.setattr(sys, "path", [str(tmp_path), *(each for each in sys.path if "firmware" not in each)])
    monkeypatch.setitem(sys.modules, "terminal", None)
    return LazyGroup("group", places=PLACES)


def test_a_command_is_loaded_when_it_is_asked_for(group: click.Group) -> None:
    done = CliRunner().invoke(group, ["works"])
    assert (done.exit_code, done.stdout) == (0, "done\n")
    assert "lazy_blink" not in sys.modules
    assert CliRunner().invoke(group, ["nothing"]).exit_code == 2


@pytest.mark.parametrize("arguments", [[], ["--port", "5", "x"]], ids=["plain", "with arguments"])
def test_without_the_firmware_a_command_says_what_it_needs(group: click.Group, arguments: list[str]) -> None:
    done = CliRunner().invoke(group, ["blink", *arguments])
    assert done.exit_code == 1
    assert "pip install -e" in done.stderr


def test_other_mistakes_are_not_hidden(group: click.Group) -> None:
    done = CliRunner().invoke(group, ["broken"])
    assert isinstance(done.exception, ModuleNotFoundError) and done.exception.name == "no_such_module"
