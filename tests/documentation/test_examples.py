"""What the documentation shows works when it is pasted, and every link leads somewhere."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.cli import main as vafa

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def test_the_readme_starts_with_the_two_commands() -> None:
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert [line.split("#")[0].strip() for line in block[1].splitlines()] == ["make run", "make test"]


# Several pages name the same commands.
@cache
def has_help(command: str) -> bool:
    """Whether there is such a command of `vafa`."""
    return CliRunner().invoke(vafa, [*command.split(), "--help"]).exit_code == 0


@cache
def has_target(target: str) -> bool:
    """Whether there is such a target of `make`."""
    return subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False).returncode == 0


@each_page
def test_commands_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)):
        assert has_target(target), f"{page.name}: make {target}"
    for command in set(re.findall(r"`(?:\.venv/bin/)?vafa ([a-z-]+(?: [a-z][a-z-]*)?)", text)):
        assert has_help(command), f"{page.name}: vafa {command}"


@each_page
def test_python_in_shell_blocks_runs(page: Path) -> None:
    for code in re.findall(r"python - <<'PY'\n(.*?)\nPY\n", page.read_text("utf-8"), re.DOTALL):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name}: {link}"
