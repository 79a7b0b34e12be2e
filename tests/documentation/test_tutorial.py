"""docs/tutorial.md, done as it is written: files are saved, commands run, and they print what is shown."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
TIMEOUT_S = 180
PORT = "7583"
_BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(\w+\.py)`[^`]*\Z")


def blocks() -> list[tuple[str, str, str]]:
    """(kind, file name, content) of each block; a file's name stands in front of it."""
    found = []
    for block in _BLOCK.finditer(PAGE):
        name = _FILE.search(PAGE[: block.start()]) if block[1] == "python" else None
        found.append((block[1], name[1] if name else "", block[2]))
    return found


@pytest.fixture
def environment() -> dict[str, str]:
    """That of an activated virtual environment."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.fixture
def switch(tmp_path: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """The second shell: the switch, on a free port; what it printed."""
    block = next(content for kind, _, content in blocks() if kind == "sh" and "vafa sim switch" in content)
    command = block.splitlines()[-1]
    assert command.startswith("vafa sim switch")
    process = subprocess.Popen(
        [*command.split(), "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield [process.stdout.readline().rstrip("\n") for _ in range(3)]
    finally:
        process.terminate()
        _, told = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, told) == (0, "stopped\n")


def alike(text: str) -> list[str]:
    """Lines without what is another in each run: ports, times, how many cases there are."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\d+ ms", "N ms", text)
    # Of the whole pack; a single case is counted.
    text = re.sub(r"\b(\d\d+) of \1 cases passed.*", "N of N cases passed", text)
    return text.splitlines()


def stands_in(shown: str, printed: str) -> bool:
    """Whether what is shown was printed, where a line with an ellipsis stands for any lines."""
    rest = alike(printed)
    for place, part in enumerate(shown.split("…\n")):
        lines = alike(part)
        starts = [at for at in range(len(rest) - len(lines) + 1) if rest[at : at + len(lines)] == lines]
        if not starts or (place == 0 and starts[0] != 0):
            return False
        rest = rest[starts[0] + len(lines) :]
    return rest == [] or shown.endswith("…\n")


def test_it_is_done_as_it_is_written(switch: list[str], environment: dict[str, str], tmp_path: Path) -> None:
    port = switch[0].rpartition(":")[2]
    printed = ""
    ran = 0
    for kind, name, content in blocks():
        if kind == "python":
            (tmp_path / name).write_text(content, "utf-8")
        elif kind == "text":
            assert stands_in(content, printed), f"{content}\nis shown, but\n{printed}\nwas printed"
        elif "vafa sim switch" in content:
            printed = "".join(f"{line}\n" for line in switch)
        elif "pip install" not in content:
            done = subprocess.run(
                ["sh", "-c", content.replace(PORT, port)],
                cwd=tmp_path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
            printed = done.stdout
            assert done.returncode == ("0 of 1 cases passed" in printed), printed
            ran += 1
    assert ran == 4
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_every_kind_of_block_is_there() -> None:
    found = blocks()
    assert [name for kind, name, _ in found if kind == "python"] == [
        "link.py",
        "sale.py",
        "toy.py",
        "sale.py",
    ]
    assert PAGE.count("\n```") == 2 * len(found)


def test_ellipses_stand_for_lines() -> None:
    assert (
        stands_in("a\n…\nd\n", "a\nb\nc\nd\n") and stands_in("…\nd\n", "c\nd\n") and stands_in("a\n", "a\n")
    )
    assert (
        not stands_in("a\n", "a\nb\n") and not stands_in("b\n…\n", "a\nb\n") and not stands_in("c\n", "a\n")
    )
