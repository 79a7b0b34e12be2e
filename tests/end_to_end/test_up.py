"""`vafa up` as a user runs it: real processes, the real firmware on MicroPython, a real journal."""

import fcntl
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import cast

import pytest

VAFA = Path(sys.executable).with_name("vafa")
TIMEOUT_S = 180
Part = dict[str, object]


def vafa(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VAFA, *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def up_once(directory: Path, *arguments: str) -> dict[str, Part]:
    done = vafa("up", "--once", "--json", "--var", str(directory), *arguments)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    return cast(dict[str, Part], json.loads(lines[0]))


def test_a_sale_and_a_redemption_and_the_next_run_goes_on_from_there(tmp_path: Path) -> None:
    first = up_once(tmp_path, "--receipts", str(tmp_path / "slips"))
    assert [path.name for path in sorted((tmp_path / "slips").iterdir())] == ["slip-1.png", "slip-2.png"]
    assert (tmp_path / "slips" / "slip-1.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    terminal, sale, redemption = first["terminal"], first["sale"], first["redemption"]
    assert str(terminal["vm"]).startswith("micropython 1.")
    assert cast(int, terminal["heap_peak_bytes"]) <= cast(int, terminal["heap_limit_bytes"]) <= 128 * 1024
    expected = {
        "mti_request": "0200",
        "mti_response": "0210",
        "response_code": "00",
        "amount": 2_500_000,
        "points_earned": 250,
        "credit_earned": 50_000,
        "points_spent": 0,
        "points_balance": 250,
    }
    assert {name: sale[name] for name in expected} == expected
    assert (redemption["response_code"], redemption["amount"]) == ("00", 100_000)
    assert (redemption["points_spent"], redemption["points_balance"]) == (100, 150)
    assert (redemption["points_earned"], redemption["credit_earned"]) == (0, 0)
    assert sale["stan"] != redemption["stan"]
    assert sale["rrn"] != redemption["rrn"]
    paper = "\n".join(cast("list[str]", sale["receipt"]))
    for part in ("خرید", "۲٬۵۰۰٬۰۰۰", "۲۵۰", "Purchase", "2,500,000", "Points earned", "50,000"):
        assert part in paper
    assert "9364000000000001" not in json.dumps(first)
    assert first["journal"]["verified"] is True
    assert first["projection"] == {"transactions": 2}

    second = up_once(tmp_path, "--amount", "1000000", "--redeem", "50000", "--language", "en")
    assert second["sale"]["points_balance"] == 250
    assert second["redemption"]["points_balance"] == 200
    assert second["journal"]["entries"] == cast(int, first["journal"]["entries"]) + 2
    assert second["projection"] == {"transactions": 4}
    assert "".join(cast("list[str]", second["sale"]["receipt"])).isascii() is False  # the member's own name
    assert "خرید" not in "".join(cast("list[str]", second["sale"]["receipt"]))

    fresh = up_once(tmp_path, "--fresh")
    assert fresh["sale"]["points_balance"] == 250
    assert fresh["projection"] == {"transactions": 2}

    checked = vafa("journal", "verify", str(tmp_path / "journal"))
    assert checked.returncode == 0
    assert checked.stdout.startswith(f"{fresh['journal']['entries']} entries")
    dumped = vafa("journal", "dump", str(tmp_path / "journal"))
    assert [json.loads(line)["position"] for line in dumped.stdout.splitlines()] == list(
        range(1, cast(int, fresh["journal"]["entries"]) + 1)
    )
    assert "9364000000000001" not in dumped.stdout
    owed = json.loads(vafa("journal", "liability", str(tmp_path / "journal"), "--json").stdout)
    assert (owed["position"], owed["balanced"]) == (fresh["journal"]["entries"], True)
    outstanding = {row["purse"]: row["outstanding"] for row in owed["purses"]}
    assert outstanding == {"points": fresh["redemption"]["points_balance"], "credit": 50_000}
    assert "trial balance zero" in vafa("journal", "liability", str(tmp_path / "journal")).stdout


def test_a_redemption_beyond_the_balance_is_declined_and_served(tmp_path: Path) -> None:
    outcome = up_once(tmp_path, "--redeem", "9000000")
    assert outcome["redemption"]["response_code"] == "51"
    assert outcome["redemption"]["points_spent"] == 0
    assert "موجودی" in "".join(cast("list[str]", outcome["redemption"]["receipt"]))


def test_it_stays_up_until_it_is_interrupted(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [VAFA, "up", "--var", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        page = ""
        for line in process.stdout:
            if "/docs" in line:
                page = line.split()[-1]
            if "Ctrl-C" in line:
                break
        with urllib.request.urlopen(page, timeout=60) as response:
            assert "swagger" in response.read().decode().lower()
        second = vafa("up", "--once", "--var", str(tmp_path))
        assert second.returncode == 1
        assert second.stderr.splitlines()[-1].startswith("Error: switch did not start: switch:")
        assert "another process has it open" in second.stderr
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, errors
    finally:
        process.kill()
        process.communicate()
    for log in (tmp_path / "log").iterdir():
        assert "9364000000000001" not in log.read_text("utf-8")


def test_nothing_is_left_running_when_it_is_killed(tmp_path: Path) -> None:
    command = [str(VAFA), "up", "--var", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert any("Ctrl-C" in line for line in process.stdout)
        process.kill()
    with (tmp_path / "journal" / "lock").open() as lock:
        # The switch holds this lock as long as it lives.
        signal.alarm(TIMEOUT_S)
        fcntl.flock(lock, fcntl.LOCK_EX)
        signal.alarm(0)
    assert up_once(tmp_path)["sale"]["points_balance"] == 400


@pytest.mark.parametrize("option", ["--switch-port", "--operations-port", "--api-port"])
def test_a_taken_port_is_told_in_one_line(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = vafa("up", "--once", "--var", str(tmp_path), option, str(port))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert str(port) in last
    assert "in use" in last


def test_a_missing_vm_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAFA_MICROPYTHON", str(tmp_path / "nothing"))
    done = vafa("up", "--once", "--var", str(tmp_path / "var"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: no MicroPython at")
    assert "install_micropython.sh" in done.stderr


def test_flash_that_is_no_journal_is_left_alone_and_told_in_one_line(tmp_path: Path) -> None:
    flash = tmp_path / "terminals" / "SAMPLE01" / "flash.bin"
    flash.parent.mkdir(parents=True)
    flash.write_bytes((b"something else" * 10_000)[: 32 * 4096])
    before = flash.read_bytes()[:1000]
    done = vafa("up", "--once", "--var", str(tmp_path))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "Error: the terminal failed: JournalFault: flash holds something that is not a journal"
    )
    assert flash.read_bytes()[:1000] == before
    assert "Traceback" not in done.stderr


def test_wrong_options_are_refused(tmp_path: Path) -> None:
    assert vafa("up", "--json").returncode == 2
    assert vafa("up", "--once", "--amount", "0").returncode == 2
    assert vafa("journal", "verify", str(tmp_path / "nothing")).returncode == 2
