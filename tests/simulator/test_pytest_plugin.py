"""The fixtures as somebody else's project has them: pytest in a folder and a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bench.md").read_text("utf-8").partition("## For programmers")[2]
SETTINGS = """
import socket
import pytest

@pytest.fixture(scope="module")
def vafa_switch_settings():
    return {"connections_max": 1}

def test_another_switch(vafa_switch):
    address = vafa_switch.terminals
    with socket.create_connection(address), socket.create_connection(address, timeout=60) as second:
        assert second.recv(1) == b""

def test_the_same_switch(vafa_switch, vafa_proxy):
    assert len(vafa_switch.feed()) > 10
    assert vafa_proxy.target == vafa_switch.terminals
"""
MISSING = """
import sys
import pytest

@pytest.fixture(scope="module")
def vafa_switch_settings():
    return {"rules_file": "/nowhere/rules.toml"}

def test_nothing_is_loaded():
    assert "simulator.pytest_plugin" in sys.modules
    assert not {"pydantic", "protocol", "switch", "simulator.scripts"} & set(sys.modules)

def test_without_a_vm(vafa_terminal):
    pass

def test_without_a_switch(vafa_switch):
    pass
"""


def run_pytest(folder: Path, test: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """pytest on a file with this test, in the folder, as anybody would run it."""
    (folder / "test_mine.py").write_text(test, "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "VAFA_"))}
    others = [part for name in ("benchmark", "cacheprovider", "xdist") for part in ("-p", f"no:{name}")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *others, "-W", "error"],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_the_handbook_shows_passes(tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    done = run_pytest(tmp_path, block[1])
    assert done.returncode == 0, done.stdout
    assert re.search(rf"^{block[1].count('def test_')} passed", done.stdout, re.MULTILINE)


def test_the_switch_may_be_set_up_otherwise(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SETTINGS)
    assert done.returncode == 0, done.stdout


def test_it_costs_nothing_unused_and_tells_what_is_missing(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, MISSING, VAFA_MICROPYTHON=str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert re.search(r"^1 passed, 2 errors", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"vafa_terminal: no MicroPython at .*VAFA_MICROPYTHON", done.stdout), done.stdout
    assert "vafa_switch: the switch did not start: " in done.stdout and "/nowhere/rules.toml" in done.stdout
    assert "Traceback" not in done.stdout
