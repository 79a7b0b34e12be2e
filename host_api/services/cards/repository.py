"""Queries of the cards service."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from host_api.core.bulk.row_numbers import number_to_seal
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.services.cards.digital.models import CODE_NUMBER, CardCode
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.states import CardStatus


async def add(session: WriteSession, cipher: FieldCipher, cards: Sequence[tuple[Card, str]]) -> None:
    """Store new cards with their numbers; each gets its id, and is its own reference.

    Raises:
        sqlalchemy.exc.IntegrityError: a number is taken.
    """
    await number_to_seal(session, [card for card, _ in cards])
    for card, number in cards:
        card.reference = card.id
        NUMBER.seal(cipher, card, number)
    await session.flush()


async def numbers_taken(session: AnySession, cipher: FieldCipher, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that a card has, or a code that stands for one."""
    programme_id = programme_of(session.sync_session)
    taken: set[str] = set()
    for field, column in ((NUMBER, Card.number_index), (CODE_NUMBER, CardCode.number_index)):
        by_index = {
            index: number for number in numbers for index in cipher.indexes(programme_id, field.name, number)
        }
        found = await session.scalars(select(column).where(column.in_(list(by_index))))
        taken.update(by_index[index] for index in found if index is not None)
    return taken


async def find(session: AnySession, card_id: int) -> Card | None:
    """The card with this id."""
    return await session.get(Card, card_id)


async def find_many(session: AnySession, card_ids: Sequence[int]) -> list[Card]:
    """Cards by id."""
    return list(await session.scalars(select(Card).where(Card.id.in_(card_ids)).order_by(Card.id)))


async def lock(session: WriteSession, card_id: int) -> Card | None:
    """The same, kept from other writers until the transaction ends."""
    return await session.get(Card, card_id, with_for_update=True)


async def lock_many(session: WriteSession, card_ids: Sequence[int]) -> list[Card]:
    """Cards by id, kept from other writers."""
    rows = await session.scalars(
        select(Card).where(Card.id.in_(card_ids)).order_by(Card.id).with_for_update()
    )
    return list(rows)


async def by_number(
    session: AnySession, cipher: FieldCipher, number: str, *, live_at: datetime | None = None
) -> Card | None:
    """The card with this number, or with `live_at` one for which a code with this number then stands."""
    programme_id = programme_of(session.sync_session)
    # One after the other: for both at once SQLite would read all cards of the programme.
    found: Card | None = await session.scalar(
        select(Card).where(NUMBER.equals(cipher, programme_id, number)).limit(1)
    )
    if found is not None or live_at is None:
        return found
    of_code = select(CardCode.card_id).where(
        CODE_NUMBER.equals(cipher, programme_id, number),
        or_(CardCode.expires_at.is_(None), CardCode.expires_at > live_at),
    )
    of_its: Card | None = await session.scalar(select(Card).where(Card.id.in_(of_code)).limit(1))
    return of_its


async def member_of_phone(session: AnySession, cipher: FieldCipher, digits: str) -> int | None:
    """The member whose phone number serves as a card."""
    programme_id = programme_of(session.sync_session)
    found: int | None = await session.scalar(
        select(CardCode.member_id).where(
            CODE_NUMBER.equals(cipher, programme_id, digits), CardCode.card_id.is_(None)
        )
    )
    return found


async def lock_next_free(session: WriteSession, product_id: int, branch_id: int | None) -> Card | None:
    """The oldest card of a branch's stock, or of the club's own, kept from other writers."""
    place = Card.branch_id.is_(None) if branch_id is None else Card.branch_id == branch_id
    found: Card | None = await session.scalar(
        select(Card)
        .where(Card.product_id == product_id, place, Card.status == CardStatus.NEW.value)
        .order_by(Card.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found
