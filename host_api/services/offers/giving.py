"""What a claim gives: a prize, a code, or a place in the group that a rule asks for."""

from host_api.core.access.caller import Caller
from host_api.core.database import WriteSession
from host_api.services.discount_codes.logic import take_code
from host_api.services.groups import logic as groups
from host_api.services.offers.models import Offer, OfferedMember
from host_api.services.offers.schemas import OfferedState
from host_api.services.prizes.logic import award

SERVICE = "offers"


async def give(session: WriteSession, offer: Offer, row: OfferedMember, caller: Caller) -> None:
    """Give what the offer holds out, for the claim that the row counts.

    Raises:
        prizes.PrizeNotFound, prizes.PrizeGone, discount_codes.PoolNotFound, discount_codes.PoolEmpty
    """
    reference = f"{offer.id}-{row.member_id}-{row.claims}"
    if offer.prize_id is not None:
        given = await award(
            session, offer.prize_id, row.member_id, service=SERVICE, reference=reference, caller=caller
        )
        row.given_id, row.used_at, row.uses = given.id, row.claimed_at, row.uses + 1
        row.state = OfferedState.USED.value
    elif offer.pool_id is not None:
        code = await take_code(session, offer.pool_id, row.member_id, service=SERVICE, reference=reference)
        row.given_id = code.id
    elif offer.group_id is not None:
        await groups.add_members(session, offer.group_id, [row.member_id])


async def take_away(session: WriteSession, offer: Offer, member_ids: list[int]) -> None:
    """Take members out of the group, so that the rule no longer holds for them."""
    if offer.group_id is None or not member_ids:
        return
    try:
        await groups.remove_members(session, offer.group_id, member_ids)
    except (groups.GroupNotFound, groups.GroupEnding, groups.NotForThisKind):
        return  # with the group its effect is gone, too


async def give_again(session: WriteSession, offer: Offer, row: OfferedMember) -> None:
    """Put a member back into the group: the sale that used the offer was undone."""
    if offer.group_id is None:
        return
    try:
        await groups.add_members(session, offer.group_id, [row.member_id])
    except (groups.GroupNotFound, groups.GroupEnding, groups.NotForThisKind):
        return
