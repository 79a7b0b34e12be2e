"""The firmware as bytecode: compiled when a source has changed, in an image that MicroPython can mount."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.firmware_image import CompilerFault, compiled_firmware, firmware_image
from simulator.micropython_vm import find_vm

READER = """
import sys, vfs
vfs.mount(vfs.VfsRom(open(sys.argv[1], "rb").read()), "/rom")
sys.path.insert(0, "/rom")
from terminal.inner import greeting
import main
print(greeting.TEXT, main.NUMBER)
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A small firmware."""
    root = tmp_path / "sources"
    (root / "terminal" / "inner").mkdir(parents=True)
    (root / "main.py").write_text("NUMBER = 7\n")
    (root / "terminal" / "__init__.py").write_text("")
    (root / "terminal" / "inner" / "__init__.py").write_text("")
    (root / "terminal" / "inner" / "greeting.py").write_text(f"TEXT = {'سلام ' * 100!r}\n")
    return root


def test_what_the_image_holds_runs(sources: Path, tmp_path: Path) -> None:
    # Names that are asked for from outside stay: what starts the image lies beside its sources.
    script = sources / "reader.py"
    script.write_text(READER)
    image = firmware_image(sources, tmp_path / "built")
    command = find_vm().command(script, str(image), heap_bytes=100_000)
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.stdout == "سلام " * 100 + " 7\n", done.stderr


@pytest.mark.parametrize("build", [compiled_firmware, firmware_image])
def test_only_what_has_changed_is_compiled_again(
    build: Callable[[Path, Path], Path], sources: Path, tmp_path: Path
) -> None:
    built = tmp_path / "built"
    made = build(sources, built)
    before = {path: path.stat().st_ino for path in built.rglob("*.mpy")}
    assert build(sources, built) == made
    assert {path: path.stat().st_ino for path in built.rglob("*.mpy")} == before
    changed = sources / "main.py"
    changed.write_text("NUMBER = 'eight'\n")
    # A step back in history leaves an older file than the one compiled before.
    os.utime(changed, (1, 1))
    build(sources, built)
    after = {path: path.stat().st_ino for path in built.rglob("*.mpy")}
    assert [path.name for path in after if after[path] != before[path]] == ["main.mpy"]


def test_what_is_gone_from_the_sources_is_gone_from_the_image(sources: Path, tmp_path: Path) -> None:
    built = tmp_path / "built"
    image = firmware_image(sources, built)
    assert b"greeting" in image.read_bytes()
    (sources / "terminal" / "inner" / "greeting.py").unlink()
    assert b"greeting" not in firmware_image(sources, built).read_bytes()
    assert not (built / "terminal" / "inner" / "greeting.mpy").exists()


def test_the_same_sources_give_the_same_image(sources: Path, tmp_path: Path) -> None:
    images = [firmware_image(sources, tmp_path / name).read_bytes() for name in ("one", "two")]
    assert images[0] == images[1]


def test_a_source_that_is_none_is_named(sources: Path, tmp_path: Path) -> None:
    (sources / "main.py").write_text("not python at all\n")
    with pytest.raises(CompilerFault, match=r"main\.py"):
        compiled_firmware(sources, tmp_path / "built")
    with pytest.raises(CompilerFault, match=r"main"):
        firmware_image(sources, tmp_path / "built image")


def test_the_whole_firmware_compiles() -> None:
    assert firmware_image().stat().st_size > 50_000
