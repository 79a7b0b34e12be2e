"""A sheet of labels as SVG: name, price with tax and bar code, to be printed at its own size.

The texts stay texts: whoever draws the sheet (a browser, a printer's program) joins Persian letters and sets
them from right to left, with its own font.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.database import AnySession
from host_api.core.linear_barcode import EAN_13_DIGITS, bars_path, code_128, ean_13
from host_api.core.money import MoneyUnit, format_amount
from host_api.core.persian_text import persian_digits
from host_api.services.products import logic
from host_api.services.products.problems import LabelSheetNotFound, ProductHasNoPrice, StoreProductNotFound
from host_api.services.products.schemas import ProductUnit, StoreProductRead

_WIDTH_MM: Final = 210
_HEIGHT_MM: Final = 297
_QUIET_MODULES: Final = 11
# ISO/IEC 15420 calls 0.33 mm the nominal width of a module; twice that is the widest.
_WIDEST_MODULE_MM: Final = 0.66
_FONTS: Final = "Vazirmatn,Vazir,'Noto Naskh Arabic','Noto Sans Arabic',Tahoma,'DejaVu Sans',sans-serif"
# What a letter of these fonts takes at most on average, as part of the font's size.
_LETTER: Final = 0.56
_MOST_LABELS: Final = 400
_LINES: Final = 2
_SMALLER: Final = (1, 0.85, 0.7, 0.55)
UNITS_FA: Final = {
    ProductUnit.PIECE: "عدد",
    ProductUnit.GRAM: "گرم",
    ProductUnit.MILLILITRE: "میلی‌لیتر",
    ProductUnit.CENTIMETRE: "سانتی‌متر",
}
_WANTED: Final = re.compile(r"([0-9]{1,12})(?:x([0-9]{1,3}))?", re.ASCII)


class LabelQuery(BaseModel):
    """Which labels, and how they lie on an A4 sheet."""

    model_config = ConfigDict(extra="forbid")

    products: str = Field(
        max_length=1000,
        pattern=r"^[0-9]{1,12}(x[0-9]{1,3})?(,[0-9]{1,12}(x[0-9]{1,3})?)*$",
        description="Ids with how many labels of each, such as `5x12,7`; up to 400 labels.",
        examples=["1x12"],
    )
    sheet: int = Field(default=1, ge=1, le=_MOST_LABELS, description="Which sheet, where one is not enough.")
    columns: int = Field(default=3, ge=1, le=5)
    rows: int = Field(default=8, ge=1, le=12)
    margin_mm: int = Field(default=8, ge=0, le=30, description="Around the sheet.")
    unit: Annotated[MoneyUnit, Field(description="In which the price is written.")] = MoneyUnit.RIAL


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a label lies, millimetres."""

    left: float
    top: float
    width: float
    height: float


async def sheet_of(session: AnySession, query: LabelQuery) -> str:
    """One sheet.

    Raises:
        StoreProductNotFound, ProductHasNoPrice, LabelSheetNotFound
    """
    wanted = [(int(match[1]), int(match[2] or 1)) for match in _WANTED.finditer(query.products)]
    ids = [number for number, count in wanted for _ in range(count)][:_MOST_LABELS]
    at_once = query.columns * query.rows
    on_sheet = ids[(query.sheet - 1) * at_once : query.sheet * at_once]
    if not on_sheet:
        raise LabelSheetNotFound
    found = await logic.by_ids(session, set(on_sheet))
    shown = {read.id: read for read in await logic.shown(session, list(found.values()))}
    return draw_sheet(on_sheet, shown, query)


