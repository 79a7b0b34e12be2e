"""A member with a storefront, in the database alone: no HTTP and no switch."""

from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.sellers import logic as sellers
from host_api.services.sellers.schemas import SellerApproval, SellerCreate
from host_api.services.storefronts.fronts import fronts, goods, privileges
from host_api.services.storefronts.fronts.schemas import (
    StorefrontCreate,
    StorefrontGoodCreate,
    StorefrontPrivilegeCreate,
)
from host_api.services.storefronts.fronts.states import ShowState
from tests.host_api.services.referral_network.network_bench import APPROVER, ASKER, Club

SELLER, BUYERS = 1, range(2, 10)


async def selling_club(club: Club, cipher: FieldCipher) -> tuple[int, int, int]:
    """Seller, goods of which six are left, a privilege for five of them whose points cost 10,000 rial each;
    the seller may owe 30,000."""
    await club.join([SELLER, *BUYERS])
    async with club.writing() as session:
        seller = await sellers.apply(session, ASKER, SellerCreate(member_id=SELLER))
        terms = SellerApproval(credit_limit_rials=30_000, point_rials=1_000)
        await sellers.approve(session, APPROVER, seller.id, terms)
        wanted = StorefrontCreate(seller_id=seller.id, name="عسل", contact="09120000001")
        front = await fronts.open_front(session, cipher, ASKER, wanted)
        await fronts.decide_front(session, APPROVER, front.id, ShowState.SHOWN)
        good = await goods.add(
            session,
            ASKER,
            StorefrontGoodCreate(storefront_id=front.id, name="عسل", price_rials=50_000, stock=6),
        )
        await goods.decide_good(session, APPROVER, good.id, ShowState.SHOWN)
        grant = await privileges.grant(
            session,
            ASKER,
            StorefrontPrivilegeCreate(
                storefront_id=front.id, title="A", title_fa="ا", bonus_points=10, quantity=5
            ),
        )
        await privileges.decide_privilege(session, APPROVER, grant.id, ShowState.SHOWN)
        return seller.id, good.id, grant.id
