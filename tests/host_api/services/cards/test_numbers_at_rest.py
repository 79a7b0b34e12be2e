"""A card's number is nowhere on disk in plain text: as it is written, and after older rows were sealed."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from host_api.core.database import Database
from host_api.core.encryption.master_keyring import ensure_keyring
from host_api.core.encryption.vault import Vault
from host_api.core.ledger.requests import CARD_NUMBER as REQUEST_NUMBER
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.outbox import CARD_NUMBER as OUTBOX_NUMBER
from host_api.core.outbox import OutboxRow
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import downgrade, prepare_database, upgrade
from host_api.core.settings import Settings
from host_api.services.cards.models import NUMBER, Card
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.running_api import RunningApi
from tests.host_api.services.cards.bench import at_rest, card, member, product

pytestmark = pytest.mark.anyio

OLD = "9364120000000007"


async def test_nothing_on_disk_has_a_number(api: RunningApi) -> None:
    holder = await member(api, mobile="09123456789")
    await product(api, "APP", media=["digital"], static_code="ean13")
    await product(api, "G1", kind="gift")
    issued = await card(api, member_id=holder, card_type="APP")
    gift = await card(api, card_type="G1")
    replaced = await post(api, f"/v1/cards/{issued['id']}/replacement", {"reason": "lost"})
    fresh = replaced["card"]
    assert isinstance(fresh, dict)
    moment = await post(api, f"/v1/cards/{fresh['id']}/moment-codes", None)
    ean = await post(api, f"/v1/cards/{fresh['id']}/static-code", None)
    body = {"amount": 5000, "merchant_id": "SHOP01"}
    await post(api, f"/v1/gift-cards/{gift['id']}/sale?wait_s=0", body, 202)
    numbers = [issued["number"], gift["number"], replaced["number"], ean["payload"]]
    numbers.append(str(moment["payload"]).removeprefix("vafa:"))
    stored = await at_rest(api.runtime.database)
    assert "APP" in stored  # what is looked through is the database
    for entry in items_of(await get(api, "/v1/audit", table_name="cards", limit=50)):
        read = await get(api, f"/v1/audit/{entry['id']}")
        assert not any(str(number) in json.dumps(read) for number in (issued["number"], gift["number"]))
    for number in numbers:
        assert len(str(number)) >= 13
        assert str(number) not in stored


class TestOlderRows:
    @pytest.fixture
    def settings(self, database_url: str, tmp_path: Path) -> Settings:
        return Settings(database_url=database_url, var_directory=tmp_path / "var")

    @pytest.fixture
    async def old(self, settings: Settings) -> AsyncIterator[Database]:
        """A database of the version before, with a card on its way, and a load."""
        database = Database(settings.sqlalchemy_url)
        await prepare_database(database, settings)
        masters = ensure_keyring(settings.keyring_path)
        now = "2026-03-21 06:30:00.000000" + ("" if database.is_sqlite else "+00")
        async with database.migrating() as connection:
            await connection.run_sync(downgrade, "0008", masters)
            for statement in (
                "INSERT INTO members (programme_id, name, tier, status, created_at)"
                f" VALUES (1, 'n', 'gold', 'active', '{now}')",
                "INSERT INTO cards (programme_id, number, member_id, card_type, status, created_at)"
                f" VALUES (1, '{OLD}', 1, 'GIFT', 'active', '{now}')",
                "INSERT INTO outbox (programme_id, subject_kind, subject_id, file_name, update_code,"
                " card_number, record, created_at, state, attempts)"
                f" VALUES (1, 'card', 1, 'CARD', '1', '{OLD}', '{{}}', '{now}', 'waiting', 0)",
                "INSERT INTO ledger_requests (programme_id, service, reference, kind, card_number, purse,"
                " amount, reason, asked_by, asked_by_name, mti, fields, tags, after_outbox_id, created_at,"
                " state, attempts, reversal_attempts) VALUES (1, 's', 'r', 'load',"
                f" '{OLD}', 96, 5, '', 'a', 'a', '0200', '{{}}', '{{}}', 0, '{now}', 'waiting', 0, 0)",
                "INSERT INTO audit_log (programme_id, at, caller_kind, caller_id, caller_name, action,"
                f" table_name, row_key, after) VALUES (1, '{now}', 'user', 'u', 'u', 'create', 'cards', '1',"
                f""" '{{"number": "{OLD}", "status": "active"}}')""",
            ):
                await connection.execute(text(statement.replace(":", "\\:")))
        assert OLD in await at_rest(database)
        yield database
        await database.dispose()

    async def test_they_are_sealed_and_nothing_is_lost(self, old: Database, settings: Settings) -> None:
        await old.dispose()  # as a host API that is started anew
        await prepare_database(old, settings)
        assert OLD not in await at_rest(old)
        vault = Vault(old, settings.keyring_path)
        await vault.open()
        async with old.reading(FIRST_PROGRAMME) as session:
            card_row = (await session.scalars(select(Card))).one()
            outbox_row = (await session.scalars(select(OutboxRow))).one()
            request = (await session.scalars(select(LedgerRequest))).one()
            assert NUMBER.open(vault.cipher, card_row) == OLD
            assert OUTBOX_NUMBER.open(vault.cipher, outbox_row) == OLD
            assert REQUEST_NUMBER.open(vault.cipher, request) == OLD
            found = (
                await session.scalars(select(Card).where(NUMBER.equals(vault.cipher, FIRST_PROGRAMME, OLD)))
            ).one()
            assert (found.first_six, found.last_four, found.reference) == ("936412", "0007", found.id)
            assert found.issued_at == found.created_at
            log = (
                await session.scalars(text("SELECT after FROM audit_log WHERE table_name = 'cards'"))
            ).one()
            assert "active" in str(log)
        async with old.migrating() as connection:
            masters = ensure_keyring(settings.keyring_path)
            await connection.run_sync(downgrade, "0008", masters)
            for table, column in (
                ("cards", "number"),
                ("outbox", "card_number"),
                ("ledger_requests", "card_number"),
            ):
                assert (await connection.scalar(text(f"SELECT {column} FROM {table}"))) == OLD
            await connection.run_sync(upgrade, "head", masters)
