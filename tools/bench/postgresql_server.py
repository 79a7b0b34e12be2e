"""A PostgreSQL server of one's own for a test or a measurement, from Debian's package, by a unix socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 30
_SUPERUSER = "vafa"
_AS_A_SERVER = {"shared_buffers": "2GB", "effective_cache_size": "8GB", "max_wal_size": "8GB"}
# Nothing here is to outlive the machine.
_FOR_A_WHILE = {
    "shared_buffers": "32MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class PostgresqlServer:
    """A running server; every test takes a database of its own from it."""

    def __init__(self, socket_directory: Path) -> None:
        self._socket_directory = socket_directory

    def url(self, name: str) -> str:
        """SQLAlchemy URL of the database `name`."""
        return f"postgresql://{_SUPERUSER}@/{name}?host={self._socket_directory}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection in autocommit mode."""
        return psycopg.connect(
            host=str(self._socket_directory), user=_SUPERUSER, dbname=name, autocommit=True, connect_timeout=5
        )

    @contextmanager
    def new_database(self, template: str | None = None) -> Iterator[str]:
        """URL of a new database, dropped at the end with whoever is still connected.

        It is empty, or a copy of the database `template`, to which nobody may be connected.
        """
        name = f"test_{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template1"}"')
        try:
            yield self.url(name)
        finally:
            with self.connect() as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def running_postgresql(*, is_durable: bool = False) -> Iterator[PostgresqlServer]:
    """Make a cluster, run a server on it, and take both away at the end.

    Parameters:
        is_durable: whether a commit is on the disk when it is answered, and caches are a server's.

    Raises:
        RuntimeError: PostgreSQL isn't there, or its server doesn't start.
    """
    settings = {"max_connections": "200", **(_AS_A_SERVER if is_durable else _FOR_A_WHILE)}
    binaries = _binaries()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="vafa-pg-"))
    try:
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        data = folder / "data"
        subprocess.run(  # noqa: S603  (Debian's own programs)
            [
                *(binaries / "initdb", "--pgdata", data, "--username", _SUPERUSER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            user=user,
            cwd=folder,
        )
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [
                    *(binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="),
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=user,
                cwd=folder,
            )
        try:
            server = PostgresqlServer(folder)
            _wait_until_ready(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait(_STOP_TIMEOUT_S)
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError(
            "these tests need PostgreSQL, but /usr/lib/postgresql/*/bin/initdb is missing; "
            "run `apt-get install postgresql`"
        )
    return found[-1].parent


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _wait_until_ready(server: PostgresqlServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}") from error
            time.sleep(0.05)
        else:
            return
