"""Finding cards by what a receipt shows of them, and the number of one that is to be named to the switch."""

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.cards.card_number import masked as mask
from host_api.services.cards.models import NUMBER, Card
from host_api.services.cards.repository import by_number
from host_api.services.cards.states import CardStatus
from host_api.services.transactions.search import finds_cards

_FIRST, _LAST = 6, 4


@finds_cards
async def references_by_masked_number(session: AnySession, masked: str, limit: int) -> list[int]:
    """References of up to `limit` cards whose numbers begin and end as `masked` does.

    Parameters:
        masked: sixteen characters, of which the first six and the last four are digits.
    """
    found = await session.scalars(
        select(Card.reference)
        .where(Card.first_six == masked[:_FIRST], Card.last_four == masked[-_LAST:])
        .order_by(Card.reference)
        .limit(limit)
    )
    return list(found)


async def masked_number(session: AnySession, reference: int) -> str | None:
    """The newest card with this reference, as it is shown; None where there is none."""
    card = await _newest(session, reference)
    return None if card is None else mask(card.first_six, card.last_four)


async def number_of(session: AnySession, cipher: FieldCipher, reference: int) -> str | None:
    """The whole number of the newest card with this reference, for a message to the switch alone."""
    card = await _newest(session, reference)
    return None if card is None else NUMBER.open(cipher, card)


async def holder_of(session: AnySession, cipher: FieldCipher, number: str) -> int | None:
    """The member whose active card has this number; None where there is none."""
    card = await by_number(session, cipher, number)
    return None if card is None or card.status != CardStatus.ACTIVE else card.member_id


async def _newest(session: AnySession, reference: int) -> Card | None:
    return (
        await session.scalars(
            select(Card).where(Card.reference == reference).order_by(Card.id.desc()).limit(1)
        )
    ).first()
