"""Members whose trades and holdings are told and settled, without HTTP and without a switch."""

from collections.abc import Sequence

from sqlalchemy import update

from host_api.core.access.caller import system_caller
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.vault import Vault
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.brokerage import settling, sources
from host_api.services.brokerage.import_rows import (
    PositionImportRow,
    TradeImportRow,
    add_positions,
    add_trades,
)
from host_api.services.brokerage.schemas import BrokerageSourceCreate
from host_api.services.member_merging.models import RecordAct
from host_api.services.members.models import Member
from host_api.services.referral_network import merging as referral_network
from tests.host_api.services.referral_network.network_bench import Club

Values = dict[str, object]

CALLER = system_caller("test", FIRST_PROGRAMME)
BROKER: Values = {"code": "TEH", "kind": "broker", "title": "Broker", "title_fa": "کارگزاری"}
FUND: Values = {"code": "FND", "kind": "fund", "title": "Fund", "title_fa": "صندوق", "event_code": None}


def trade(reference: str, member: int, **values: object) -> TradeImportRow:
    """A buy of 100 FOLD at 1,000 rial in the first month of 1405, with a commission of 400."""
    told: Values = {
        "source": "TEH",
        "reference": reference,
        "member_id": member,
        "symbol": "FOLD",
        "side": "buy",
        "traded_at": "2026-03-25T08:00:00Z",
        "quantity": 100,
        "price_rials": 1_000,
        "commission_rials": 400,
    }
    return TradeImportRow.model_validate(told | values)


def position(member: int, symbol: str, as_of: str, **values: object) -> PositionImportRow:
    told: Values = {"source": "TEH", "member_id": member, "symbol": symbol, "as_of": as_of}
    return PositionImportRow.model_validate({**told, "quantity": 1, "value_rials": 1} | values)


async def trading_club(database: Database, members: int) -> Club:
    """A club with so many members, a broker and a fund."""
    club = Club(database)
    await club.join(range(1, members + 1))
    async with club.writing() as session:
        for source in (BROKER, FUND):
            await sources.create(session, BrokerageSourceCreate.model_validate(source))
    return club


async def cipher_of(database: Database, settings: Settings) -> FieldCipher:
    """What seals and opens personal data."""
    vault = Vault(database, settings.keyring_path)
    await vault.open()
    return vault.cipher


async def told(club: Club, rows: Sequence[TradeImportRow]) -> None:
    """Import rows and settle them."""
    async with club.writing() as session:
        await add_trades(session, rows)
    await settled(club)


async def settled(club: Club, at_once: int = 3) -> None:
    while True:
        async with club.writing() as session:
            if not await settling.settle_trades(session, CALLER, utc_now(), at_once):
                return


async def held(club: Club, rows: Sequence[PositionImportRow]) -> None:
    async with club.writing() as session:
        await add_positions(session, rows)
    async with club.writing() as session:
        await settling.settle_positions(session, utc_now(), 1_000)


async def merged(club: Club, from_member: int, to_member: int) -> None:
    """Have one record have gone into another, as a merge leaves them."""
    async with club.writing() as session:
        now = utc_now()
        session.add(
            RecordAct(
                kind="merge",
                from_member_id=from_member,
                to_member_id=to_member,
                card_ids=[],
                moves_untransferable=False,
                reason_code="duplicate",
                round=1,
                state="done",
                asked_by="test",
                asked_by_name="test",
                asked_at=now,
                finished_at=now,
            )
        )
        await referral_network.absorb(session, from_member, to_member)
        await session.execute(
            update(Member).where(Member.id == from_member).values(merged_into=to_member, status="blocked")
        )
