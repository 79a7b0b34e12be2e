"""Mobile numbers of older versions are sealed by the migration, and come back by its reverse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.database import Database
from host_api.core.encryption.master_keyring import ensure_keyring
from host_api.core.encryption.vault import Vault
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import downgrade, prepare_database, upgrade
from host_api.core.settings import Settings
from host_api.services.administrators.audit_log import logic as audit_log
from host_api.services.members import logic
from host_api.services.members.schemas import MemberCreate

pytestmark = pytest.mark.anyio

COUNT = 1203  # more than are sealed at once


def _mobile(number: int) -> str:
    return f"+98912{number:07d}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An empty database, and no key."""
    return Settings(database_url=database_url, var_directory=tmp_path / "var")


@pytest.fixture
async def old(settings: Settings) -> AsyncIterator[Database]:
    """A database of the version before, with plain numbers in members and audit log."""
    database = Database(settings.sqlalchemy_url)
    now = "2026-03-21 06:30:00+00:00" if not database.is_sqlite else "2026-03-21 06:30:00.000000"
    async with database.migrating() as connection:
        await connection.run_sync(upgrade, "0008")
        await connection.execute(
            text(
                "INSERT INTO members (id, programme_id, name, mobile, tier, status, created_at)"
                f" VALUES (:id, 1, 'n', :mobile, 'gold', 'active', '{now}')"
            ),
            [{"id": number, "mobile": _mobile(number) if number % 2 else None} for number in range(1, COUNT)],
        )
        await connection.execute(
            text(
                "INSERT INTO audit_log (programme_id, at, caller_kind, caller_id, caller_name, action,"
                " table_name, row_key, before, after)"
                f" VALUES (1, '{now}', 'user', '1', 'u', 'update', 'members', '7', :before, :after)"
            ),
            {"before": '{"mobile": null}', "after": f'{{"mobile": "{_mobile(7)}", "name": "n"}}'},
        )
    yield database
    await database.dispose()


async def test_nothing_is_lost_on_the_way_there_and_back(old: Database, settings: Settings) -> None:
    await prepare_database(old, settings)
    vault = Vault(old, settings.keyring_path)
    await vault.open()
    async with old.reading(FIRST_PROGRAMME) as session:
        for number in (1, 2, 601, COUNT - 2):
            member = await logic.read_whole(session, vault.cipher, number)
            assert member.mobile == (_mobile(number) if number % 2 else None)
        found = await logic.ids_by_mobile(session, vault.cipher, [_mobile(599), _mobile(600)])
        assert found == {_mobile(599): 599}
        kept = (await session.execute(text("SELECT after FROM audit_log"))).scalar_one()
        assert _mobile(7)[1:] not in str(kept)
        caller = Caller(CallerKind.USER, "1", "u", FIRST_PROGRAMME, frozenset({"*"}))
        (entry_id,) = (await session.execute(text("SELECT id FROM audit_log"))).scalars()
        entry = await audit_log.read(session, caller, vault.cipher, entry_id)
        assert entry.after == {"mobile": _mobile(7), "name": "n"}
    async with old.writing(FIRST_PROGRAMME) as session:
        member = await logic.create(session, vault.cipher, MemberCreate(name="n", mobile=_mobile(9999999)))
        assert member.id == COUNT
    masters = ensure_keyring(settings.keyring_path)
    async with old.migrating() as connection:
        await connection.run_sync(downgrade, "0008", masters)
        rows = await connection.execute(text("SELECT id, mobile FROM members ORDER BY id"))
        expected = [(number, _mobile(number) if number % 2 else None) for number in range(1, COUNT)]
        assert [tuple(row) for row in rows] == [*expected, (COUNT, _mobile(9999999))]


async def test_without_keys_nothing_is_changed(old: Database) -> None:
    with pytest.raises(RuntimeError, match="master keys"):
        async with old.migrating() as connection:
            await connection.run_sync(upgrade, "head")
    async with old.migrating() as connection:
        kept = await connection.execute(text("SELECT count(*) FROM members WHERE mobile IS NOT NULL"))
        assert kept.scalar_one() == COUNT // 2
