"""The schema: up, down and up again, equal to the models, and safe when several processes start at once."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import configure_mappers
from sqlalchemy.schema import SchemaItem

from host_api.core import schema_migration
from host_api.core.access.api_keys import ApiKey
from host_api.core.database import Database
from host_api.core.encryption.master_keyring import ensure_keyring
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import (
    HEAD_REVISION,
    current_revision,
    downgrade,
    prepare_database,
    upgrade,
)
from host_api.core.settings import Settings
from host_api.core.tables import Base
from host_api.services.catalogue import METADATA

pytestmark = pytest.mark.anyio


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Settings:
    """An empty database, and no key."""
    return Settings(database_url=database_url, var_directory=tmp_path / "var")


def _table_names(connection: Connection) -> set[str]:
    return {name for name in inspect(connection).get_table_names() if not name.startswith("sqlite_")}


def _differences(connection: Connection) -> list[object]:
    def is_of_this_database(item: SchemaItem, *_: object) -> bool:
        return item.info.get("dialect") in {None, connection.dialect.name}

    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "compare_server_default": True,
            "include_object": is_of_this_database,
        },
    )
    return list(compare_metadata(context, METADATA))


async def test_up_down_up_leaves_the_schema_of_the_models(empty: Settings) -> None:
    database = Database(empty.sqlalchemy_url)
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "head")
        assert await connection.run_sync(_table_names) == {*METADATA.tables, "alembic_version"}
        assert await connection.run_sync(_differences) == []
    async with database.migrating() as connection:
        await connection.run_sync(downgrade, "base")
        assert await connection.run_sync(_table_names) == {"alembic_version"}
        assert await connection.run_sync(current_revision) is None
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "head")
        assert await connection.run_sync(_differences) == []
        assert await connection.run_sync(current_revision) == HEAD_REVISION
    await database.dispose()


async def test_second_revision_keeps_records_and_reads_the_journal_anew(empty: Settings) -> None:
    database = Database(empty.sqlalchemy_url)
    now = "2026-03-21 06:30:00+00:00" if not database.is_sqlite else "2026-03-21 06:30:00.000000"
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "0001")
        for statement in (
            f"INSERT INTO members (name, tier, status, created_at) VALUES ('n', 'gold', 'active', '{now}')",
            "INSERT INTO cards (number, member_id, card_type, status, created_at)"
            f" VALUES ('9364120000000007', 1, 'LOYALTY', 'active', '{now}')",
            "INSERT INTO balances VALUES (1, 'points', 250, 7, 5)",
            "UPDATE feed_position SET position = 7, last_event_at_ms = 5",
        ):
            await connection.execute(text(statement))
    masters = ensure_keyring(empty.keyring_path)
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "head", masters)
        kept = (await connection.execute(text("SELECT id, name, household FROM members"))).all()
        card = (await connection.execute(text("SELECT id, reference, last_four, member_id FROM cards"))).all()
        position = (
            await connection.execute(text("SELECT position, last_event_at_ms FROM feed_position"))
        ).all()
        balances = (await connection.execute(text("SELECT * FROM balances"))).all()
        stock = (
            "INSERT INTO cards (programme_id, reference, first_six, last_four, product_id, card_type, status,"
            " feed_position, created_at)"
        )
        await connection.execute(
            text(f"{stock} VALUES (1, 2, '936412', '0015', 1, 'LOYALTY', 'new', 0, '{now}')")
        )
        ids = (await connection.execute(text("SELECT id FROM cards ORDER BY id"))).scalars().all()
        await connection.execute(text("DELETE FROM cards WHERE id = 2"))
    assert (kept, card) == ([(1, "n", None)], [(1, 1, "0007", 1)])
    assert (position, balances, ids) == ([(0, None)], [], [1, 2])
    async with database.migrating() as connection:
        await connection.run_sync(downgrade, "0001", masters)
        assert (await connection.execute(text("SELECT number FROM cards"))).scalars().all() == [
            "9364120000000007"
        ]
        assert (await connection.execute(text("SELECT name FROM members"))).scalars().all() == ["n"]
    await database.dispose()


async def test_member_numbers_become_the_programmes_own_and_go_back(empty: Settings) -> None:
    database = Database(empty.sqlalchemy_url)
    now = "2026-03-21 06:30:00.000000" if database.is_sqlite else "2026-03-21 06:30:00+00:00"
    member = (
        "INSERT INTO members"
        " (programme_id, id, name, tier, status, created_at, version, joined_via, activity)"
        " VALUES ({}, {}, 'n', 'gold', 'active', '" + now + "', 1, 'office', 'new')"
    )
    identity = (
        "INSERT INTO member_identities (programme_id, member_id, kind, is_unique, created_at)"
        " VALUES ({}, {}, 'mobile', {}, '" + now + "')"
    )
    audited = (
        "INSERT INTO audit_log (programme_id, at, caller_kind, caller_id, caller_name, action, table_name,"
        " row_key) VALUES ({}, '" + now + "', 'user', 'u', 'u', 'update', '{}', '{}')"
    )
    no = "0" if database.is_sqlite else "false"
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "0015")
        for statement in (
            "INSERT INTO programmes (id, code, name, mode, status, created_at)"
            f" VALUES (2, 'two', 'n', 'live', 'active', '{now}')",
            member.format(1, 5),
            member.format(2, 6),
            identity.format(1, 5, no),
            identity.format(2, 6, no),
            audited.format(1, "members", "5"),
            audited.format(2, "tiers", "2,gold"),
            audited.format(2, "member_interests", "2,6,1"),
        ):
            await connection.execute(text(statement))
    keys = text("SELECT row_key FROM audit_log ORDER BY id")
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "head")
        assert (await connection.execute(keys)).scalars().all() == ["5", "gold", "6,1"]
        await connection.execute(text(member.format(2, 5)))
        await connection.execute(text(identity.format(2, 5, no)))
    with pytest.raises(IntegrityError):  # a member of another programme
        async with database.writing(1) as session:
            await session.execute(text(identity.format(1, 6, no)))
    with pytest.raises(RuntimeError, match="same number"):
        async with database.migrating() as connection:
            await connection.run_sync(downgrade, "0015")
    async with database.migrating() as connection:
        for table, column in (("member_identities", "member_id"), ("members", "id")):
            await connection.execute(text(f"DELETE FROM {table} WHERE programme_id = 2 AND {column} = 5"))
        await connection.run_sync(downgrade, "0015")
        assert (await connection.execute(keys)).scalars().all() == ["5", "2,gold", "2,6,1"]
        await connection.execute(text(member.replace(" id,", "").format(1, "").replace(", ,", ",")))
        ids = (await connection.execute(text("SELECT id FROM members ORDER BY id"))).scalars().all()
    assert ids == [5, 6, 7]
    await database.dispose()


async def test_failing_migration_leaves_nothing_behind(empty: Settings) -> None:
    database = Database(empty.sqlalchemy_url)
    with pytest.raises(ZeroDivisionError):
        async with database.migrating() as connection:
            await connection.run_sync(upgrade, "head")
            raise ZeroDivisionError
    async with database.migrating() as connection:
        assert await connection.run_sync(_table_names) == set()
    await database.dispose()


async def test_many_starts_at_once_migrate_once_and_make_one_key(empty: Settings) -> None:
    databases = [Database(empty.sqlalchemy_url) for _ in range(6)]
    await asyncio.gather(*(prepare_database(database, empty) for database in databases))
    async with databases[0].reading(FIRST_PROGRAMME) as session:
        assert await session.scalar(select(func.count()).select_from(ApiKey)) == 1
    assert empty.api_key_path.stat().st_mode & 0o777 == 0o600
    for database in databases:
        await database.dispose()


async def test_database_of_a_newer_version_is_left_alone(database: Database, settings: Settings) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema_migration.SchemaUnknown, match="9999"):
        await prepare_database(database, settings)


async def test_lost_database_takes_up_the_key_that_is_on_file(tmp_path: Path) -> None:
    for name in ("first", "second"):
        settings = Settings(database_url=f"sqlite:///{tmp_path / name}", var_directory=tmp_path)
        database = Database(settings.sqlalchemy_url)
        await prepare_database(database, settings)
        key_text = settings.api_key_path.read_text("ascii").strip()
        async with database.reading(FIRST_PROGRAMME) as session:
            assert await session.get(ApiKey, key_text[5:13]) is not None
        await database.dispose()


def test_head_revision_is_the_last_script() -> None:
    folder = Path(schema_migration.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD_REVISION


def test_no_relationship_loads_lazily() -> None:
    configure_mappers()
    relationships = [entry for mapper in Base.registry.mappers for entry in mapper.relationships]
    assert relationships
    assert {entry.lazy for entry in relationships} == {"raise"}


async def test_sqlite_is_durable_and_readers_cannot_write(database: Database) -> None:
    async with database.reading(FIRST_PROGRAMME) as session:
        if database.is_sqlite:
            for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
                assert await session.scalar(text(f"PRAGMA {pragma}")) == value
        with pytest.raises(Exception, match=r"readonly|read-only"):
            await session.execute(text("UPDATE feed_position SET position = 5"))
        await session.rollback()
