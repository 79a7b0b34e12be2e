"""The secrets of a fresh installation, each in a file that only its owner may read."""

import os
import secrets
from pathlib import Path

from protocol.security.key_text import read_key_text
from protocol.security.keys import MASTER_KEY_BYTES

MASTER_KEY = "master.key"
FEED_TOKEN = "feed.token"  # noqa: S105  (a file name)


def prepare_secrets(directory: Path) -> None:
    """Make what is missing: the master key and the token of the journal feed."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make(directory / MASTER_KEY, secrets.token_hex(MASTER_KEY_BYTES))
    _make(directory / FEED_TOKEN, secrets.token_urlsafe(32))


def read_master_key(directory: Path) -> bytes:
    """The master key's bytes."""
    return read_key_text((directory / MASTER_KEY).read_text("ascii")).key


def _make(path: Path, content: str) -> None:
    if path.exists():
        return
    # Written beside and renamed: a power cut must not leave half a key under the real name.
    unfinished = path.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
