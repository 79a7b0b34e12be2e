"""What docs/rules.md shows: commands print what stands below them, rules and sales compile, names exist."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from switch.rule_trials.sale import SalesFile
from switch.rules.compiler import parse_rules
from switch.rules.facts import ITEM_NAMES, NUMBER_NAMES, SET_NAMES, TEXT_NAMES
from tools.cli import main

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = ROOT / "docs" / "examples" / "rules"
HEAD = 'format = 2\nprogramme = "sample-club"\n'

_SHOWN = re.findall(
    r"^\.venv/bin/vafa (rules [^\n]*)\n```\n\n```text\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL
)
_TOML = re.findall(r"^```toml\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("command", "output"), _SHOWN, ids=[command.split()[1] for command, _ in _SHOWN])
def test_commands_print_what_is_shown(command: str, output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, shlex.split(command))
    assert done.exit_code == 0
    assert done.stdout == output + "\n"


def test_every_command_of_the_page_shows_its_output() -> None:
    assert len(_SHOWN) == PAGE.count("\n.venv/bin/vafa rules ")
    assert {command.split()[1] for command, _ in _SHOWN} == {"explain", "lint", "simulate"}


@pytest.mark.parametrize("text", _TOML, ids=lambda text: text.split("\n", 1)[0])
def test_rules_and_sales_of_the_page_are_sound(text: str) -> None:
    if text.startswith("[[sales]]"):
        assert SalesFile.model_validate(tomllib.loads(text)).sales
    else:
        assert parse_rules(HEAD + text, "docs/rules.md").rules


def test_rules_of_the_page_stand_in_the_files_it_names() -> None:
    for name, text in re.findall(r"From\s+\[`(\S+)`\]\(\S+\):\n\n```toml\n(.*?)\n```", PAGE, re.DOTALL):
        whole = (EXAMPLES / name).read_text("utf-8")
        assert all(part in whole for part in text.split("\n\n"))


def test_lines_of_the_page_are_understood() -> None:
    table = PAGE.partition("| English | Persian |")[2].partition("\n\n")[0]
    lines = re.findall(r"`([^`]+)`", table)
    clauses = re.findall(r"`([^`]+)`", PAGE.partition("then any of ")[2].partition(". Events are")[0])
    events = PAGE.partition("Events are ")[2].partition(".")[0].replace("\n", " ").split(", ")
    lines += [f"100 points per 1,000,000 rial {clause}" for clause in clauses]
    lines += [f"5 points per {event}" for event in events]
    assert (len(lines), len(clauses), len(events)) == (12 + 12 + 8, 12, 8)
    for line in lines:
        text = f'{HEAD}[[simple]]\nrule_id = "R-1"\ntext = "{line}"\n'
        assert parse_rules(text, line).rules


def test_facts_of_the_page_are_all_there_are() -> None:
    table = PAGE.partition("| facts | operators |")[2].partition("\n\n")[0]
    told = set(
        re.findall(r"(?:[a-z_]+\.)?[a-z_]+", "".join(row.split("|")[1] for row in table.splitlines()[2:]))
    )
    known = {*TEXT_NAMES, *NUMBER_NAMES, *SET_NAMES, *ITEM_NAMES}
    assert known <= told
    others = {"per", "thousand", "balance.", "purse", "metric.", "name", "counter.", "id"}
    assert {
        name for name in told - known if name.strip(".") not in {other.strip(".") for other in others}
    } == set()


def test_every_example_is_on_the_page() -> None:
    linked = set(re.findall(r"\(examples/rules/([a-z0-9-]+\.toml)\)", PAGE.partition("## Examples")[2]))
    assert linked == {path.name for path in EXAMPLES.glob("*.toml") if not path.name.endswith(".sales.toml")}


def test_the_back_office_finds_the_page() -> None:
    assert "(rules.md)" in (ROOT / "docs" / "back-office.md").read_text("utf-8")
