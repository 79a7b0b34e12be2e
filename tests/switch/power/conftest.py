"""Small file systems of their own, which is why these tests want root."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.switch.power.logged_disk import LoggedDisk, served

DISK_BYTES = 24 << 20


@pytest.fixture(scope="session", autouse=True)
def may_mount() -> None:
    """`make test-power` runs them, in a mount namespace that is gone with it."""
    assert os.geteuid() == 0, "these tests mount file systems: they want root"


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """A directory in memory."""
    directory = tmp_path / "scratch"
    with mounted("-t", "tmpfs", "-o", "size=256m", "scratch", directory):
        yield directory


@pytest.fixture
def ext4_image(scratch: Path) -> bytes:
    """An empty ext4 file system."""
    path = scratch / "empty"
    path.touch()
    os.truncate(path, DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-J", "size=4", path], check=True)
    image = path.read_bytes()
    path.unlink()
    return image


@contextlib.contextmanager
def mounted(*what: str | Path) -> Iterator[Path]:
    """`mount` with these arguments, the last of which is the directory."""
    directory = Path(what[-1])
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", *what], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)


@contextlib.contextmanager
def mounted_disk(disk: LoggedDisk, directory: Path) -> Iterator[Path]:
    """The ext4 file system of a disk; gives its directory, which is under another one."""
    for name in ("device", "files"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    with (
        served(disk, directory / "device") as device,
        mounted("-t", "ext4", "-o", "loop", device, directory / "files") as files,
    ):
        yield files


@contextlib.contextmanager
def mounted_image(image: bytes, directory: Path) -> Iterator[Path]:
    """The ext4 file system of an image; gives its directory, which is under another one."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "image"
    path.write_bytes(image)
    with mounted("-t", "ext4", "-o", "loop", path, directory / "files") as files:
        yield files
    path.unlink()
