"""A program that is forked behaves as one that was started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.amounts import is_thorough

pytestmark = pytest.mark.skipif(is_thorough(), reason="programs are started anew")

VAFA = str(Path(sys.executable).with_name("vafa"))
RULES = Path(__file__).parents[2] / "docs/examples/rules/burn-02-percent-for-points.toml"


def run(
    *command: str, text: str = "", directory: Path | None = None, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=text, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("program", [[VAFA], [sys.executable, "-m", "tools.cli"]])
def test_output_and_exit_code(program: list[str]) -> None:
    told = run(*program, "message", "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Usage: ")
    refused = run(*program, "nothing")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "No such command 'nothing'" in refused.stderr


def test_input_folder_and_environment(tmp_path: Path) -> None:
    document = RULES.read_text("utf-8")
    (tmp_path / "rules.toml").write_text(document, "utf-8")
    by_name = run(VAFA, "rules", "lint", "rules.toml", directory=tmp_path)
    by_input = run(VAFA, "rules", "lint", "-", text=document)
    assert by_name.stdout == "rules.toml: 1 rule, nothing to remark\n"
    assert by_input.stdout == "standard input: 1 rule, nothing to remark\n"
    refused = run(
        sys.executable, "-m", "switch", environment={**os.environ, "VAFA_SWITCH_TERMINALS_PORT": "no port"}
    )
    assert refused.returncode == 2
    assert "terminals_port" in refused.stderr.lower()
    assert "Traceback" not in refused.stderr


def test_it_is_a_child_of_the_test_that_signals_reach() -> None:
    # Waits for its input.
    command = [VAFA, "rules", "lint", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    ) as process:
        entry = Path(f"/proc/{process.pid}")
        assert f"PPid:\t{os.getpid()}\n" in (entry / "status").read_text()
        assert b"warm_start" in (entry / "cmdline").read_bytes()
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert not entry.exists()
