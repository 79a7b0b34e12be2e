"""`vafa rules publish` and `rollback` as they are run, against a running switch."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.switch.conftest import SwitchProcess
from tests.switch.publication.uploads import DEFAULT_RULES

ROOT = Path(__file__).parents[3]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[SwitchProcess]:
    """A switch with the default rules."""
    switch = SwitchProcess(tmp_path / "switch").start()
    yield switch
    switch.kill()


@pytest.fixture
def double(tmp_path: Path) -> Path:
    """The default rules with twice the points."""
    path = tmp_path / "double.toml"
    path.write_text(DEFAULT_RULES.read_text("utf-8").replace("give = 100 ", "give = 200 "))
    return path


def vafa(switch: SwitchProcess, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """`vafa rules …` with the switch's settings in the environment."""
    host, port = switch.terminals
    return subprocess.run(
        [sys.executable, "-m", "tools.cli", "rules", *arguments, "--to", f"{host}:{port}"],
        env=switch.environment(),
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_rules_are_published_and_taken_back(running: SwitchProcess, double: Path) -> None:
    first = running.status()["rule_table_digest"]
    done = vafa(running, "publish", str(double), given="y\n")
    assert done.returncode == 0, done.stderr
    assert "estimated for 1,000 transactions" in done.stdout
    assert "changed: EARN-01" in done.stdout
    assert "Put 3 rules in force" in done.stdout
    assert "rule table 2 is in force; back: vafa rules rollback 1" in done.stdout
    assert running.status()["rule_table_version"] == 2
    done = vafa(running, "rollback", "1", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["version"], told["replaced_version"], told["digest"]) == (3, 2, first)
    assert told["difference"]["changed"] == ["EARN-01"]
    assert running.status()["rule_table_digest"] == first


def test_whoever_says_no_changes_nothing(running: SwitchProcess, double: Path) -> None:
    done = vafa(running, "publish", str(double), given="n\n")
    assert (done.returncode, "Aborted" in done.stderr) == (1, True)
    assert running.status()["rule_table_version"] == 1


def test_the_same_rules_are_told_to_be_there(running: SwitchProcess) -> None:
    done = vafa(running, "publish", str(DEFAULT_RULES), "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("rule table 1 is this one already\n")
    done = vafa(running, "publish", str(DEFAULT_RULES), "--yes", "--json")
    assert json.loads(done.stdout)["replaced_version"] is None


def test_faults_are_one_line(running: SwitchProcess, double: Path, tmp_path: Path) -> None:
    other_key = tmp_path / "other.key"
    other_key.write_text(bytes(32).hex())
    other_key.chmod(0o600)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("format = 9\n")
    for arguments, code, told in (
        (["publish", str(wrong), "--yes"], 1, "format"),
        (["publish", str(double), "--json"], 2, "--yes"),
        (["publish", str(double), "--yes", "--master-key-file", str(other_key)], 1, "MAC is wrong"),
        (["publish", str(double), "--yes", "--host-id", "NOBODY01"], 1, "closed the link"),
        (["rollback", "7", "--yes"], 1, "doesn't have rule table 7"),
    ):
        done = vafa(running, *arguments)
        assert (done.returncode, told in done.stderr) == (code, True), done
        assert "Traceback" not in done.stderr
    assert running.status()["rule_table_version"] == 1
    running.kill()
    done = vafa(running, "publish", str(double), "--yes")
    assert (done.returncode, "no switch at" in done.stderr) == (1, True), done


@pytest.mark.parametrize("page", ["operator", "back-office"])
def test_what_the_pages_show_works_when_it_is_pasted(running: SwitchProcess, page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text("utf-8")
    commands = re.findall(
        r"^\.venv/bin/vafa (rules (?:publish|rollback|replay|lint) .*)$", text, re.MULTILINE
    )
    assert len(commands) == 3
    for command in commands:
        arguments = command.replace("var/journal", str(running.journal)).split()
        done = subprocess.run(
            [sys.executable, "-m", "tools.cli", *arguments],
            env=running.environment(terminals_port=running.terminals[1]),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stderr)
    assert running.status()["rule_table_version"] == 3


def test_a_link_with_tls_wants_the_issuer(running: SwitchProcess, double: Path, tmp_path: Path) -> None:
    certificate = tmp_path / "not.pem"
    certificate.write_text("no certificate")
    done = vafa(running, "publish", str(double), "--yes", "--ca-file", str(certificate))
    assert (done.returncode, "certificates" in done.stderr) == (2, True), done
