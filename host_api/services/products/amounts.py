"""What a quantity costs: whole rials, halves up, rounded once for each figure of a line."""

from typing import Final

_WHOLE_RATE: Final = 10_000


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number of a fraction that is not negative; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)


def net_of(price: int, quantity: int, price_quantity: int) -> int:
    """Rials for so many of a unit, of which `price_quantity` cost `price`."""
    return half_up(price * quantity, price_quantity)


def tax_of(net: int, tax_rate: int) -> int:
    """Tax on a net amount, at a rate in hundredths of a percent."""
    return half_up(net * tax_rate, _WHOLE_RATE)


def part_of(whole: int, count: int, of_count: int) -> int:
    """What so many of a line's units have of an amount; all of them have all of it."""
    return whole * count // of_count
