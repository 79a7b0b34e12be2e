"""Hot-listing, releasing, destroying and replacing cards."""

from host_api.core import outbox
from host_api.core.access.caller import Caller
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.services.cards import logic as cards
from host_api.services.cards import record, repository
from host_api.services.cards.events import CARD_REPLACED, CardReplacedEvent
from host_api.services.cards.family.models import FamilyCard
from host_api.services.cards.lifecycle.change import Change, TransitionNotAllowed, apply
from host_api.services.cards.models import Card
from host_api.services.cards.problems import CardNotFound, NoCardInStock
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.logic import GIFT_CARD_TYPE
from host_api.services.cards.schemas import (
    CardBlock,
    CardDestruction,
    CardRead,
    CardRelease,
    CardReplaced,
    CardReplacement,
)
from host_api.services.cards.states import CardStatus, ChangeReason


async def block(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: CardBlock
) -> CardRead:
    """Hot-list a card: terminals refuse it as soon as the switch has the record.

    Raises:
        CardNotFound, TransitionNotAllowed
    """
    reason = ChangeReason(wanted.reason.value)
    change = Change(CardStatus.BLOCKED, reason, caller, wanted.note)
    return await _changed(session, cipher, card_id, change)


async def release(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: CardRelease
) -> CardRead:
    """Take a card off the hot list; a stolen one stays there.

    Raises:
        CardNotFound, TransitionNotAllowed
    """
    card = await _locked(session, card_id)
    if card.status != CardStatus.BLOCKED or card.status_reason == ChangeReason.STOLEN:
        raise TransitionNotAllowed
    change = Change(CardStatus.ACTIVE, ChangeReason.FOUND, caller, wanted.note)
    return await _changed(session, cipher, card_id, change)


async def destroy(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: CardDestruction
) -> CardRead:
    """Write a card off; the switch forgets it.

    Raises:
        CardNotFound, TransitionNotAllowed
    """
    reason = ChangeReason(wanted.reason.value)
    change = Change(CardStatus.DESTROYED, reason, caller, wanted.note)
    return await _changed(session, cipher, card_id, change)


async def replace(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: CardReplacement
) -> CardReplaced:
    """Give the holder another card and hot-list this one.

    What the member has stays with the member. A gift card's successor goes on with its reference, so what is
    left on it is on the new one at the same moment. Limits of the product don't count duplicates.

    Raises:
        CardNotFound, TransitionNotAllowed, NoCardInStock, merchants.BranchNotFound, ProductRetired
    """
    await cards.check_branch(session, wanted.branch_id)
    old = await _locked(session, card_id)
    product = await products.find(session, old.product_id)
    fee = 0 if wanted.is_fee_waived else product.replacement_fee
    reason = ChangeReason(wanted.reason.value)
    number: str | None = None
    apply(session, old, Change(CardStatus.REPLACED, reason, caller, wanted.note, fee))
    if wanted.from_stock or wanted.number is not None:
        new = await cards.take_from_stock(session, cipher, product.code, wanted.number, wanted.branch_id)
        if new.card_type != old.card_type:
            raise NoCardInStock
    else:
        product = await products.lock(session, product.code)
        new, number = await cards.add_card(session, cipher, product, None, wanted.branch_id)
    new.replaces_id = old.id
    if old.card_type == GIFT_CARD_TYPE:
        new.reference = old.reference
    cards.give_out(session, new, old.member_id, caller, reason)
    await _hand_family_card_on(session, old, new)
    replaced = CardReplacedEvent(card_id=new.id, replaces_id=old.id, member_id=new.member_id, fee=fee)
    emit(session, CARD_REPLACED, Subject("card", new.id), replaced)
    await record.send(session, cipher, [old, new])  # the old one is refused before the new one is good
    return CardReplaced(card=cards.read_of(new, outbox.PENDING), number=number, fee=fee)


async def _hand_family_card_on(session: WriteSession, old: Card, new: Card) -> None:
    family_card = await session.get(FamilyCard, old.id)
    if family_card is not None:
        session.add(family_card.of_successor(new.id))
        await session.delete(family_card)


async def _locked(session: WriteSession, card_id: int) -> Card:
    card = await repository.lock(session, card_id)
    if card is None:
        raise CardNotFound
    return card


async def _changed(session: WriteSession, cipher: FieldCipher, card_id: int, change: Change) -> CardRead:
    card = await _locked(session, card_id)
    apply(session, card, change)
    await record.send(session, cipher, [card])
    return cards.read_of(card, outbox.PENDING)
