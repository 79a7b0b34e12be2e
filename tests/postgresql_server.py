"""A PostgreSQL server of the tests' own, from Debian's package, reached by a unix socket."""

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
def running_postgresql() -> Iterator[PostgresqlServer]:
    """Make a cluster, run a server on it, and take both away at the end."""
    binaries = _binaries()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="vafa-pg-"))
    try:
        if user is not None:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        data = folder / "data"
        subprocess.run(
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
            process = subprocess.Popen(
                [
                    *(binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="),
                    *("-c", "max_connections=200", "-c", "shared_buffers=32MB"),
                    # Nothing here is to outlive the machine.
                    *("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
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
