"""Master keys: a small file that is kept apart from the database and its backups.

The file is TOML::

    version = 1
    active = 2
    [keys]
    1 = "64 hex digits"
    2 = "64 hex digits"

The active key wraps; the others only unwrap what they wrapped until everything has been wrapped anew.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from host_api.core.encryption.envelope import (
    KEY_BYTES,
    Key,
    RandomBytes,
    SealFault,
    SealFaultReason,
    key_number,
)
from host_api.core.secret_file import write_secret_file

_FILE_VERSION: Final = 1
_LARGEST_FILE_BYTES: Final = 64 * 1024
_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
_SECRET: Final = re.compile("[0-9a-f]{64}")


class KeyringFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A keyring can't be used; the text says why and holds no key."""


class MasterKeyring:
    """The master keys, one of them active. Never shown by `repr`.

    Parameters:
        keys: 32 bytes each, by number.
        active: the number of the one that wraps.

    Raises:
        KeyringFault
    """

    def __init__(self, keys: Mapping[int, bytes], active: int) -> None:
        try:
            self._keys = {number: Key(number, secret) for number, secret in keys.items()}
        except ValueError:
            raise KeyringFault("a key of the keyring doesn't have 32 bytes and a number from 1 up") from None
        if active not in self._keys:
            raise KeyringFault("the keyring doesn't have the key that it calls active")
        if len(set(keys.values())) != len(keys):
            raise KeyringFault("two keys of the keyring are the same")
        self.active = active

    def __repr__(self) -> str:
        return f"MasterKeyring({sorted(self._keys)}, active={self.active})"

    @property
    def numbers(self) -> frozenset[int]:
        """Numbers of all keys."""
        return frozenset(self._keys)

    @classmethod
    def new(cls, random_bytes: RandomBytes = os.urandom) -> Self:
        """A keyring with one fresh key."""
        return cls({1: random_bytes(KEY_BYTES)}, 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The keyring in the text of its file.

        Raises:
            KeyringFault: it can't be read, or is of another version.
        """
        try:
            document = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            raise KeyringFault("the keyring is no TOML") from None
        if document.get("version") != _FILE_VERSION:
            raise KeyringFault("the keyring is of a version that this program doesn't know")
        active, keys = document.get("active"), document.get("keys")
        if (
            type(active) is not int
            or not isinstance(keys, dict)
            or set(document) != {"version", "active", "keys"}
        ):
            raise KeyringFault("the keyring must have `version`, `active` and `[keys]`, and nothing else")
        for number, secret in keys.items():
            if not _NUMBER.fullmatch(number) or not isinstance(secret, str) or not _SECRET.fullmatch(secret):
                raise KeyringFault("a key of the keyring is not 64 hex digits under a number")
        return cls({int(number): bytes.fromhex(secret) for number, secret in keys.items()}, active)

    def text(self) -> str:
        """The text of the keyring's file; it holds the keys."""
        lines = [f"version = {_FILE_VERSION}", f"active = {self.active}", "[keys]"]
        lines += [f'{number} = "{self._keys[number].secret.hex()}"' for number in sorted(self._keys)]
        return "\n".join(lines) + "\n"

    def with_new_key(self, random_bytes: RandomBytes = os.urandom) -> Self:
        """A keyring with one key more, which is the active one."""
        number = max(self._keys) + 1
        return type(self)(self._secrets() | {number: random_bytes(KEY_BYTES)}, number)

    def without(self, number: int) -> Self:
        """A keyring without a key that wraps nothing any more.

        Raises:
            KeyringFault: it is the active one, or not there.
        """
        if number == self.active or number not in self._keys:
            raise KeyringFault("only a key that is there and not active can be taken out")
        return type(self)(
            {kept: secret for kept, secret in self._secrets().items() if kept != number}, self.active
        )

    def wrap(self, secret: bytes, place: bytes, random_bytes: RandomBytes = os.urandom) -> bytes:
        """`secret` sealed by the active key, to be unwrapped at `place` only."""
        return self._keys[self.active].seal(secret, place, random_bytes)

    def unwrap(self, wrapped: bytes, place: bytes) -> bytes:
        """What `wrap` sealed for `place`.

        Raises:
            SealFault: version, key (none of this ring) or damaged.
        """
        key = self._keys.get(key_number(wrapped))
        if key is None:
            raise SealFault(SealFaultReason.KEY)
        return key.open(wrapped, place)

    def _secrets(self) -> dict[int, bytes]:
        return {number: key.secret for number, key in self._keys.items()}


def load_keyring(path: Path) -> MasterKeyring:
    """The keyring in a file.

    Raises:
        KeyringFault: the file is missing, too large or no keyring.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise KeyringFault(f"the keyring can't be read: {error.strerror}") from None
    if len(data) > _LARGEST_FILE_BYTES:
        raise KeyringFault("the file is too large for a keyring")
    return MasterKeyring.parse(data.decode("utf-8", errors="replace"))


def ensure_keyring(path: Path, random_bytes: RandomBytes = os.urandom) -> MasterKeyring:
    """The keyring in a file; where there is no file, a new one is written, for its owner only.

    Starts of several processes are the caller's to serialise. With the file goes all that it has sealed.

    Raises:
        KeyringFault: there is a file, and it is no keyring.
        OSError: the new file can't be written.
    """
    if path.exists():
        return load_keyring(path)
    keyring = MasterKeyring.new(random_bytes)
    write_secret_file(path, keyring.text())
    return keyring
