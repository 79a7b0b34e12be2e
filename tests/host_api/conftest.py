"""Databases and a served API for the host API's tests; each test runs on SQLite and on a real PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from host_api.core.application import create_runtime
from host_api.core.database import Database
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from tests.host_api.running_api import RunningApi, running_api
from tests.postgresql_server import PostgresqlServer, running_postgresql


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with running_postgresql() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database of this test's own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'host_api.sqlite3'}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.new_database() as url:
            yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=database_url, var_directory=tmp_path / "var")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings.api_key_path)
    yield database
    await database.dispose()


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[RunningApi]:
    """The API served without a switch."""
    runtime = create_runtime(settings)
    await prepare_database(runtime.database, settings.api_key_path)
    async with running_api(runtime) as running:
        yield running
