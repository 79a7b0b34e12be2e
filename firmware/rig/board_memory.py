"""The lasting memory of the emulated board: a host file that QEMU maps as the 16 MB of PSRAM.

The layout is that of firmware/terminal/hal/qemu.py and of the port's random.c.
"""

import os
from collections.abc import Mapping
from pathlib import Path

MEMORY_BYTES = 16 * 1024 * 1024
BLOCK_BYTES = 4096
# First block and number of blocks of each part.
PARTS = {
    "journal": (0, 32),
    "settings": (32, 4),
    "keys": (36, 2),
    "boot_log": (38, 2),
    "parameters": (40, 2),
    "slots": (42, 192),
}
_PARTS_BLOCKS = 234
_FILES = 0xF00000
_FILES_BYTES = 0xFF000
_SEED = 0xFFF000
_SEED_BYTES = 32
_ROMFS_MAGIC = b"\xd2\xcd\x31"
_VERBATIM, _FILE = 2, 5


def lay_out(memory: Path, files: Mapping[str, bytes], parts: Mapping[str, bytes] | None = None) -> None:
    """Put `files` into the board's memory, made with blank parts and a fresh seed where it is missing.

    Args:
        memory: the file.
        files: their contents by name.
        parts: what lies at the beginning of parts when the memory is made; without keys a technician has to
            bring some.

    Raises:
        ValueError: the files or a part do not fit.
    """
    image = read_only_files(files)
    if len(image) > _FILES_BYTES:
        raise ValueError("the board's files do not fit")
    if not memory.exists():
        fresh = memory.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(b"\xff" * (_PARTS_BLOCKS * BLOCK_BYTES))
            for name, content in (parts or {}).items():
                first, count = PARTS[name]
                if len(content) > count * BLOCK_BYTES:
                    raise ValueError(f"the board's {name} do not fit")
                file.seek(first * BLOCK_BYTES)
                file.write(content)
            file.seek(_SEED)
            file.write(os.urandom(_SEED_BYTES))
            file.truncate(MEMORY_BYTES)
        fresh.rename(memory)
    with memory.open("r+b") as file:
        file.seek(_FILES)
        file.write(image)


def read_only_files(files: Mapping[str, bytes]) -> bytes:
    """A file system of one folder in the format of MicroPython's `vfs.VfsRom` (extmod/vfs_rom.c)."""
    entries = b""
    for name, content in sorted(files.items()):
        encoded = name.encode()
        head = _number(len(encoded)) + encoded
        entries += _record(_number(_FILE), head + _record(_number(_VERBATIM), content))
    return _record(_ROMFS_MAGIC, entries)


def _record(kind: bytes, payload: bytes) -> bytes:
    return kind + _number(len(payload)) + payload


def _number(value: int) -> bytes:
    """Seven bits a byte, the highest first; all but the last have the top bit."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
