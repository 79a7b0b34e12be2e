"""Type-check the firmware: `python firmware/rig/check_types.py` from the project's virtual environment.

The stubs of MicroPython install modules named `asyncio`, `time` and `sys` beside everything else, where a
type checker must not find them for CPython code and will not find them for ours. Here they get
a typeshed of their own.
"""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TYPINGS = ROOT / "build" / "firmware_typings"
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


def main() -> int:
    """Lay out the stubs and run mypy; its exit code."""
    lay_out()
    command = [sys.executable, "-m", "mypy", "--config-file", "firmware/mypy.ini", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main())
