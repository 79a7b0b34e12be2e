"""Selling gift cards, loading them, and what is on them. The value itself lies on the switch, on the card."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.errors import Problem
from host_api.core.ledger.bank import request_points
from host_api.core.ledger.movements import load
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.listing import Page, read_rows
from host_api.services.cards import logic as cards
from host_api.services.cards import record, repository
from host_api.services.cards.gift.listing import LoadQuery
from host_api.services.cards.gift.models import GiftLoad
from host_api.services.cards.gift.schemas import GiftCardRead, GiftLoadCreate, GiftLoadRead, LoadState
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.problems import CardNotFound
from host_api.services.cards.products import logic as products
from host_api.services.cards.products.logic import GIFT_CARD_TYPE
from host_api.services.cards.states import CardStatus, ChangeReason
from host_api.services.transactions import logic as transactions
from protocol.dialect import PurseCode

SERVICE: Final = "gift_cards"

# The buyer stands at the counter: what the switch has not answered by then is taken back.
PATIENCE: Final = timedelta(minutes=15)

# What rules call the purse of stored value.
_GIFT_PURSE: Final = "gift"

_STATES: Final = {
    RequestState.APPROVED: LoadState.DONE,
    RequestState.DECLINED: LoadState.FAILED,
    RequestState.REVERSED: LoadState.FAILED,
    RequestState.DOUBTFUL: LoadState.DOUBTFUL,
}


class NotAGiftCard(Problem):
    """The card holds no value of its own, or is in a state in which it can't be loaded."""

    status = 409
    code = "not-a-gift-card"
    title = "No gift card to be loaded"
    title_fa = "کارت هدیهٔ قابل شارژ نیست"
    detail = "Only a gift card can be loaded: one of the stock when it is sold, an active one later."
    detail_fa = "تنها کارت هدیه شارژ می‌شود: کارت انبار هنگام فروش، و کارت فعال پس از آن."


class LoadNotFound(Problem):
    """No load has this id."""

    status = 404
    code = "gift-load-not-found"
    title = "Load not found"
    title_fa = "شارژ پیدا نشد"
    detail = "There is no load of a gift card with this id."
    detail_fa = "شارژ کارت هدیه‌ای با این شناسه وجود ندارد."


async def sell(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: GiftLoadCreate
) -> tuple[GiftLoadRead, int]:
    """Make a gift card of the stock good and load it. The load, and its request's id.

    Raises:
        CardNotFound, NotAGiftCard, ProductRetired, CardLimitReached
    """
    found = await _find(session, card_id)
    product = await products.find(session, found.product_id)
    product = await products.lock(session, product.code)
    card = await repository.lock(session, card_id)
    if card is None or card.status != CardStatus.NEW:
        raise NotAGiftCard
    await products.check_limits(session, product, member_id=None, branch_id=card.branch_id)
    cards.give_out(session, card, None, caller, ChangeReason.SOLD)
    await record.send(session, cipher, [card])
    return await _load(session, cipher, caller, card, wanted)


async def load_again(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card_id: int, wanted: GiftLoadCreate
) -> tuple[GiftLoadRead, int]:
    """Load a gift card that was sold, also one whose first load failed. The load, and its request's id.

    Raises:
        CardNotFound, NotAGiftCard
    """
    await _find(session, card_id)
    card = await repository.lock(session, card_id)
    if card is None or card.status != CardStatus.ACTIVE:
        raise NotAGiftCard
    return await _load(session, cipher, caller, card, wanted)


async def read(session: AnySession, card_id: int) -> GiftCardRead:
    """A gift card and what is on it.

    Raises:
        CardNotFound, NotAGiftCard
    """
    card = await _find(session, card_id)
    # A card that was replaced has handed its value on.
    is_replaced = card.status == CardStatus.REPLACED
    purses = [] if is_replaced else await transactions.purses_of_gift_card(session, card.reference)
    balance = sum(purse.amount for purse in purses if purse.purse == _GIFT_PURSE)
    return GiftCardRead(card=await cards.read(session, card_id), balance=balance, purses=purses)


async def read_load(session: AnySession, load_id: int) -> GiftLoadRead:
    """One load.

    Raises:
        LoadNotFound
    """
    found = await session.get(GiftLoad, load_id)
    if found is None:
        raise LoadNotFound
    return GiftLoadRead.model_validate(found)


async def read_loads(session: ReadSession, query: LoadQuery) -> Page[GiftLoadRead]:
    """A page of loads."""
    rows, next_cursor = await read_rows(session, select(GiftLoad), query)
    return Page(items=[GiftLoadRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def on_outcome(session: WriteSession, outcome: Outcome) -> None:
    """Keep what the switch made of a load."""
    found = await session.get(GiftLoad, int(outcome.reference))
    if found is None:
        raise LookupError("a load has gone")
    found.state = _STATES[outcome.state].value
    found.response_code = outcome.response_code
    found.rrn = outcome.rrn
    found.balance_after = outcome.balances.get(str(int(PurseCode.GIFT)))
    found.finished_at = utc_now()


async def _find(session: AnySession, card_id: int) -> Card:
    card = await repository.find(session, card_id)
    if card is None:
        raise CardNotFound
    if card.card_type != GIFT_CARD_TYPE:
        raise NotAGiftCard
    return card


async def _load(
    session: WriteSession, cipher: FieldCipher, caller: Caller, card: Card, wanted: GiftLoadCreate
) -> tuple[GiftLoadRead, int]:
    made = GiftLoad(
        card_id=card.id,
        merchant_id=wanted.merchant_id,
        amount=wanted.amount,
        state=LoadState.SENT.value,
        asked_by_name=caller.name,
        asked_at=utc_now(),
    )
    session.add(made)
    await session.flush()
    movement = load(
        int(PurseCode.GIFT),
        wanted.amount,
        merchant_id=wanted.merchant_id,
        card_number=NUMBER.open(cipher, card),
    )
    request_id = await request_points(
        session,
        movement,
        service=SERVICE,
        reference=str(made.id),
        asked_by=caller,
        patience=PATIENCE,
        cipher=cipher,
    )
    made.request_id = request_id
    await session.flush()
    return GiftLoadRead.model_validate(made), request_id
