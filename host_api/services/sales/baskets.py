"""Lines of sales and returns as the switch's basket has them: by product, with its group as the category."""

from collections.abc import Sequence
from typing import Final

from host_api.core.database import AnySession
from host_api.services.products import groups
from host_api.services.products.models import Product
from host_api.services.products.schemas import LARGEST_QUANTITY
from host_api.services.transaction_requests.basket import BYTES_MAX, LINES_MAX, ReturnLine, basket_text

_NO_BASKET: Final[list[ReturnLine]] = []


async def basket_of(session: AnySession, parts: Sequence[tuple[Product, int, int]]) -> list[ReturnLine]:
    """The basket of products with quantities and amounts; empty where the message has no room for it."""
    sums: dict[int, tuple[Product, int, int]] = {}
    for product, quantity, amount in parts:
        _, known_quantity, known_amount = sums.get(product.id, (product, 0, 0))
        sums[product.id] = product, known_quantity + quantity, known_amount + amount
    merged = list(sums.values())
    if len(merged) > LINES_MAX or any(
        not 0 < quantity <= LARGEST_QUANTITY or amount <= 0 for _, quantity, amount in merged
    ):
        return _NO_BASKET
    codes = {
        group_id: (await groups.find(session, group_id)).code
        for group_id in sorted({product.group_id for product, _, _ in merged})
    }
    lines = [
        ReturnLine(sku=product.code, category=codes[product.group_id], quantity=quantity, amount=amount)
        for product, quantity, amount in merged
    ]
    return lines if len(basket_text(lines).encode()) <= BYTES_MAX else _NO_BASKET
