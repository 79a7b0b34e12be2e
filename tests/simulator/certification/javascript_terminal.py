"""The terminal in JavaScript of docs/examples, as a process that is told what to do line by line."""

import contextlib
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs/examples/terminal_javascript"
CARD = "6280000000000017"
QUICK = ("--timeout-ms", "500", "--retry-ms", "50")
PATIENT = ("--timeout-ms", "60000", "--retry-ms", "50")


def node() -> str:
    """The interpreter, which tools/setup/node.sh makes sure of."""
    found = shutil.which("node")
    assert found is not None, "run tools/setup/node.sh"
    return found


class JavascriptTerminal:
    """One life of the terminal; its journal and its key are in `folder`."""

    def __init__(self, folder: Path, address: tuple[str, int], key: bytes, *options: str) -> None:
        self.command = command(folder, f"{address[0]}:{address[1]}", key, *options)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self.cut_power()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate(timeout=60)

    def tell(self, line: str) -> None:
        """Ask for something and do not wait for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def do(self, line: str) -> str:
        """Ask for something; how it ended."""
        self.tell(line)
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def cut_power(self) -> None:
        """Kill it, whatever it was about."""
        self._process.kill()
        self._process.wait()


def command(folder: Path, address: str, key: bytes, *options: str) -> list[str]:
    """The command line of a quick terminal with a card."""
    key_file = folder / "terminal.key"
    key_file.write_text(key.hex())
    own = ["--key-file", str(key_file), "--journal", str(folder / "terminal.journal"), "--card", CARD]
    return [node(), str(EXAMPLE / "main.js"), "--switch", address, *own, *QUICK, *options]
