"""Fills a host API's database with a festival that everybody takes part in, and with what they bought."""

import asyncio
import time
from datetime import timedelta
from typing import Final

from sqlalchemy import update

from host_api.core.access.caller import Caller, system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.vault import Vault
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.schema_migration import prepare_database
from host_api.core.settings import Settings
from host_api.core.tables import Base
from host_api.services.draws import logic as draws
from host_api.services.festivals.award_schemas import FestivalAwardMethod, FestivalAwardState
from host_api.services.festivals.definitions import SERVICE
from host_api.services.festivals.models import Festival, FestivalAward, FestivalBoard, FestivalMember
from host_api.services.members.models import Member
from host_api.services.prizes import logic as prizes
from host_api.services.prizes.schemas import PrizeCreate
from host_api.services.transactions.models import Transaction
from host_api.services.transactions.operation import Operation
from host_api.services.transactions.standing import Standing
from tools.bench.bulk_load import BulkLoad, Tell, bulk_load

FESTIVAL: Final = 1
RANKING: Final = 1
DRAW: Final = 2

_DAYS: Final = 30
_DAY_MS: Final = 86_400_000
_SPREAD: Final = 2_654_435_761  # a prime, so that neighbours belong to members far apart
_TIERS: Final = 3
_AFTER_MS: Final = 2 * 3_600_000


def fill(settings: Settings, members: int, purchases: int, winners: int, tell: Tell) -> None:
    """Migrate an empty database, and write a festival that ended two hours ago with an award by ranking."""
    cipher = asyncio.run(_prepare(settings))
    end_ms = int(time.time() * 1000) - _AFTER_MS
    tables = [Base.metadata.tables[model.__tablename__] for model in (Member, FestivalMember, Transaction)]
    with bulk_load(settings.sqlalchemy_url, tell) as load:
        load.drop_indexes(tables)
        _write_members(load, members)
        _write_purchases(load, members, purchases, end_ms - _DAYS * _DAY_MS)
        load.make_indexes(tables)
    asyncio.run(_make_festival(settings, cipher, winners))


def begin_draw(settings: Settings) -> None:
    """Have the award by draw be due."""
    asyncio.run(_begin_draw(settings))


async def _prepare(settings: Settings) -> FieldCipher:
    database = Database(settings.sqlalchemy_url)
    await prepare_database(database, settings)
    vault = Vault(database, settings.keyring_path)
    await vault.open()
    await database.dispose()
    return vault.cipher


def _write_members(load: BulkLoad, members: int) -> None:
    load.put_series(
        Member.__tablename__,
        {
            "id": "n",
            "programme_id": f"{FIRST_PROGRAMME}",
            "name": "'عضو ' || CAST(n AS VARCHAR)",
            "tier": f"CASE n % {_TIERS} WHEN 0 THEN 'gold' WHEN 1 THEN 'silver' ELSE 'initial' END",
            "status": "'active'",
            "created_at": load.instant("1767225600000"),
            "joined_via": "'office'",
            "activity": "'active'",
            "version": "1",
        },
        1,
        members,
    )
    load.count_on(Member.__tablename__, members)
    load.put_series(
        FestivalMember.__tablename__,
        {
            "programme_id": f"{FIRST_PROGRAMME}",
            "festival_id": f"{FESTIVAL}",
            "member_id": "n",
            "joined_ms": f"1767225600000 + n * 7919 % {_DAY_MS}",
            "category": "''",
            "score": "0",
            "sort_score": "0",
        },
        1,
        members,
    )


