"""`vafa switch top` against a real switch: in a terminal, as JSON, and where there is no switch."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.switch.conftest import Link, SwitchAt, SwitchProcess

COLUMNS, ROWS = 80, 24
TIMEOUT_S = 30.0
TOP = [sys.executable, "-m", "tools.cli", "switch", "top"]


class Screen:
    """A terminal of 80 by 24 in which `top` runs."""

    def __init__(self, *options: str) -> None:
        self._master, child = os.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [*TOP, *options], stdin=child, stdout=child, stderr=subprocess.STDOUT, start_new_session=True
        )
        os.close(child)
        self.output = ""

    def until(self, is_so: Callable[[str], bool]) -> None:
        """Read until it is so of the whole output."""
        deadline = time.monotonic() + TIMEOUT_S
        while not is_so(self.output):
            assert time.monotonic() < deadline, self.output
            self._read()

    def interrupt(self) -> int:
        """Ctrl-C; the exit code, once everything is read."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(TIMEOUT_S)
        while self._read():
            pass
        os.close(self._master)
        return code

    def pictures(self) -> list[list[str]]:
        """The lines of every whole picture."""
        parts = self.output.split("\x1b[H")[1:]
        return [
            re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", part).split("\r\n")[:-1]
            for part in parts
            if part.partition("\x1b[J")[1]
        ]

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 0.2)[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # the other end is closed
            return False
        self.output += data.decode()
        return bool(data)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TOP, *options], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def test_live_in_a_terminal(switch: SwitchProcess, terminal: Link) -> None:
    top = Screen("--url", switch.operations, "--interval", "0.3")
    top.until(lambda output: "ready" in output)
    terminal.call(terminal.purchase(2_500_000))
    terminal.call(terminal.purchase(0))
    top.until(lambda output: re.search(r"purchase +13 ", output) is not None)
    assert top.interrupt() == 0
    assert top.output.startswith("\x1b[?1049h\x1b[?25l")
    assert top.output.rstrip().endswith("\x1b[?25h\x1b[?1049l")
    pictures = top.pictures()
    assert len(pictures) >= 2
    for lines in pictures:
        assert len(lines) < ROWS
        assert all(len(line) <= COLUMNS for line in lines), lines
    last = "\n".join(pictures[-1])
    assert switch.operations in last
    assert "2 signed_on" in last
    assert "rules     table 1" in last
    assert "Traceback" not in top.output


def test_a_switch_that_goes_away_and_comes_back(switch_at: SwitchAt) -> None:
    process = switch_at().start()
    port = process.operations.rpartition(":")[2]
    top = Screen("--url", process.operations, "--interval", "0.2")
    top.until(lambda output: "ready" in output)
    process.kill()
    top.until(lambda output: "no switch at" in output)
    seen = len(top.output)
    process.start(operations_port=port)
    top.until(lambda output: "no switch" not in output[seen:].rpartition("\x1b[H")[2] and "\x1b[J" in output)
    top.until(lambda output: "ready" in output[seen:])
    assert top.interrupt() == 0


def test_one_picture_as_json(switch: SwitchProcess, terminal: Link) -> None:
    terminal.call(terminal.purchase(2_500_000))
    done = run("--url", switch.operations, "--once", "--json", "--interval", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["ready"], told["journal_position"], told["requests_per_s"]) == (True, 5, 0)
    assert {"type": "purchase", "code": "00", "per_s": 0, "total": 1} in told["answers"]
    assert set(told["steps"]) == {"decode", "decide", "commit", "sync", "request"}


def test_one_picture_as_text(switch: SwitchProcess) -> None:
    done = run("--url", switch.operations, "--once", "--interval", "0.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    assert "requests" in done.stdout
    assert all(len(line) <= COLUMNS for line in done.stdout.splitlines())


def test_json_lines_end_with_their_reader(switch: SwitchProcess) -> None:
    with subprocess.Popen(
        [*TOP, "--url", switch.operations, "--json", "--interval", "0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as top:
        assert top.stdout is not None
        assert top.stderr is not None
        assert json.loads(top.stdout.readline())["ready"] is True
        assert json.loads(top.stdout.readline())["ready"] is True
        top.stdout.close()
        assert top.wait(TIMEOUT_S) == 0
        assert top.stderr.read() == ""


def test_no_switch_there() -> None:
    done = run("--url", "http://127.0.0.1:1")
    assert done.returncode == 1
    assert done.stderr == "Error: no switch at http://127.0.0.1:1: [Errno 111] Connection refused\n"
    assert done.stdout == ""
    assert run("--url", "nonsense").returncode == 1


def test_something_else_there(switch: SwitchProcess) -> None:
    done = run("--url", switch.operations + "/health/live")
    assert done.returncode == 1
    assert "is that a switch?" in done.stderr
