"""Brings a database to the present schema, safely when several processes start at once."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from host_api.core.access.api_keys import ensure_first_key
from host_api.core.access.modules import known_modules
from host_api.core.access.role_templates import ensure_roles
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.encryption.master_keyring import MasterKeyring, ensure_keyring
from host_api.core.encryption.vault import ensure_programme_keys
from host_api.core.isolation import work_for
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

HEAD_REVISION: Final = "0041"

_VERSION_TABLE = "alembic_version"
_START_LOCK = 0x56414641  # "VAFA": the advisory lock that starting host APIs take on PostgreSQL
_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaUnknown(Exception):  # noqa: N818
    """The database was made by a newer version of the host API."""


async def prepare_database(database: Database, settings: Settings) -> None:
    """Migrate to the head revision and see to a first API key, first roles and first keys for personal data.

    All in one transaction; the files of the keys are on disk before it is committed.

    Raises:
        SchemaUnknown: the database is ahead of this version.
        sqlalchemy.exc.DBAPIError: the database can't be reached or refuses.
        sqlite3.Error: the file is no SQLite database or can't be used as one.
        KeyringFault: the file of the master keys can't be used.
        OSError: a key file or the database file can't be written.
    """
    if database.is_sqlite:
        _prepare_sqlite_file(Path(database.url.database or ""))
    masters = ensure_keyring(settings.keyring_path)
    async with database.migrating() as connection:
        if not database.is_sqlite:  # SQLite's BEGIN IMMEDIATE is the lock there
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _START_LOCK})
        before = await connection.run_sync(current_revision)
        await connection.run_sync(upgrade, "head", masters)
        async with WriteSession(bind=connection, join_transaction_mode="create_savepoint") as session:
            work_for(session.sync_session, FIRST_PROGRAMME)
            await ensure_first_key(session, settings.api_key_path)
            await ensure_programme_keys(session, masters, FIRST_PROGRAMME)
            await ensure_roles(session, known_modules, FIRST_PROGRAMME, utc_now())
            await session.commit()
    if database.is_sqlite and before not in (None, HEAD_REVISION):
        _empty_sqlite_log(Path(database.url.database or ""))
    if database.is_sqlite:
        await database.gather_statistics()


def upgrade(connection: Connection, revision: str, masters: MasterKeyring | None = None) -> None:
    """Upgrade to `revision` ("head", or a revision id) within the connection's transaction.

    Parameters:
        masters: for migrations that seal what is there.
    """
    if revision == "head" and current_revision(connection) == HEAD_REVISION:
        return
    # Alembic is slow to import; a database that is up to date doesn't need it.
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        command.upgrade(_configuration(connection, masters), revision)
    except CommandError:
        raise SchemaUnknown(
            f"its schema revision {current_revision(connection)} is not known to this version"
        ) from None


def downgrade(connection: Connection, revision: str, masters: MasterKeyring | None = None) -> None:
    """Go back to `revision` ("base", or a revision id) within the connection's transaction.

    Parameters:
        masters: for migrations that open what was sealed.
    """
    from alembic import command  # noqa: PLC0415

    command.downgrade(_configuration(connection, masters), revision)


def current_revision(connection: Connection) -> str | None:
    """The database's revision, None before the first migration."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    revision = connection.scalar(text(f"SELECT version_num FROM {_VERSION_TABLE}"))  # noqa: S608  (a constant)
    return revision if isinstance(revision, str) else None


def _configuration(connection: Connection, masters: MasterKeyring | None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    configuration.attributes["masters"] = masters
    return configuration


def _prepare_sqlite_file(path: Path) -> None:
    """Make the file, readable by its owner only, and put it into WAL mode.

    SQLite doesn't wait for its own lock while it changes the journal mode, so starting processes queue for
    the folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        try:
            if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    finally:
        os.close(folder)


def _empty_sqlite_log(path: Path) -> None:
    """Write the log into the file and cut it off: it holds pages as they were before the migration."""
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
