"""What must be right before anything runs: the settings, the port, the database with its schema and keys.

None of it loads the services, which takes seconds: what is wrong is told at once.
"""

import socket
import sqlite3
from typing import Final

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from host_api.core.database import Database
from host_api.core.encryption.master_keyring import KeyringFault
from host_api.core.schema_migration import SchemaUnknown, prepare_database
from host_api.core.settings import Settings

EXIT_CANNOT_START: Final = 2
LOOPBACK: Final = "127.0.0.1"

_BACKLOG: Final = 512


class CannotStart(Exception):  # noqa: N818
    """The process can't start; the text is the one line that the operator reads."""


def read_settings() -> Settings:
    """Settings from the environment.

    Raises:
        CannotStart: names each setting that is wrong, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise CannotStart(f"wrong settings (VAFA_HOST_API_…): {faults}") from None


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; callers wait in its backlog until somebody serves.

    Parameters:
        port: 0 for a free one.

    Raises:
        CannotStart: the port is taken, or not for us.
    """
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, answers wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotStart(f"port {port} on {LOOPBACK} can't be used: {error.strerror}") from None
    return listener


async def prepare_at(settings: Settings) -> None:
    """Migrate the settings' database and make the first key, over a connection of its own.

    Raises:
        CannotStart: says what is wrong with the database or the key file.
    """
    database = Database(settings.sqlalchemy_url)
    await prepare(database, settings)
    await database.dispose()


async def prepare(database: Database, settings: Settings) -> None:
    """Migrate and make the first key.

    Raises:
        CannotStart: says what is wrong with the database or the key file.
    """
    try:
        await prepare_database(database, settings)
    except (DBAPIError, PoolTimeout) as error:
        await database.dispose()
        reason = type(error.orig).__name__ if isinstance(error, DBAPIError) else "no connection came free"
        raise CannotStart(f"{database.description} can't be used: {reason}") from None
    except sqlite3.Error as error:
        await database.dispose()
        raise CannotStart(f"{database.description} can't be used: {error}") from None
    except SchemaUnknown as error:
        await database.dispose()
        raise CannotStart(f"{database.description} can't be used: {error}") from None
    except KeyringFault as error:
        await database.dispose()
        raise CannotStart(f"{settings.keyring_path}: {error}") from None
    except OSError as error:
        await database.dispose()
        raise CannotStart(f"{error.filename or database.description}: {error.strerror or error}") from None