def draw_sheet(ids: Sequence[int], products: Mapping[int, StoreProductRead], query: LabelQuery) -> str:
    """The labels of these products, row by row.

    Raises:
        StoreProductNotFound, ProductHasNoPrice
    """
    width = (_WIDTH_MM - 2 * query.margin_mm) / query.columns
    height = (_HEIGHT_MM - 2 * query.margin_mm) / query.rows
    parts = []
    for place, number in enumerate(ids):
        product = products.get(number)
        if product is None:
            raise StoreProductNotFound
        row, column = divmod(place, query.columns)
        # The first label is where a Persian reader begins: at the top right.
        left = _WIDTH_MM - query.margin_mm - (column + 1) * width
        box = _Box(left, query.margin_mm + row * height, width, height)
        parts.append(_label(product, box, query.unit))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH_MM}mm" height="{_HEIGHT_MM}mm" '
        f'viewBox="0 0 {_WIDTH_MM} {_HEIGHT_MM}" font-family="{_FONTS}" fill="#000">\n'
        f'<path fill="#fff" d="M0 0h{_WIDTH_MM}v{_HEIGHT_MM}H0z"/>\n{"".join(parts)}</svg>\n'
    )


def _label(product: StoreProductRead, box: _Box, unit: MoneyUnit) -> str:
    if product.price_with_tax is None:
        raise ProductHasNoPrice
    size = min(box.height / 8, box.width / 11)
    inner = box.width * 0.92
    title_size, lines = _fitted(product.title_fa, inner, size)
    middle = box.left + box.width / 2
    top = box.top + box.height * 0.04
    parts = [
        _text(line, middle, top + size * 1.1 + title_size * 1.25 * number, title_size)
        for number, line in enumerate(lines)
    ]
    price = format_amount(product.price_with_tax, "fa", unit)
    if product.tag is not None:
        price = f"{product.tag} – {price}"  # a dot beside the number would be read as a zero
    if product.unit is not ProductUnit.PIECE or product.price_quantity != 1:
        price = f"{price} / {persian_digits(str(product.price_quantity))} {UNITS_FA[product.unit]}"
    price_size = min(size * 1.25, inner / (_LETTER * len(price)))
    parts.append(_text(price, middle, box.top + box.height * 0.55, price_size, weight="bold"))
    if product.barcode is not None:
        parts.append(_bars(product.barcode, box, size))
    frame = (
        f'<rect x="{box.left:.2f}" y="{box.top:.2f}" width="{box.width:.2f}" height="{box.height:.2f}" '
        'fill="none" stroke="#bbb" stroke-width="0.1"/>\n'
    )
    return frame + "".join(parts)


def _fitted(text: str, width: float, size: float) -> tuple[float, list[str]]:
    """A name in at most two lines, in smaller letters if need be; what then doesn't fit is left out by words.

    A number is never cut: half of it would be another weight.
    """
    for smaller in (size * part for part in _SMALLER):
        lines = _wrapped(text, max(1, int(width / (smaller * _LETTER))))
        if len(lines) <= _LINES:
            return smaller, lines
    return smaller, [*lines[: _LINES - 1], f"{lines[_LINES - 1]} …"]


def _wrapped(text: str, room: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _bars(barcode: str, box: _Box, size: float) -> str:
    modules = ean_13(barcode) if len(barcode) == EAN_13_DIGITS else code_128(barcode)
    room = box.width * 0.96
    module = min(_WIDEST_MODULE_MM, room / (len(modules) + 2 * _QUIET_MODULES))
    height = box.height * 0.24
    left = box.left + (box.width - module * len(modules)) / 2
    top = box.top + box.height * 0.62
    path = bars_path(modules, 1)
    bars = (
        f'<path transform="translate({left:.3f} {top:.3f}) scale({module:.4f} {height:.3f})" '
        f'shape-rendering="crispEdges" d="{path}"/>\n'
    )
    digits_size = min(size * 0.75, room / (0.65 * len(barcode)))
    middle = box.left + box.width / 2
    digits = _text(barcode, middle, top + height + digits_size * 1.05, digits_size, direction="ltr")
    return bars + digits


def _text(
    text: str, middle: float, base: float, size: float, *, weight: str = "normal", direction: str = "rtl"
) -> str:
    return (
        f'<text x="{middle:.2f}" y="{base:.2f}" font-size="{size:.2f}" font-weight="{weight}" '
        f'direction="{direction}" text-anchor="middle">{html.escape(text)}</text>\n'
    )
