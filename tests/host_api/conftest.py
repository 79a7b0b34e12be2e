"""Databases and a served API for the host API's tests, on SQLite and on a real PostgreSQL."""

import asyncio
import shutil
import zlib
from collections.abc import AsyncIterator, Hashable, Iterator
from pathlib import Path

import pytest

from host_api.core.application import create_runtime
from host_api.core.database import Database
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from tests.amounts import is_thorough
from tests.host_api.running_api import RunningApi, running_api
from tools.bench.postgresql_server import PostgresqlServer, running_postgresql

_DATABASES = ("sqlite", "postgresql")
ON_POSTGRESQL_ONE_OF = 4
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
    "test_acceptance_races",
    "test_lotteries",
    "test_lottery_races",
    "test_festival_counting",
    "test_group_queries",
    "test_purchase_sums",
    "test_member_numbers",
    "test_member_sealing",
    "test_joining_races",
    "test_payout_races",
    "test_network_races",
    "test_numbers_at_rest",
    "test_issue",
    "test_prize_races",
    "test_shop_races",
    "test_selling_races",
    "test_credit_races",
    "test_store_races",
    "test_budget_races",
    "test_earning_races",
    "test_wallet_races",
    "test_contest_races",
    "test_wheel_races",
    "test_learning_races",
    "test_body_credit_races",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the rest `make test` runs each on one of the two, most on SQLite; `test-long` on both."""
    if is_thorough():
        return
    both: dict[tuple[Hashable, ...], dict[str, pytest.Item]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and item.path.stem not in _ON_BOTH:
            _put(both, item)
    left_out = [
        item
        for (stem, name, *_), on in both.items()
        for database, item in on.items()
        # What is meant for one of them stays with it.
        if len(on) > 1 and database != _database_of(f"{stem}::{name}")
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _put(both: dict[tuple[Hashable, ...], dict[str, pytest.Item]], item: pytest.Function) -> None:
    if "tests/host_api" not in item.path.as_posix() or not hasattr(item, "callspec"):
        return
    for parameter in ("settings", "database_url"):
        database = item.callspec.params.get(parameter)
        if database in _DATABASES:
            others = item.callspec.id.split("-")
            others.remove(database)
            both.setdefault((item.path.stem, item.originalname, *others), {})[database] = item


def _database_of(name: str) -> str:
    # Copying a PostgreSQL database takes longer than most tests.
    return _DATABASES[zlib.crc32(name.encode()) % ON_POSTGRESQL_ONE_OF == 0]


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
    """A migrated SQLite database and its first key, to be copied and never served: all begin with it."""
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


def _settings(database_url: str, var_directory: Path) -> Settings:
    return Settings(
        database_url=database_url,
        var_directory=var_directory,
        requests_per_minute=1_000_000,
        requests_per_minute_of_unknown=1_000_000,
    )


@pytest.fixture(params=_DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings with a migrated database of this test's own and its first key, and hardly a limit of calls:
    a test may ask every operation there is."""
    prepared: Settings = request.getfixturevalue(f"prepared_{request.param}")
    var_directory = tmp_path / "var"
    shutil.copytree(prepared.keys_directory, var_directory / "keys")
    if request.param == "sqlite":
        path = tmp_path / "host_api.sqlite3"
        shutil.copyfile(prepared.sqlalchemy_url.database or "", path)
        yield _settings(f"sqlite:///{path}", var_directory)
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        with server.new_database(prepared.sqlalchemy_url.database) as url:
            yield _settings(url, var_directory)


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
