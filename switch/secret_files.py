"""Secrets that an operator puts into files: the master key, the token of the operations port, and others."""

from pathlib import Path

from protocol.security.key_text import read_key_text
from protocol.security.keys import MASTER_KEY_BYTES

FEED_TOKEN_CHARACTERS_MIN = 16


class SecretFault(Exception):  # noqa: N818  (not an error in the program)
    """A secret can't be used as it is; the text is one line for the operator, and holds nothing of it."""


def read_master_key(path: Path) -> bytes:
    """The master key, from hexadecimal digits and comments. Raises SecretFault."""
    text = read_secret(path, "master key")
    try:
        key, _ = read_key_text(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise SecretFault(f"master key file {path}: not {MASTER_KEY_BYTES * 2} hexadecimal digits")
    return key


def read_feed_token(path: Path) -> str:
    """The token. Raises SecretFault."""
    token = read_secret(path, "feed token")
    if len(token) < FEED_TOKEN_CHARACTERS_MIN or not token.isascii():
        raise SecretFault(f"feed token file {path}: not {FEED_TOKEN_CHARACTERS_MIN} or more ASCII characters")
    return token


def read_secret(path: Path, name: str) -> str:
    """A line of ASCII from a file that nobody else may read. Raises SecretFault.

    Parameters:
        name: what the secret is, for the operator.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise SecretFault(f"{name} file {path}: others may read it; it wants mode 0600")
        return path.read_text("ascii").strip()
    except OSError as error:
        raise SecretFault(f"{name} file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretFault(f"{name} file {path}: not ASCII text") from None
