"""Every script under on_vm/ in a MicroPython process of its own, with less heap than a terminal has."""

import subprocess
from pathlib import Path

import pytest

from simulator.firmware_image import compiled_firmware
from simulator.micropython_vm import MicropythonVm

HERE = Path(__file__).parent
HEAP_BYTES = 96 * 1024
SCRIPTS = sorted(path for path in (HERE / "on_vm").glob("*.py") if path.name != "unit.py")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_on_vm(vm: MicropythonVm, script: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        vm.command(script, heap_bytes=HEAP_BYTES),
        cwd=tmp_path,
        env=vm.environment(compiled_firmware(), HERE / "on_vm", HERE),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok test_") == script.read_text(encoding="utf-8").count("\ndef test_")
