"""`vafa sim proxy` and `record` as they are run, and the bench's refusal of production keys."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator import VirtualSwitch
from simulator.fault_proxy import FaultKind
from tools.cli import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "simulator" / "first-sale.toml"


@pytest.fixture(scope="module")
def switch() -> Iterator[VirtualSwitch]:
    with VirtualSwitch() as running:
        yield running


@pytest.fixture
def key_file(switch: VirtualSwitch, tmp_path: Path) -> Path:
    path = tmp_path / "terminal.key"
    path.write_text(switch.key().hex())
    return path


def vafa(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def plays(target: str, key_file: Path, script: Path = EXAMPLE, *more: str) -> Result:
    return vafa(
        "sim", "run", script, "--target", target, "--terminal-id", "BENCH001", "--merchant-id", "BENCH",
        "--key-file", key_file, "--set", "card=6280000000001105", *more,
    )  # fmt: skip


@contextmanager
def running(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`vafa sim …` in a process of its own, and where it listens; it is asked to end."""
    command = [sys.executable, "-m", "tools.cli", "sim", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("listening on 127.0.0.1:"), line
            yield process, line.split()[-1]
        finally:
            process.kill()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    process.send_signal(signal.SIGINT)
    told, errors = process.communicate(timeout=60)
    return process.returncode, told, errors


def test_the_proxy_makes_faults_and_says_so(switch: VirtualSwitch, key_file: Path) -> None:
    faults = ("--fault", "duplicate/reply@3", "--fault", "delay=1")
    with running("proxy", "--target", switch.target, *faults) as (process, address):
        assert plays(address, key_file).exit_code == 0
        code, told, errors = ended(process)
    assert code == 0
    assert "link 1, reply 3: duplicate\n" in errors
    assert told == "1 links, 3 requests, 3 replies, 7 faults\n"


def test_what_the_recorder_writes_plays(switch: VirtualSwitch, key_file: Path, tmp_path: Path) -> None:
    file = tmp_path / "session.toml"
    with running("record", str(file), "--target", switch.target) as (process, address):
        assert plays(address, key_file).exit_code == 0
        code, told, _ = ended(process)
    assert code == 0
    assert told == f"{file}: 6 messages in 6 steps\n"
    done = plays(switch.target, key_file, file)
    assert done.exit_code == 0, done.stderr
    again = vafa("sim", "record", file, "--target", switch.target)
    assert again.exit_code == 2 and "--force writes over it" in again.stderr


def test_nothing_said_is_nothing_written(switch: VirtualSwitch, tmp_path: Path) -> None:
    file = tmp_path / "session.toml"
    with running("record", str(file), "--target", switch.target) as (process, _):
        code, _, errors = ended(process)
    assert code == 1 and "nothing was said" in errors and not file.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("proxy", "--target", "nowhere"), "nowhere"),
        (("proxy", "--target", "127.0.0.1:1", "--fault", "lose"), "no such kind"),
        (("proxy", "--target", "127.0.0.1:1", "--listen", "127.0.0.1"), "127.0.0.1"),
        (("proxy",), "--target"),
        (("record", "--target", "127.0.0.1:1"), "FILE"),
    ],
    ids=["target", "fault", "listen", "no target", "no file"],
)
def test_wrong_options_are_told_in_code_2(arguments: tuple[str, ...], told: str) -> None:
    done = vafa("sim", *arguments)
    assert done.exit_code == 2 and told in done.stderr


def test_a_port_that_is_taken_is_told(switch: VirtualSwitch) -> None:
    done = vafa("sim", "proxy", "--target", switch.target, "--listen", switch.target)
    assert done.exit_code == 1 and "listening: " in done.stderr


def test_the_help_names_every_fault() -> None:
    printed = vafa("sim", "proxy", "--help").stdout
    for kind in FaultKind:
        assert re.search(rf"^ +{kind.value}(=N)? ", printed, re.MULTILINE), kind


def test_keys_of_production_are_refused(switch: VirtualSwitch, key_file: Path) -> None:
    key_file.write_text(f"# production: shops\n{switch.key().hex()}\n")
    refused = plays(switch.target, key_file)
    assert refused.exit_code == 2
    assert "marked as one of production" in refused.stderr and switch.key().hex() not in refused.stderr
    allowed = plays(switch.target, key_file, EXAMPLE, "--allow-production-keys")
    assert allowed.exit_code == 0
    assert "bench, PRODUCTION KEYS ALLOWED: terminal BENCH001, key check value " in allowed.stderr


def test_every_run_says_that_it_is_a_bench(switch: VirtualSwitch, key_file: Path) -> None:
    key_file.write_text(f"# test\n{switch.key().hex()}\n")
    done = plays(switch.target, key_file)
    assert done.exit_code == 0
    assert re.search(r"^bench, for test installations only: terminal BENCH001, key check value [0-9A-F]{10}$",
                     done.stderr, re.MULTILINE)  # fmt: skip
    assert switch.key().hex() not in done.stderr.lower()


def test_the_switch_reads_past_the_mark(tmp_path: Path) -> None:
    with VirtualSwitch(tmp_path / "club") as switch:
        switch.kill()
        master = tmp_path / "club" / "keys" / "master.key"
        master.write_text(f"# production\n{master.read_text()}\n")
        switch.start()
        assert switch.status()


def test_a_virtual_card_takes_no_key_of_production(tmp_path: Path) -> None:
    key = tmp_path / "cards.key"
    key.write_text("# production\n" + "00" * 32)
    key.chmod(0o600)
    done = vafa(
        "card", "personalise", "--virtual", tmp_path / "card.bin", "--card-number", "6280000000001006",
        "--member-number", 1, "--expiry", "3012", "--master-key-file", key,
    )  # fmt: skip
    assert done.exit_code != 0 and "no place in a virtual card" in done.stderr


def test_a_recording_without_a_place_is_refused_before_it_begins(tmp_path: Path) -> None:
    wanted = ["sim", "record", str(tmp_path / "nowhere" / "x.toml"), "--listen", "127.0.0.1:0"]
    done = CliRunner().invoke(main, [*wanted, "--target", "127.0.0.1:1"])
    assert (done.exit_code, "no folder" in done.stderr) == (2, True), done.stderr
