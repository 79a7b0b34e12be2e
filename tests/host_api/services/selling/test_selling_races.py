"""Orders at once never sell more than there is, nor let a seller promise more than it may owe."""

import asyncio

import pytest

from host_api.core.audit import audit_as
from host_api.core.database import Database
from host_api.core.errors import Problem
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.sellers.accounts import account_of
from host_api.services.sellers.problems import SellerLimitReached
from host_api.services.storefronts.fronts import goods, privileges
from host_api.services.storefronts.orders import following, placing
from host_api.services.storefronts.orders.schemas import StorefrontOrderCreate
from host_api.services.storefronts.orders.states import StorefrontOrderState
from tests.host_api.services.brokerage.trade_bench import cipher_of
from tests.host_api.services.referral_network.network_bench import ASKER, Club
from tests.host_api.services.selling.selling_bench import BUYERS, selling_club

pytestmark = pytest.mark.anyio


async def test_orders_at_once_stay_within_stock_and_limit(database: Database, settings: Settings) -> None:
    club = Club(database)
    cipher = await cipher_of(database, settings)
    seller_id, good_id, grant_id = await selling_club(club, cipher)

    async def order(member_id: int) -> int | Problem:
        wanted = StorefrontOrderCreate(member_id=member_id, good_id=good_id, privilege_id=grant_id)
        try:
            async with database.writing(FIRST_PROGRAMME) as session:
                audit_as(session, ASKER)
                placed, _ = await placing.place(session, cipher, ASKER, wanted)
                return placed.id
        except Problem as problem:
            return problem

    async def cancel(order_id: int) -> None:
        async with database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            await following.end(session, ASKER, order_id, StorefrontOrderState.CANCELLED)

    async def figures() -> tuple[int | None, int | None, int]:
        async with database.reading(FIRST_PROGRAMME) as session:
            good, grant = await goods.find(session, good_id), await privileges.find(session, grant_id)
            return good.stock, grant.left, (await account_of(session, seller_id)).held_rials

    answers = await asyncio.gather(*(order(member_id) for member_id in BUYERS))
    placed = [answer for answer in answers if isinstance(answer, int)]
    assert len(placed) == 3
    assert all(isinstance(answer, int | SellerLimitReached) for answer in answers)
    assert await figures() == (3, 2, 30_000)
    # Some give back what others take meanwhile: all of it comes to the same.
    again = await asyncio.gather(*(cancel(each) for each in placed), *(order(each) for each in BUYERS))
    held = len([answer for answer in again if isinstance(answer, int)])
    assert held <= 3
    assert await figures() == (6 - held, 5 - held, 10_000 * held)
