"""Queries of the cards service."""

from sqlalchemy import exists, select

from host_api.core.database import AnySession, WriteSession
from host_api.services.cards.models import Card


async def add(session: WriteSession, card: Card) -> None:
    """Store a new card and give it its id."""
    session.add(card)
    await session.flush()


async def is_number_taken(session: AnySession, number: str) -> bool:
    """Whether a card has this number already."""
    return bool(await session.scalar(select(exists().where(Card.number == number))))


async def find(session: AnySession, card_id: int) -> Card | None:
    """The card with this id."""
    return await session.get(Card, card_id)


async def page(session: AnySession, *, member_id: int | None, after: int | None, limit: int) -> list[Card]:
    """Cards in the order of issue."""
    statement = select(Card).order_by(Card.id).limit(limit)
    if member_id is not None:
        statement = statement.where(Card.member_id == member_id)
    if after is not None:
        statement = statement.where(Card.id > after)
    return list(await session.scalars(statement))
