"""The keys of all programmes as one running host API holds them."""

import asyncio
import logging
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.encryption.envelope import SealFault
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.key_table import ProgrammeKeyColumns, add_key, load_keys
from host_api.core.encryption.master_keyring import MasterKeyring, load_keyring
from host_api.core.encryption.programme_keys import LOAD_KEYS_EVERY, KeyPurpose, ProgrammeKeys
from host_api.core.encryption.sealed_stream import StreamCipher
from host_api.core.tables import Base

_log = logging.getLogger(__name__)


class ProgrammeKey(ProgrammeKeyColumns, Base):
    """A programme's key, wrapped by a master key."""

    __tablename__ = "programme_keys"


class Vault:
    """Holds the keys and keeps them up to date with the table.

    Parameters:
        keyring_path: file of the master keys.
    """

    def __init__(self, database: Database, keyring_path: Path) -> None:
        self._database = database
        self._keyring_path = keyring_path
        self._masters: MasterKeyring | None = None
        self._keys: ProgrammeKeys | None = None
        self._cipher: FieldCipher | None = None
        self._streams: StreamCipher | None = None

    @property
    def cipher(self) -> FieldCipher:
        """Seals and opens. Only after `open`."""
        if self._cipher is None:
            raise RuntimeError("the vault has not been opened")
        return self._cipher

    @property
    def streams(self) -> StreamCipher:
        """Seals and opens contents of files. Only after `open`."""
        if self._streams is None:
            raise RuntimeError("the vault has not been opened")
        return self._streams

    async def open(self) -> None:
        """Read the master keys and the programmes' keys.

        Raises:
            KeyringFault, SealFault: the file or a key can't be used.
            OSError
        """
        self._masters = load_keyring(self._keyring_path)
        self._keys = ProgrammeKeys(self._masters, utc_now)
        self._cipher = FieldCipher(self._keys)
        self._streams = StreamCipher(self._keys)
        await self.reload()

    async def reload(self) -> None:
        """Hold what is stored now.

        Raises:
            SealFault: a key can't be unwrapped; what was held stays.
        """
        if self._keys is None:
            raise RuntimeError("the vault has not been opened")
        async with self._database.reading() as session:
            await load_keys(session, ProgrammeKey, self._keys)

    async def add_programme(self, session: WriteSession, programme_id: int) -> None:
        """Give a programme its first keys, and hold them at once; other processes meet them when they reload.

        The caller serialises the making of programmes: what others have not committed is not held.
        """
        if self._masters is None or self._keys is None:
            raise RuntimeError("the vault has not been opened")
        await ensure_programme_keys(session, self._masters, programme_id)
        await load_keys(session, ProgrammeKey, self._keys)

    async def add_keys(self, session: WriteSession, programme_id: int) -> dict[KeyPurpose, int]:
        """Give a programme one more key of each purpose; their numbers. They seal after `NEW_KEY_WAITS`."""
        if self._masters is None:
            raise RuntimeError("the vault has not been opened")
        return {
            purpose: await add_key(session, ProgrammeKey, self._masters, programme_id, purpose, now=utc_now())
            for purpose in KeyPurpose
        }

    async def run(self) -> None:
        """Reload now and then until cancelled."""
        while True:
            await asyncio.sleep(LOAD_KEYS_EVERY.total_seconds())
            try:
                await self.reload()
            except (SQLAlchemyError, SealFault) as error:
                _log.error("keys of the programmes can't be read: %s", type(error).__name__)


async def ensure_programme_keys(session: WriteSession, masters: MasterKeyring, programme_id: int) -> None:
    """Give a programme its first key of each purpose where it has none."""
    for purpose in KeyPurpose:
        kept = await session.scalar(
            select(func.count(ProgrammeKey.number)).where(
                ProgrammeKey.programme_id == programme_id, ProgrammeKey.purpose == purpose.value
            )
        )
        if not kept:
            await add_key(session, ProgrammeKey, masters, programme_id, purpose, now=utc_now())
