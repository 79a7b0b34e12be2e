"""Databases and a served API for the host API's tests, on SQLite and on a real PostgreSQL."""

import asyncio
import shutil
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.application import create_runtime
from host_api.core.database import Database
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from tests.amounts import is_thorough
from tests.host_api.running_api import RunningApi, running_api
from tests.postgresql_server import PostgresqlServer, running_postgresql

_DATABASES = ("sqlite", "postgresql")
# What depends on how a database locks, waits and breaks runs on both of them always.
_ON_BOTH = (
    "test_migrations",
    "test_database",
    "test_isolation",
    "test_work",
    "test_feed_projection",
    "test_late_commits",
    "test_ledger_worker",
    "test_outbox",
    "test_runner",
    "test_delivery",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the rest `make test` runs each on one of the two, half of them on either; `test-long` on both."""
    if is_thorough():
        return
    left_out = [item for item in items if _is_for_the_other(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not _is_for_the_other(item)]


def _is_for_the_other(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or "tests/host_api" not in item.path.as_posix():
        return False
    if item.path.stem in _ON_BOTH or not hasattr(item, "callspec"):
        return False
    chosen = {item.callspec.params.get(name) for name in ("settings", "database_url")} & {*_DATABASES}
    if not chosen:
        return False
    mine = _DATABASES[zlib.crc32(f"{item.path.stem}::{item.originalname}".encode()) % 2]
    return mine not in chosen


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'host_api.sqlite3'}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.new_database() as url:
            yield url


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A migrated SQLite database and its first key, to be copied: migrating takes longer than most tests."""
    directory = tmp_path_factory.mktemp("prepared-sqlite")
    settings = Settings(database_url=f"sqlite:///{directory / 'host_api.sqlite3'}", var_directory=directory)
    asyncio.run(_prepare(settings))
    return settings


@pytest.fixture(scope="session")
def prepared_postgresql(
    postgresql_server: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The same on PostgreSQL."""
    with postgresql_server.new_database() as url:
        settings = Settings(database_url=url, var_directory=tmp_path_factory.mktemp("prepared-postgresql"))
        asyncio.run(_prepare(settings))
        yield settings


async def _prepare(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    await database.dispose()


@pytest.fixture(params=_DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a migrated database of this test's own and its first key."""
    prepared: Settings = request.getfixturevalue(f"prepared_{request.param}")
    var_directory = tmp_path / "var"
    shutil.copytree(prepared.keys_directory, var_directory / "keys")
    if request.param == "sqlite":
        path = tmp_path / "host_api.sqlite3"
        shutil.copyfile(prepared.sqlalchemy_url.database or "", path)
        yield Settings(database_url=f"sqlite:///{path}", var_directory=var_directory)
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.new_database(prepared.sqlalchemy_url.database) as url:
            yield Settings(database_url=url, var_directory=var_directory)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(settings.sqlalchemy_url)
    yield database
    await database.dispose()


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[RunningApi]:
    """The API served without a switch."""
    runtime = create_runtime(settings)
    async with running_api(runtime) as running:
        yield running
