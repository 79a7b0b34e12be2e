"""Numbers for new cards: free ones, drawn or given."""

from datetime import date

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession, conflict_as
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.cards import repository
from host_api.services.cards.card_number import new_card_number
from host_api.services.cards.models import Card
from host_api.services.cards.problems import CardNumberTaken
from host_api.services.cards.products.models import CardProduct
from host_api.services.cards.states import CardStatus

_DRAWS = 8


def blank_card(
    product: CardProduct,
    number: str,
    status: CardStatus,
    *,
    expires_on: date | None,
    member_id: int | None = None,
    branch_id: int | None = None,
    order_id: int | None = None,
) -> Card:
    """A card of a product, not stored yet."""
    return Card(
        reference=0,
        first_six=number[:6],
        last_four=number[-4:],
        product_id=product.id,
        card_type=product.card_type,
        member_id=member_id,
        status=status.value,
        status_reason=None,
        expires_on=expires_on,
        branch_id=branch_id,
        order_id=order_id,
        replaces_id=None,
        feed_position=0,
        created_at=utc_now(),
        issued_at=None,
    )


async def store(session: WriteSession, cipher: FieldCipher, card: Card, number: str) -> None:
    """Store a card under a number that was given.

    Raises:
        CardNumberTaken
    """
    if await repository.numbers_taken(session, cipher, [number]):
        raise CardNumberTaken
    async with conflict_as(CardNumberTaken()), session.begin_nested():
        await repository.add(session, cipher, [(card, number)])


async def free_numbers(
    session: WriteSession, cipher: FieldCipher, product_digits: str, count: int
) -> list[str]:
    """So many different numbers that nothing has.

    Raises:
        RuntimeError: too many draws were in vain: the range is nearly used up.
    """
    found: set[str] = set()
    for _ in range(_DRAWS):
        drawn = {new_card_number(product_digits) for _ in range(count - len(found))} - found
        found |= drawn - await repository.numbers_taken(session, cipher, sorted(drawn))
        if len(found) == count:
            return list(found)
    raise RuntimeError("nearly every card number drawn was taken")
