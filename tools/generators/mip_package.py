"""The list of the terminal's modules and fonts for MicroPython's package installer (`mip`)."""

import json
from pathlib import Path

from simulator.micropython_vm import FIRMWARE

# Not for a microcontroller: CPython, type checkers, and machines that are no boards.
_LEFT_OUT = {
    "terminal/messages/cipher_cpython.py",
    "terminal/hal/contract.py",
    "terminal/hal/unix.py",
    "terminal/hal/qemu.py",
}
_SUFFIXES = (".py", ".bin")  # code and fonts
_VERSION = "0.1.0"


def mip_package(firmware: Path = FIRMWARE) -> str:
    """Text of `package.json`: pairs of the place on the device and the place beside this file."""
    found = [path for suffix in _SUFFIXES for path in (firmware / "terminal").rglob(f"*{suffix}")]
    paths = sorted(path.relative_to(firmware).as_posix() for path in found)
    urls = [[path, path] for path in paths if path not in _LEFT_OUT]
    lines = ",\n".join("    " + json.dumps(pair) for pair in urls)
    return f'{{\n  "version": "{_VERSION}",\n  "urls": [\n{lines}\n  ]\n}}\n'
