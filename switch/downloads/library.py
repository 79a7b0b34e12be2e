"""The directory that terminals' files lie in: one terminal's own go before its group's, those before all's.

    terminals/T0000001/PARAMETERS      for one terminal
    groups/pilot/FIRMWARE.rp2          for those that groups.toml names: pilot = ["T0000001", …]
    all/FIRMWARE.rp2

A terminal that tells its board is given NAME.BOARD, else NAME. Files are replaced by renaming, at any time.
Anything here may run in any thread.
"""

import hashlib
import os
import re
import threading
import tomllib
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO, NamedTuple

PART_BYTES_MAX = 512  # as tag DF59 has it
FILE_BYTES_MAX = 8 << 20
GROUPS_BYTES_MAX = 1 << 20
_DIGESTS_MAX = 1024
_CHUNK_BYTES = 1 << 16
_WORD = re.compile(r"[A-Za-z0-9-]{1,8}")
_GROUPS_FILE = "groups.toml"

_Identity = tuple[int, int, int, int]


class LibraryFault(Exception):  # noqa: N818  (not an error of ours)
    """A file can't be given out as it is; the text is one line for the operator."""


class Part(NamedTuple):
    """A part of a file; empty behind its end."""

    content: bytes
    file_bytes: int
    digest: bytes


class Library:
    """Of one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._digests: OrderedDict[_Identity, bytes] = OrderedDict()
        self._groups: dict[str, str] = {}
        self._groups_identity: _Identity | None = None

    def part(self, terminal_id: str, name: str, variant: str, offset: int) -> Part | None:
        """The bytes from `offset` on of the file that is for a terminal; None where there is none.

        `name` is one of the dialect's. Raises LibraryFault or OSError.
        """
        for path in self._places(terminal_id, name, variant):
            try:
                file = path.open("rb")
            except (FileNotFoundError, NotADirectoryError):
                continue
            with file:
                return self._part_of(file, path, offset)
        return None

    def _places(self, terminal_id: str, name: str, variant: str) -> list[Path]:
        if variant and not _WORD.fullmatch(variant):
            return []
        folders = [self._directory / "all"]
        if _WORD.fullmatch(terminal_id):
            group = self._group_of(terminal_id)
            if group:
                folders.insert(0, self._directory / "groups" / group)
            folders.insert(0, self._directory / "terminals" / terminal_id)
        return [folder / (f"{name}.{variant}" if variant else name) for folder in folders]

    def _part_of(self, file: BinaryIO, path: Path, offset: int) -> Part:
        identity = _identity(file)
        size = identity[2]
        if size > FILE_BYTES_MAX:
            raise LibraryFault(f"{path}: {size:,} bytes, up to {FILE_BYTES_MAX:,} are given out")
        digest = self._digest_of(file, identity)
        file.seek(offset)
        content = file.read(PART_BYTES_MAX)
        if _identity(file) != identity:
            raise LibraryFault(f"{path}: written while it was read; replace files by renaming")
        return Part(content, size, digest)

    def _digest_of(self, file: BinaryIO, identity: _Identity) -> bytes:
        with self._lock:
            known = self._digests.get(identity)
            if known is not None:
                self._digests.move_to_end(identity)
                return known
        found = hashlib.sha256()
        for _ in range(FILE_BYTES_MAX // _CHUNK_BYTES + 1):
            chunk = file.read(_CHUNK_BYTES)
            if not chunk:
                break
            found.update(chunk)
        with self._lock:
            self._digests[identity] = found.digest()
            while len(self._digests) > _DIGESTS_MAX:
                self._digests.popitem(last=False)
        return found.digest()

    def _group_of(self, terminal_id: str) -> str:
        path = self._directory / _GROUPS_FILE
        try:
            with path.open("rb") as file:
                identity = _identity(file)
                if identity != self._groups_identity:
                    groups = _read_groups(file, path)
                    with self._lock:
                        self._groups, self._groups_identity = groups, identity
        except FileNotFoundError:
            return ""
        with self._lock:
            return self._groups.get(terminal_id, "")


def _identity(file: BinaryIO) -> _Identity:
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _read_groups(file: BinaryIO, path: Path) -> dict[str, str]:
    """Group by terminal; the first that names one counts. Raises LibraryFault."""
    content = file.read(GROUPS_BYTES_MAX + 1)
    if len(content) > GROUPS_BYTES_MAX:
        raise LibraryFault(f"{path}: more than {GROUPS_BYTES_MAX:,} bytes")
    try:
        document = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise LibraryFault(f"{path}: {error}") from None
    found: dict[str, str] = {}
    for group, terminals in document.items():
        if not re.fullmatch(r"[A-Za-z0-9-]{1,32}", group) or not isinstance(terminals, list):
            raise LibraryFault(f"{path}: {group} must be a name with a list of terminal ids")
        for terminal_id in terminals:
            if not isinstance(terminal_id, str) or not _WORD.fullmatch(terminal_id):
                raise LibraryFault(f"{path}: {group} names what is no terminal id")
            found.setdefault(terminal_id, group)
    return found
