"""Keys of the programmes: made, wrapped by the master keyring, and held in memory while the process runs.

Each programme has field keys, which seal, and index keys, which blind. A new key waits until every process
has loaded it (`active_from`) before anything is sealed with it, so no process meets a value it can't open.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from host_api.core.encryption.envelope import KEY_BYTES, Key, RandomBytes, SealFault, SealFaultReason
from host_api.core.encryption.master_keyring import MasterKeyring

# Processes load the keys anew at least this often, and a new key of a running programme waits twice as long.
LOAD_KEYS_EVERY: Final = timedelta(minutes=5)
NEW_KEY_WAITS: Final = 2 * LOAD_KEYS_EVERY


class KeyPurpose(StrEnum):
    """What a programme's key is for."""

    FIELD = "field"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A programme's key as it is stored.

    Attributes:
        number: from 1 up within programme and purpose; the highest that is active seals.
        active_from: aware instant from which it seals.
        wrapped: the key under a master key.
    """

    programme_id: int
    purpose: KeyPurpose
    number: int
    active_from: datetime
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class _HeldKey:
    key: Key
    active_from: datetime


def new_key(
    masters: MasterKeyring,
    programme_id: int,
    purpose: KeyPurpose,
    number: int,
    *,
    active_from: datetime,
    random_bytes: RandomBytes = os.urandom,
) -> WrappedKey:
    """A fresh key of a programme."""
    place = _place(programme_id, purpose, number)
    wrapped = masters.wrap(random_bytes(KEY_BYTES), place, random_bytes)
    return WrappedKey(programme_id, purpose, number, active_from, wrapped)


def rewrapped(masters: MasterKeyring, stored: WrappedKey, random_bytes: RandomBytes = os.urandom) -> bytes:
    """`stored.wrapped` under the active master key. What the key has sealed stays as it is.

    Raises:
        SealFault: the master key that wrapped it is not in the ring, or it is damaged.
    """
    place = _place(stored.programme_id, stored.purpose, stored.number)
    return masters.wrap(masters.unwrap(stored.wrapped, place), place, random_bytes)


class ProgrammeKeys:
    """The unwrapped keys of all programmes.

    Parameters:
        masters: the ring that wrapped them.
        now: the clock, giving aware instants.
    """

    def __init__(self, masters: MasterKeyring, now: Callable[[], datetime]) -> None:
        self._masters = masters
        self._now = now
        self._held: dict[tuple[int, KeyPurpose], dict[int, _HeldKey]] = {}

    def install(self, stored: Iterable[WrappedKey]) -> None:
        """Hold these keys, and no others: keys that are no longer stored are forgotten.

        Raises:
            SealFault: one can't be unwrapped; then all stays as it was.
        """
        held: dict[tuple[int, KeyPurpose], dict[int, _HeldKey]] = {}
        for row in stored:
            secret = self._masters.unwrap(row.wrapped, _place(row.programme_id, row.purpose, row.number))
            ring = held.setdefault((row.programme_id, row.purpose), {})
            ring[row.number] = _HeldKey(Key(row.number, secret), row.active_from)
        self._held = held

    def forget(self, programme_id: int) -> None:
        """Drop the keys of a programme at once."""
        for purpose in KeyPurpose:
            self._held.pop((programme_id, purpose), None)

    def active(self, programme_id: int, purpose: KeyPurpose) -> Key:
        """The key that seals now: the highest that is active, or the first one before any is.

        Raises:
            SealFault: key, for a programme without keys.
        """
        ring = self._ring(programme_id, purpose)
        now = self._now()
        active = [number for number, held in ring.items() if held.active_from <= now]
        return ring[max(active) if active else min(ring)].key

    def numbered(self, programme_id: int, purpose: KeyPurpose, number: int) -> Key:
        """The key with this number.

        Raises:
            SealFault: key, where it isn't here.
        """
        held = self._ring(programme_id, purpose).get(number)
        if held is None:
            raise SealFault(SealFaultReason.KEY)
        return held.key

    def all(self, programme_id: int, purpose: KeyPurpose) -> list[Key]:
        """Every key of a programme, by number.

        Raises:
            SealFault: key, for a programme without keys.
        """
        ring = self._ring(programme_id, purpose)
        return [ring[number].key for number in sorted(ring)]

    def _ring(self, programme_id: int, purpose: KeyPurpose) -> dict[int, _HeldKey]:
        ring = self._held.get((programme_id, purpose))
        if not ring:
            raise SealFault(SealFaultReason.KEY)
        return ring


def derived(key: Key, label: bytes) -> bytes:
    """A key of its own for `label`, by the expand step of HKDF-SHA-256 (RFC 5869, 2.3)."""
    return HKDFExpand(SHA256(), KEY_BYTES, label).derive(key.secret)


def _place(programme_id: int, purpose: KeyPurpose, number: int) -> bytes:
    return b"vafa programme key 1\0" + programme_id.to_bytes(8) + number.to_bytes(4) + purpose.encode()
