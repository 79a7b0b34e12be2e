"""Issue of cards, and reading them."""

from collections.abc import Sequence

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.outbox import SubjectKind, SwitchStanding
from host_api.services.cards import record, repository
from host_api.services.cards.card_number import masked
from host_api.services.cards.events import CARD_ISSUED, CardIssuedEvent
from host_api.services.cards.lifecycle.change import Change, apply
from host_api.services.cards.listing import CardQuery, TransitionQuery
from host_api.services.cards.models import Card, CardTransition
from host_api.services.cards.numbers import blank_card, free_numbers, store
from host_api.services.cards.problems import CardNotFound, CardNumberTaken, HolderWanted, NoCardInStock
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.logic import GIFT_CARD_TYPE
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.schemas import CardCreate, CardIssue, CardIssued, CardRead, TransitionRead
from host_api.services.cards.states import CardStatus, ChangeReason
from host_api.services.members import logic as members
from host_api.services.merchants import logic as merchants


async def create(
    session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CardCreate
) -> CardIssued:
    """Make a card for a member or for the stock, with the number wanted or a new one, and send its record.

    Raises:
        members.MemberNotFound, merchants.BranchNotFound, CardNumberTaken, HolderWanted, ProductNotFound,
        ProductRetired, MemberMayNotHold, CardLimitReached
    """
    await check_branch(session, wanted.branch_id)
    product = await products.lock(session, wanted.card_type)
    if wanted.member_id is not None:
        await check_issue(session, product, wanted.member_id, wanted.branch_id)
    card, number = await add_card(session, cipher, product, wanted.number, wanted.branch_id)
    if wanted.member_id is not None:
        give_out(session, card, wanted.member_id, caller)
    else:
        tell_issued(session, card)
    await record.send(session, cipher, [card])
    return CardIssued(number=number, **read_of(card, outbox.PENDING).model_dump())


async def issue(session: WriteSession, cipher: FieldCipher, caller: Caller, wanted: CardIssue) -> CardRead:
    """Give a member a card of the stock.

    Raises:
        members.MemberNotFound, merchants.BranchNotFound, NoCardInStock, HolderWanted, ProductNotFound,
        ProductRetired, MemberMayNotHold, CardLimitReached
    """
    await check_branch(session, wanted.branch_id)
    card = await take_from_stock(session, cipher, wanted.card_type, wanted.number, wanted.branch_id)
    product = await products.find(session, card.product_id)
    await check_issue(session, product, wanted.member_id, card.branch_id)
    give_out(session, card, wanted.member_id, caller)
    await record.send(session, cipher, [card])
    return read_of(card, outbox.PENDING)


async def read(session: AnySession, card_id: int) -> CardRead:
    """One card.

    Raises:
        CardNotFound
    """
    card = await repository.find(session, card_id)
    if card is None:
        raise CardNotFound
    return read_of(card, await outbox.standing(session, SubjectKind.CARD, card_id))


async def read_page(session: ReadSession, query: CardQuery) -> Page[CardRead]:
    """A page of cards."""
    cards, next_cursor = await read_rows(session, select(Card), query)
    return Page(items=await read_all(session, cards), next_cursor=next_cursor)


async def read_all(session: AnySession, cards: Sequence[Card]) -> list[CardRead]:
    """Cards as they are read, in the same order."""
    standings = await outbox.standings(session, SubjectKind.CARD, [card.id for card in cards])
    return [read_of(card, standings.get(card.id, outbox.PENDING)) for card in cards]


async def read_transitions(
    session: ReadSession, card_id: int, query: TransitionQuery
) -> Page[TransitionRead]:
    """A page of what became of a card.

    Raises:
        CardNotFound
    """
    if await repository.find(session, card_id) is None:
        raise CardNotFound
    statement = select(CardTransition).where(CardTransition.card_id == card_id)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[TransitionRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def check_branch(session: AnySession, branch_id: int | None) -> None:
    """See that there is such a branch, where one is named.

    Raises:
        merchants.BranchNotFound
    """
    if branch_id is not None:
        await merchants.read_branch(session, branch_id)


async def check_issue(
    session: WriteSession, product: CardProduct, member_id: int, branch_id: int | None
) -> None:
    """See that the member may be given one more card of a product that `products.lock` gave.

    Raises:
        members.MemberNotFound, HolderWanted, MemberMayNotHold, CardLimitReached
    """
    if product.card_type == GIFT_CARD_TYPE:
        raise HolderWanted
    products.check_holder(product, await members.find(session, member_id))
    await products.check_limits(session, product, member_id=member_id, branch_id=branch_id)


async def add_card(
    session: WriteSession,
    cipher: FieldCipher,
    product: CardProduct,
    wanted: str | None,
    branch_id: int | None,
) -> tuple[Card, str]:
    """A new card of a product, in stock, with the number wanted or a free one; and the number.

    Raises:
        CardNumberTaken
    """
    number = wanted or (await free_numbers(session, cipher, product.number_digits, 1))[0]
    expires_on = products.last_day(product, utc_now())
    card = blank_card(product, number, CardStatus.NEW, expires_on=expires_on, branch_id=branch_id)
    if wanted is None:
        async with conflict_as(CardNumberTaken()):  # by somebody who drew the same at the same time
            await repository.add(session, cipher, [(card, number)])
    else:
        await store(session, cipher, card, number)
    return card, number


async def take_from_stock(
    session: WriteSession, cipher: FieldCipher, code: str, number: str | None, branch_id: int | None
) -> Card:
    """The card of the stock with this number, or the next free one; nobody else can take it any more.

    Raises:
        NoCardInStock, ProductNotFound, ProductRetired
    """
    if number is None:
        product = await products.lock(session, code)
        card = await repository.lock_next_free(session, product.id, branch_id)
    else:
        known = await repository.by_number(session, cipher, number)
        if known is None:
            raise NoCardInStock
        await products.lock(session, (await products.find(session, known.product_id)).code)
        card = await repository.lock(session, known.id)
    if card is None or card.status != CardStatus.NEW:
        raise NoCardInStock
    return card


def give_out(
    session: WriteSession,
    card: Card,
    member_id: int | None,
    caller: Caller,
    reason: ChangeReason = ChangeReason.ISSUED,
) -> None:
    """Make a card of the stock a member's, or a sold gift card.

    Raises:
        TransitionNotAllowed
    """
    card.member_id = member_id
    apply(session, card, Change(CardStatus.ACTIVE, reason, caller, is_told=False))
    tell_issued(session, card)


def tell_issued(session: WriteSession, card: Card) -> None:
    """Tell that a card was issued, to a member or to the stock."""
    payload = CardIssuedEvent(
        card_id=card.id,
        member_id=card.member_id,
        card_type=card.card_type,
        status=CardStatus(card.status),
    )
    emit(session, CARD_ISSUED, Subject("card", card.id), payload)


def read_of(card: Card, standing: SwitchStanding) -> CardRead:
    """A card as it is read."""
    return CardRead(
        id=card.id,
        reference=card.reference,
        masked_number=masked(card.first_six, card.last_four),
        member_id=card.member_id,
        card_type=card.card_type,
        product_id=card.product_id,
        status=CardStatus(card.status),
        status_reason=None if card.status_reason is None else ChangeReason(card.status_reason),
        expires_on=card.expires_on,
        branch_id=card.branch_id,
        order_id=card.order_id,
        replaces_id=card.replaces_id,
        created_at=card.created_at,
        issued_at=card.issued_at,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )
