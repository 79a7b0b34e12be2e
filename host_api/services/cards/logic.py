"""Issue of cards."""

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows
from host_api.core.outbox import SubjectKind, SwitchStanding
from host_api.services.cards import repository
from host_api.services.cards.card_number import mask_card_number, new_card_number
from host_api.services.cards.events import CARD_ISSUED, CardIssuedEvent
from host_api.services.cards.listing import CardQuery
from host_api.services.cards.models import Card
from host_api.services.cards.schemas import CardCreate, CardIssued, CardRead, CardStatus
from host_api.services.members import logic as members
from protocol.dialect import FileName, Tag

_STATUS_ON_SWITCH = {CardStatus.ACTIVE: "A", CardStatus.BLOCKED: "B", CardStatus.NEW: "N"}
_DRAWS = 8


class CardNotFound(Problem):
    """No card has this id."""

    status = 404
    code = "card-not-found"
    title = "Card not found"
    title_fa = "کارت پیدا نشد"
    detail = "There is no card with this id."
    detail_fa = "کارتی با این شناسه وجود ندارد."


class CardNumberTaken(Problem):
    """Another card has the number."""

    status = 409
    code = "card-number-taken"
    title = "Card number taken"
    title_fa = "شمارهٔ کارت تکراری است"
    detail = "Another card has this number already."
    detail_fa = "کارت دیگری با همین شماره ثبت شده است."
    field = "number"


async def create(session: WriteSession, wanted: CardCreate) -> CardIssued:
    """Give a member or the stock a card, with the number wanted or a new one, and send its record.

    Raises:
        members.MemberNotFound, CardNumberTaken
    """
    if wanted.member_id is not None:
        await members.read(session, wanted.member_id)
    card = Card(
        number=await _free_number(session, wanted.number),
        member_id=wanted.member_id,
        card_type=wanted.card_type,
        status=(CardStatus.NEW if wanted.member_id is None else CardStatus.ACTIVE).value,
        created_at=utc_now(),
    )
    async with conflict_as(CardNumberTaken()):
        await repository.add(session, card)
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.CARD,
        subject_id=card.id,
        file_name=FileName.CARD,
        card_number=card.number,
        record={
            Tag.MEMBER_NUMBER.value: f"{card.member_id or 0:012d}",
            Tag.STATUS.value: _STATUS_ON_SWITCH[CardStatus(card.status)],
            Tag.CARD_TYPE.value: card.card_type,
            Tag.CARD_REFERENCE.value: f"{card.id:012d}",
        },
    )
    emit(
        session,
        CARD_ISSUED,
        Subject("card", card.id),
        CardIssuedEvent(
            card_id=card.id,
            member_id=card.member_id,
            card_type=card.card_type,
            status=CardStatus(card.status),
        ),
    )
    return CardIssued(number=card.number, **_read(card, outbox.PENDING).model_dump())


async def read(session: AnySession, card_id: int) -> CardRead:
    """One card.

    Raises:
        CardNotFound
    """
    card = await repository.find(session, card_id)
    if card is None:
        raise CardNotFound
    return _read(card, await outbox.standing(session, SubjectKind.CARD, card_id))


async def read_page(session: ReadSession, query: CardQuery) -> Page[CardRead]:
    """A page of cards."""
    cards, next_cursor = await read_rows(session, select(Card), query)
    standings = await outbox.standings(session, SubjectKind.CARD, [card.id for card in cards])
    return Page(
        items=[_read(card, standings.get(card.id, outbox.PENDING)) for card in cards],
        next_cursor=next_cursor,
    )


async def _free_number(session: WriteSession, wanted: str | None) -> str:
    if wanted is not None:
        if await repository.is_number_taken(session, wanted):
            raise CardNumberTaken
        return wanted
    for _ in range(_DRAWS):
        number = new_card_number()
        if not await repository.is_number_taken(session, number):
            return number
    raise RuntimeError("every card number drawn was taken")


def _read(card: Card, standing: SwitchStanding) -> CardRead:
    return CardRead(
        id=card.id,
        masked_number=mask_card_number(card.number),
        member_id=card.member_id,
        card_type=card.card_type,
        status=CardStatus(card.status),
        created_at=card.created_at,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )
