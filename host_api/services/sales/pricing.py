"""What the lines of a sale come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from host_api.core.database import AnySession
from host_api.services.products import logic as products
from host_api.services.products import prices
from host_api.services.products.amounts import net_of, tax_of
from host_api.services.products.models import Product
from host_api.services.sales.problems import SaleLinesRefused
from host_api.services.sales.schemas import BasketLine

_Fault = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its product; `net` is after the discount, `tax` is added to it."""

    product: Product
    quantity: int
    unit_price: int
    discount: int
    net: int
    tax: int

    @property
    def total(self) -> int:
        """What the customer pays for it."""
        return self.net + self.tax


async def priced(
    session: AnySession, merchant: int, lines: Sequence[BasketLine], at: datetime
) -> list[PricedLine]:
    """The lines with what they come to, at the prices of `at` where a line has none of its own.

    Raises:
        SaleLinesRefused: names each line that can't be sold.
    """
    found = await products.by_codes(session, merchant, {line.product for line in lines})
    costs = await prices.prices_at(session, {product.id for product in found.values()}, at)
    done: list[PricedLine] = []
    faults: list[_Fault] = []
    for index, line in enumerate(lines):
        result = _priced(line, found.get(line.product), costs, f"lines.{index}")
        if isinstance(result, PricedLine):
            done.append(result)
        else:
            faults.append(result)
    if faults:
        raise SaleLinesRefused(faults)
    return done


def _priced(
    line: BasketLine, product: Product | None, costs: dict[int, int], field: str
) -> PricedLine | _Fault:
    if product is None:
        text = "The merchant has no such product", "پذیرنده چنین محصولی ندارد."
        return f"{field}.product", "product-not-found", *text
    if not product.is_open:
        return f"{field}.product", "product-closed", "It is not sold any more", "دیگر فروخته نمی‌شود."
    price = costs.get(product.id) if line.unit_price is None else line.unit_price
    if price is None:
        text = "It has no price at that time", "در آن زمان قیمتی ندارد."
        return f"{field}.unit_price", "product-has-no-price", *text
    before = net_of(price, line.quantity, product.price_quantity)
    if line.discount > before:
        text = "It is more than the line comes to", "بیش از مبلغ ردیف است."
        return f"{field}.discount", "discount-too-large", *text
    net = before - line.discount
    return PricedLine(product, line.quantity, price, line.discount, net, tax_of(net, product.tax_rate))
