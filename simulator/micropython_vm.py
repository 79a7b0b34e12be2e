"""Finds the MicroPython virtual machine that runs the terminal's firmware."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = PROJECT_ROOT / "firmware"
INSTALLED = PROJECT_ROOT / ".rig" / "micropython" / "micropython"

_VERSION = "import sys; print('%s %d.%d.%d' % ((sys.implementation[0],) + sys.implementation[1][:3]))"


class VmMissing(RuntimeError):  # noqa: N818
    """There is no MicroPython on this machine; the text says how to get one."""


@dataclass(frozen=True, slots=True)
class MicropythonVm:
    """An executable MicroPython: a program or a wrapper script.

    `version` is what the VM says of itself, as "micropython 1.25.0".
    """

    executable: Path
    version: str

    def command(self, script: Path, *arguments: str, heap_bytes: int) -> list[str]:
        """The command line that runs `script` with a heap of `heap_bytes`."""
        return [str(self.executable), "-X", f"heapsize={heap_bytes}", str(script), *arguments]

    @staticmethod
    def environment(*module_folders: Path) -> dict[str, str]:
        """Environment of a VM process: its built-in modules and `module_folders`, nothing of the user's."""
        folders = ":".join([".frozen", *map(str, module_folders)])
        return {"MICROPYPATH": folders, "PATH": os.environ.get("PATH", os.defpath)}


def find_vm() -> MicropythonVm:
    """The VM named by VAFA_MICROPYTHON, else the one installed under `.rig/micropython`.

    Raises:
        VmMissing: neither is there, or it doesn't run.
    """
    executable = Path(os.environ.get("VAFA_MICROPYTHON") or INSTALLED)
    if not executable.is_file():
        raise VmMissing(
            f"no MicroPython at {executable}: run firmware/rig/install_micropython.sh {INSTALLED.parent}"
        )
    try:
        said = subprocess.run(  # noqa: S603  (the operator's own choice of VM)
            [str(executable), "-c", _VERSION], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as fault:
        raise VmMissing(f"the MicroPython at {executable} does not run: {fault}") from fault
    return MicropythonVm(executable, said.stdout.strip())
