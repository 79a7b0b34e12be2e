"""Which card stands behind a reference of the feed, for services that have it blocked or released."""

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.services.cards.models import Card
from host_api.services.cards.states import CardStatus


async def card_in_hand(session: AnySession, reference: int) -> int | None:
    """The id of the active card with this reference, or of the newest; None where there is none."""
    rows = await session.execute(
        select(Card.id, Card.status).where(Card.reference == reference).order_by(Card.id.desc())
    )
    found = [(card_id, status) for card_id, status in rows]
    active = [card_id for card_id, status in found if status == CardStatus.ACTIVE]
    return next(iter([*active, *(card_id for card_id, _ in found)]), None)
