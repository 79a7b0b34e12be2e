"""Cards that follow their member into another record, and cards that are blocked with theirs."""

from collections.abc import Collection

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.cards import record, repository
from host_api.services.cards.digital import logic as digital
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.models import Card
from host_api.services.cards.states import CardStatus, ChangeReason


async def ids_of(session: AnySession, member_id: int) -> list[int]:
    """The cards of a member."""
    return list(await session.scalars(select(Card.id).where(Card.member_id == member_id).order_by(Card.id)))


async def reassign(
    session: WriteSession,
    cipher: FieldCipher,
    from_member: int,
    to_member: int,
    card_ids: Collection[int] | None = None,
) -> list[int]:
    """Give cards of a member to another, and send their records to the switch.

    Parameters:
        card_ids: which of them; None for all, and then the member's phone number is no card any more.

    Returns:
        Ids of the cards that changed hands; cards of anybody else are passed over.
    """
    held = await repository.lock_many(session, await ids_of(session, from_member))
    moved = [card for card in held if card_ids is None or card.id in card_ids]
    for card in moved:
        card.member_id = to_member
    await record.send(session, cipher, moved)
    if card_ids is None:
        await digital.forget_phones(session, cipher, from_member)
    return [card.id for card in moved]


async def block_all(session: WriteSession, cipher: FieldCipher, caller: Caller, member_id: int) -> list[Card]:
    """Block all cards of a member here and on the switch, and the phone number that serves as one.

    Returns:
        All cards that the member ever had, also those that were blocked already.
    """
    cards = await repository.lock_many(session, await ids_of(session, member_id))
    blocked = [card for card in cards if card.status == CardStatus.ACTIVE]
    for card in blocked:
        apply(session, card, Change(CardStatus.BLOCKED, ChangeReason.BY_CLUB, caller))
    await record.send(session, cipher, blocked)
    await digital.forget_phones(session, cipher, member_id)
    return cards
