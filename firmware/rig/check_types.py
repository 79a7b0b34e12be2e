"""Type-check the firmware: `python firmware/rig/check_types.py` from the project's virtual environment.

What runs on Unix is checked against that port's stubs, each board's module against its own board's, which are
put under `build/firmware_typings` on first use: they would overwrite each other in one environment.

The stubs of MicroPython install modules named `asyncio`, `time` and `sys` beside everything else, where a
type checker must not find them for CPython code and will not find them for ours. Here they get
a typeshed of their own.
"""

import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TYPINGS = ROOT / "build" / "firmware_typings"
HAL = "firmware/terminal/hal/"
# The emulated board has no stubs of its own; its UARTs, memory and file systems are as those of the ESP32.
BOARDS = {
    "micropython-rp2-rpi_pico_w-stubs==1.25.0.post4": ("rp2", "wifi", "block_flash"),
    "micropython-esp32-stubs==1.25.0.post5": ("esp32", "wifi", "qemu"),
    "micropython-stm32-stubs==1.25.0.post3": ("stm32", "microcontroller"),
}
STUBS_FOR_MYPY = ("mypy-extensions", "librt")


def lay_out() -> None:
    """Link the installed stubs into `build/firmware_typings`."""
    for folder in ("modules", "typeshed/stubs"):
        (TYPINGS / folder).mkdir(parents=True, exist_ok=True)
    library = distribution("micropython-stdlib-stubs")
    link(TYPINGS / "typeshed" / "stdlib", Path(str(library.locate_file("stdlib"))))
    link(TYPINGS / "modules" / "_mpy_shed", Path(str(library.locate_file("_mpy_shed"))))
    for name in STUBS_FOR_MYPY:
        stubs = Path(str(distribution("mypy").locate_file("mypy"))) / "typeshed" / "stubs" / name
        if stubs.is_dir():
            link(TYPINGS / "typeshed" / "stubs" / name, stubs)
    port = distribution("micropython-unix-stubs")
    for file in port.files or []:
        if file.suffix == ".pyi" and len(file.parts) == 1:
            link(TYPINGS / "modules" / file.name, Path(str(port.locate_file(file))))


def link(place: Path, target: Path) -> None:
    """Make `place` point to `target`, whatever it pointed to before."""
    if place.is_symlink():
        if place.readlink() == target:
            return
        place.unlink()
    place.symlink_to(target)


def board_stubs(requirement: str) -> Path:
    """The folder with the stubs that `requirement` names, installed if they are not there."""
    folder = TYPINGS / requirement
    if not folder.is_dir():
        fresh = folder.with_suffix(".new")
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--upgrade", "--target", fresh, requirement], check=True)  # noqa: S603
        fresh.rename(folder)
    return folder


def main() -> int:
    """Lay out the stubs and run mypy on all, then on the boards; the worst exit code."""
    lay_out()
    command = [sys.executable, "-m", "mypy", "--config-file", "firmware/mypy.ini", *sys.argv[1:]]
    worst = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603
    for requirement, boards in BOARDS.items():
        modules = [f"{HAL}{board}.py" for board in boards]
        path = [board_stubs(requirement)]
        pins = ROOT / "firmware" / "boards" / boards[0]
        if pins.is_dir():
            modules.append(str(pins / "main.py"))
            path.append(pins)
        environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, path))}
        cache = f".mypy_cache/firmware-{boards[0]}"
        own = [*command, "--cache-dir", cache, "--follow-imports", "silent", *modules]
        worst = max(worst, subprocess.run(own, cwd=ROOT, env=environment, check=False).returncode)  # noqa: S603
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
