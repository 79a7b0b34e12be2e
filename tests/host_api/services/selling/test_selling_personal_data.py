"""What sellers' services hold of a member is exported, stands against erasing while it is open, and goes."""

import pytest

from host_api.core.database import Database
from host_api.core.settings import Settings
from host_api.services.instalment_sales import personal_data as of_instalments
from host_api.services.paid_notices import personal_data as of_notices
from host_api.services.paid_notices import recipients
from host_api.services.sellers import accounts
from host_api.services.sellers import personal_data as of_sellers
from host_api.services.sellers.states import SellerLineKind
from host_api.services.storefronts import personal_data as of_storefronts
from host_api.services.storefronts.fronts import fronts
from host_api.services.storefronts.orders import following, placing
from host_api.services.storefronts.orders.schemas import StorefrontOrderCreate
from host_api.services.storefronts.orders.states import StorefrontOrderState
from tests.host_api.services.brokerage.trade_bench import cipher_of
from tests.host_api.services.referral_network.network_bench import ASKER, Club
from tests.host_api.services.selling.selling_bench import SELLER, selling_club

pytestmark = pytest.mark.anyio

BUYER = 2
PARTS = (
    of_sellers.PERSONAL_DATA,
    of_storefronts.PERSONAL_DATA,
    of_instalments.PERSONAL_DATA,
    of_notices.PERSONAL_DATA,
)


async def test_what_is_held_of_sellers_and_buyers(database: Database, settings: Settings) -> None:
    club = Club(database)
    cipher = await cipher_of(database, settings)
    seller_id, good_id, _ = await selling_club(club, cipher)
    async with club.writing() as session:
        wanted = StorefrontOrderCreate(member_id=BUYER, good_id=good_id, delivery="خیابان بهار")
        order, _ = await placing.place(session, cipher, ASKER, wanted)
        await recipients.change_consent(session, BUYER, is_given=True)
        await accounts.book(session, seller_id, 5_000, SellerLineKind.NOTICE, service="tests", reference="1")

    async def hindrances(member_id: int) -> list[str]:
        async with club.writing() as session:
            return [each.code for part in PARTS for each in await part.hindrances(session, member_id)]

    assert await hindrances(BUYER) == ["storefront-orders-open"]
    assert await hindrances(SELLER) == ["seller-account-open", "storefront-orders-open"]
    async with club.writing() as session:
        await following.end(session, ASKER, order.id, StorefrontOrderState.CANCELLED)
        await accounts.book(
            session, seller_id, -5_000, SellerLineKind.SETTLEMENT, service="tests", reference="1"
        )
    assert await hindrances(BUYER) == await hindrances(SELLER) == []
    async with club.writing() as session:
        texts = [text for part in PARTS for text in await part.texts(session, cipher, BUYER)]
        assert texts == ["خیابان بهار"]
        held = [await part.export(session, cipher, BUYER) for part in PARTS]
        assert ["orders" in held[1], "consent_given_at" in held[3]] == [True, True]
        assert "09120000001" in str(await of_storefronts.PERSONAL_DATA.export(session, cipher, SELLER))
        for part in PARTS:
            await part.erase(session, cipher, BUYER)
            await part.erase(session, cipher, SELLER)
    async with club.writing() as session:
        assert not [text for part in PARTS for text in await part.texts(session, cipher, BUYER)]
        assert not (await recipients.read_consent(session, BUYER)).is_given
        front = await fronts.find(session, 1)
        assert (front.state, front.name, front.contact_sealed) == ("closed", "حذف‌شده", None)
