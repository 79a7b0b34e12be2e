"""Contents on disk: ``<folder>/<programme>/<first two hex digits>/<SHA-256>``, sealed, mode 0600.

A content is written to a draft while its SHA-256 is counted, and gets its name by a rename when it is whole
and synced. Contents of equal bytes in one programme are one file. All functions block; the event loop calls
them in a thread.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from host_api.core.encryption.sealed_stream import CHUNK_BYTES, StreamCipher, StreamReader

_PLACE: Final = "files"
_DRAFTS: Final = "drafts"
_LOCK: Final = "lock"
_DIGEST_BYTES: Final = 32


class TooLarge(Exception):  # noqa: N818
    """A content has more bytes than it may have."""


class ContentMissing(Exception):  # noqa: N818
    """There is no content of this SHA-256."""


class Draft:
    """A content that is being written. It is gone unless `keep` was called before the block ends."""

    def __init__(
        self, store: "ContentStore", programme_id: int, limit_bytes: int, now: Callable[[], float]
    ) -> None:
        self._store = store
        self._programme_id = programme_id
        self._limit_bytes = limit_bytes
        self._now = now
        self._digest = hashlib.sha256()
        folder = store.folder(programme_id) / _DRAFTS
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / secrets.token_hex(16)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._is_finished = False
        self.size = 0
        try:
            self._writer = store.cipher.writer(programme_id, _PLACE, self._file.write)
        except BaseException:
            self.discard()
            raise

    @property
    def sha256(self) -> bytes:
        """SHA-256 of what was written so far."""
        return self._digest.digest()

    def write(self, data: bytes) -> None:
        """Append `data`.

        Raises:
            TooLarge: nothing of it was written.
        """
        if self.size + len(data) > self._limit_bytes:
            raise TooLarge
        self.size += len(data)
        self._digest.update(data)
        self._writer.write(data)

    def finish(self) -> None:
        """Seal the end; `open` and `keep` come after it."""
        if not self._is_finished:
            self._writer.finish(self.sha256)
            self._file.flush()
            self._is_finished = True

    def open(self) -> StreamReader:
        """What was written, while the draft is there."""
        self.finish()
        return self._store.cipher.reader(self._programme_id, _PLACE, self.sha256, self._path.open("rb"))

    def keep(self) -> None:
        """Give the content its name; it is on disk when this returns."""
        self.finish()
        os.fsync(self._file.fileno())
        self._file.close()
        path = self._store.path(self._programme_id, self.sha256)
        with self._store.locked(self._programme_id):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # The time by which the sweep goes: a content that another file had before is new again.
            moment = self._now()
            os.utime(self._path, (moment, moment))
            self._path.replace(path)
        for folder in (path.parent, path.parent.parent):
            _sync_folder(folder)

    def take_place(self) -> bool:
        """Take the place of a content of the same bytes, with its time; False where it is gone."""
        self.finish()
        os.fsync(self._file.fileno())
        self._file.close()
        path = self._store.path(self._programme_id, self.sha256)
        with self._store.locked(self._programme_id):
            try:
                kept = path.stat()
            except FileNotFoundError:
                return False
            os.utime(self._path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
            self._path.replace(path)
        _sync_folder(path.parent)
        return True

    def discard(self) -> None:
        """Remove what isn't kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.discard()


class ContentStore:
    """The contents of all programmes.

    Parameters:
        root: its folder; made when the first content comes.
        cipher: gives what seals and opens, once it is there.
        now: seconds since 1970, the clock of the files' times.
    """

    def __init__(
        self, root: Path, cipher: Callable[[], StreamCipher], now: Callable[[], float] = time.time
    ) -> None:
        self._root = root
        self._cipher = cipher
        self._now = now

    @property
    def cipher(self) -> StreamCipher:
        """Seals and opens the contents."""
        return self._cipher()

    def draft(self, programme_id: int, limit_bytes: int) -> Draft:
        """A content to be written, of at most `limit_bytes`.

        Raises:
            SealFault: key, for a programme without keys.
            OSError
        """
        return Draft(self, programme_id, limit_bytes, self._now)

    def open(self, programme_id: int, sha256: bytes) -> StreamReader:
        """The content.

        Raises:
            ContentMissing
            SealFault: version, key or damaged, which a content under another's name is too.
        """
        try:
            file = self.path(programme_id, sha256).open("rb")
        except FileNotFoundError:
            raise ContentMissing from None
        try:
            return self.cipher.reader(programme_id, _PLACE, sha256, file)
        except BaseException:
            file.close()
            raise

    def stored_before(self, programme_id: int, before: float) -> Iterator[bytes]:
        """SHA-256 of each content that got its name before."""
        for digest in self._stored(programme_id):
            with contextlib.suppress(FileNotFoundError):
                if self.path(programme_id, digest).stat().st_mtime < before:
                    yield digest

    def under_older_keys(self, programme_id: int) -> Iterator[bytes]:
        """SHA-256 of each content that isn't sealed by the key that seals now."""
        for digest in self._stored(programme_id):
            with contextlib.suppress(FileNotFoundError), self.path(programme_id, digest).open("rb") as file:
                if not self.cipher.is_current(programme_id, file):
                    yield digest

    def reseal(self, programme_id: int, sha256: bytes) -> bool:
        """Seal a content anew by the key that seals now; False where it went meanwhile.

        Raises:
            ContentMissing
            SealFault: version, key or damaged.
            OSError
        """
        with (
            self.open(programme_id, sha256) as content,
            self.draft(programme_id, content.size) as draft,
        ):
            while piece := content.read(CHUNK_BYTES):
                draft.write(piece)
            return draft.sha256 == sha256 and draft.take_place()

    def _stored(self, programme_id: int) -> Iterator[bytes]:
        for path in self.folder(programme_id).glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(ValueError):
                digest = bytes.fromhex(path.name)
                if len(digest) == _DIGEST_BYTES:
                    yield digest

    def remove(self, programme_id: int, digests: Collection[bytes], before: float) -> int:
        """Remove those of the contents that got their names before, and give their number."""
        removed = 0
        for digest in digests:
            path = self.path(programme_id, digest)
            with self.locked(programme_id), contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def remove_drafts(self, programme_id: int, before: float) -> int:
        """Remove drafts that a killed process left before, and give their number."""
        removed = 0
        for path in (self.folder(programme_id) / _DRAFTS).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    removed += 1
        return removed

    def folder(self, programme_id: int) -> Path:
        """The folder of a programme."""
        return self._root / str(programme_id)

    def path(self, programme_id: int, sha256: bytes) -> Path:
        """Where a content lies."""
        name = sha256.hex()
        return self.folder(programme_id) / name[:2] / name

    @contextlib.contextmanager
    def locked(self, programme_id: int) -> Iterator[None]:
        """Keep other processes from naming and removing contents of the programme."""
        folder = self.folder(programme_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
