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
