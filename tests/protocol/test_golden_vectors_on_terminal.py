"""The golden vectors through the terminal's codec, under CPython and on the MicroPython VM."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.codec import encode
from protocol.message import Message, Value
from protocol.spec import load_spec
from simulator.micropython_vm import FIRMWARE, find_vm
from tests.protocol.golden_vectors import KEY, MALFORMED, MESSAGES

SCRIPT = Path(__file__).with_name("on_vm") / "golden_vectors_on_terminal.py"
HEAP_BYTES = 96 * 1024
SPEC = load_spec("vafa")


def _plain(number: int, value: Value) -> str | dict[str, str]:
    """A value as the terminal has it: composites as their bytes."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    bitmap_and_length = 2 + (16 if number > 64 else 8) + 2
    return {"hex": encode(SPEC, Message("0000", {number: value}))[bitmap_and_length:].hex()}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """The vectors in the script's form."""
    lines: list[object] = [KEY.hex()]
    for case in MESSAGES:
        fields = {number: _plain(number, value) for number, value in case.message.fields.items()}
        lines.append(["message", case.payload.hex(), case.message.mti, fields])
    # What stands inside a composite is read tag by tag, by whoever wants one.
    lines += [["malformed", case.payload.hex()] for case in MALFORMED if "." not in case.path]
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.mark.parametrize("interpreter", ["cpython", "micropython"])
def test_terminal_codec(interpreter: str, cases: Path) -> None:
    arguments = [str(FIRMWARE), str(cases)]
    if interpreter == "cpython":
        command = [sys.executable, str(SCRIPT), *arguments]
    else:
        command = find_vm().command(SCRIPT, *arguments, heap_bytes=HEAP_BYTES)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "failed 0"