def _write_purchases(load: BulkLoad, members: int, purchases: int, begin_ms: int) -> None:
    load.put_series(
        Transaction.__tablename__,
        {
            "programme_id": f"{FIRST_PROGRAMME}",
            "position": "n",
            "at_ms": f"{begin_ms} + n * {_DAYS * _DAY_MS // purchases}",
            "mti": "'0200'",
            "processing_code": "'000000'",
            "terminal_id": "'T' || substr(CAST(10000000 + n % 20000 AS VARCHAR), 2)",
            "merchant_id": "'M' || CAST(n % 5000 AS VARCHAR)",
            "branch_number": "n % 4 + 1",
            "stan": "substr(CAST(1000000 + n % 1000000 AS VARCHAR), 2)",
            "transmitted_at": "'0101000000'",
            "rrn": "substr(CAST(1000000000000 + n AS VARCHAR), 2)",
            "member_number": f"(n * {_SPREAD} % {members} + 1)",
            "amount": "n * 7919 % 90000000 + 10000",
            "discount": "0",
            "tendered": "0",
            "net_amount": "n * 7919 % 90000000 + 10000",
            "currency": "'364'",
            "response_code": "CASE WHEN n % 37 = 0 THEN '51' ELSE '00' END",
            "operation": f"'{Operation.PURCHASE.value}'",
            "standing": f"'{Standing.STANDS.value}'",
            "returned_amount": "0",
            "lot_lines": "'[]'",
            "record_lines": "'[]'",
            "rule_table_version": "1",
            "line_count": "0",
            "balances_after": "'{}'",
        },
        1,
        purchases,
    )
    load.execute(f"UPDATE feed_position SET position = {purchases}")  # noqa: S608


async def _make_festival(settings: Settings, cipher: FieldCipher, winners: int) -> None:
    caller = system_caller("bench", FIRST_PROGRAMME)
    now = utc_now()
    end = now - timedelta(milliseconds=_AFTER_MS)
    database = Database(settings.sqlalchemy_url)
    await database.gather_statistics()
    async with database.writing(FIRST_PROGRAMME) as session:
        coin = PrizeCreate.model_validate(
            {"kind": "thing", "title": "Coin", "title_fa": "سکه", "value": 1, "stock": None}
        )
        prize = await prizes.create(session, coin)
        festival = Festival(
            id=FESTIVAL,
            title="National festival",
            title_fa="جشنوارهٔ ملی",
            starts_at=end - timedelta(days=_DAYS),
            ends_at=end,
            indicators=[
                {"kind": "purchase_amount", "per": 100_000, "points": 1},
                {"kind": "purchase_count", "points": 20},
                {"kind": "branches", "points": 50},
                {"kind": "days", "points": 10},
            ],
            merchant_ids=[],
            audience=None,
            category_by="tier",
            refresh_minutes=60,
            created_by_name="bench",
            created_at=now,
        )
        session.add(festival)
        await session.flush()
        session.add(FestivalBoard(festival_id=FESTIVAL, due_at=None))
        for number, method in ((RANKING, FestivalAwardMethod.RANKING), (DRAW, FestivalAwardMethod.DRAW)):
            award = _award(number, method, winners, prize.id, festival)
            session.add(award)
            await session.flush()
            if method is FestivalAwardMethod.DRAW:
                award.draw_id = await _commit(session, cipher, award, caller)
    await database.dispose()


def _award(
    number: int, method: FestivalAwardMethod, winners: int, prize_id: int, festival: Festival
) -> FestivalAward:
    is_ranking = method is FestivalAwardMethod.RANKING
    of_each = winners // _TIERS if is_ranking else winners
    return FestivalAward(
        festival_id=FESTIVAL,
        number=number,
        title="Award",
        title_fa="جایزه",
        method=method.value,
        counts_from=festival.starts_at,
        at=festival.ends_at,
        delay_minutes=0,
        is_by_category=is_ranking,
        winners=of_each,
        min_score=1,
        score_per_chance=None,
        most_chances=1,
        prizes=[{"from_rank": 1, "to_rank": of_each, "prize_id": prize_id, "quantity": 1, "cost_units": 1}],
        budget_id=None,
        budget_units=0,
        spent_units=0,
        state=(FestivalAwardState.PLANNED if is_ranking else FestivalAwardState.CANCELLED).value,
        listed_up_to=-1,
        created_by_name="bench",
        created_at=festival.created_at,
    )


async def _commit(session: WriteSession, cipher: FieldCipher, award: FestivalAward, caller: Caller) -> int:
    draw = await draws.commit(
        session,
        cipher,
        service=SERVICE,
        reference=str(award.id),
        winners=award.winners,
        is_once_each=True,
        public_value_source=None,
        created_by=caller.key,
        now=award.created_at,
    )
    return draw.id


async def _begin_draw(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url)
    async with database.writing(FIRST_PROGRAMME) as session:
        await session.execute(
            update(FestivalAward)
            .where(FestivalAward.number == DRAW)
            .values(state=FestivalAwardState.PLANNED.value)
            .execution_options(synchronize_session=False)
        )
    await database.dispose()
