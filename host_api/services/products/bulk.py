"""Products from files: all of a file or none, with their groups by code and their prices."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from host_api.core.audit import audited_caller
from host_api.core.bulk.file_fault import RowFault
from host_api.core.bulk.import_declaration import Importable, ImportColumn, NumberedRows
from host_api.core.bulk.import_job import import_kind
from host_api.core.database import AnySession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.jobs.declaration import JobFailed
from host_api.core.money import LARGEST_AMOUNT
from host_api.core.persian_text import fold_digits, name_key
from host_api.core.short_code import ShortCode
from host_api.services.products import access, groups, logic
from host_api.services.products.labels import UNITS_FA
from host_api.services.products.problems import StoreProductCodeTaken
from host_api.services.products.schemas import (
    LARGEST_QUANTITY,
    Barcode,
    Id,
    Price,
    ProductCode,
    ProductUnit,
    StoreProductCreate,
    Tag,
    Title,
)

_TAKEN: Final = "product-code-taken"
_MOST_DIGITS: Final = len(str(LARGEST_AMOUNT))
_FAULTS: Final = {
    "product-group-not-found": (
        "This merchant has no group of products with this code",
        "این پذیرنده گروه محصولی با این کد ندارد.",
    ),
    "barcode-taken": ("Another product has this bar code", "محصول دیگری این بارکد را دارد."),
    "double-barcode": ("An earlier row has the same bar code", "سطر پیشتری همین بارکد را دارد."),
    "unit-is-fixed": (
        "This product has another unit, which never changes: its prices and documents count it",
        "واحد این محصول چیز دیگری است و تغییر نمی‌کند: قیمت‌ها و اسناد با آن شمرده شده است.",
    ),
}
_UNITS: Final = {name_key(title): unit.value for unit, title in UNITS_FA.items()}


def _whole(value: object) -> object:
    """A whole number that came as text; anything but digits stays what it is, and is refused."""
    text = fold_digits(value).strip() if isinstance(value, str) else ""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else value


def _digits(value: object) -> object:
    """A code that a sheet holds as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return fold_digits(str(value)).strip() if is_number or isinstance(value, str) else value


def _unit(value: object) -> object:
    return _UNITS.get(name_key(value), value.strip().lower()) if isinstance(value, str) else value


_AsWritten = (Strict(), BeforeValidator(_whole))


class ProductRow(BaseModel):
    """A product as a row of a file gives it; its merchant and code tell which it is."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    merchant: Annotated[Id, *_AsWritten]
    group: Annotated[ShortCode, BeforeValidator(_digits)]
    code: Annotated[ProductCode, BeforeValidator(_digits)]
    barcode: Annotated[Barcode, BeforeValidator(_digits)] | None = None
    title: Title
    title_fa: Title
    tag: Tag | None = None
    unit: Annotated[ProductUnit, BeforeValidator(_unit)] = ProductUnit.PIECE
    price_quantity: Annotated[int, Field(ge=1, le=LARGEST_QUANTITY), *_AsWritten] = 1
    tax_rate: Annotated[int, Field(ge=0, le=10_000), *_AsWritten] = 0
    price: Annotated[Price, *_AsWritten] | None = None


def _key(row: ProductRow) -> str:
    return f"{row.merchant}:{row.code}"


async def _existing(session: AnySession, _cipher: FieldCipher, keys: Sequence[str]) -> Mapping[str, int]:
    wanted = [(int(merchant), code) for merchant, _, code in (key.partition(":") for key in keys)]
    found = await logic.by_own_codes(session, wanted)
    return {f"{merchant}:{code}": product.id for (merchant, code), product in found.items()}


async def _check(
    session: AnySession, _cipher: FieldCipher, rows: NumberedRows[ProductRow]
) -> Sequence[RowFault]:
    """What of the file doesn't go with the groups and products that are there, or with its other rows."""
    faults: list[RowFault] = []
    seen: set[tuple[int, str]] = set()
    async for some in rows:
        hung = await groups.ids_by_code(session, {(row.merchant, row.group) for _, row in some})
        there = await logic.by_own_codes(session, {(row.merchant, row.code) for _, row in some})
        barcodes = {(row.merchant, row.barcode) for _, row in some if row.barcode is not None}
        marked = await logic.by_barcodes(session, barcodes)
        for number, row in some:
            if (row.merchant, row.group) not in hung:
                faults.append(_fault(number, "group", "product-group-not-found"))
            product = there.get((row.merchant, row.code))
            faults += [
                _fault(number, column, "unit-is-fixed")
                for column in ("unit", "price_quantity")
                if product is not None
                and column in row.model_fields_set
                and getattr(product, column) != getattr(row, column)
            ]
            if row.barcode is None:
                continue
            owner = marked.get((row.merchant, row.barcode))
            if owner is not None and owner.code != row.code:
                faults.append(_fault(number, "barcode", "barcode-taken"))
            elif (row.merchant, row.barcode) in seen:
                faults.append(_fault(number, "barcode", "double-barcode"))
            seen.add((row.merchant, row.barcode))
    return faults


async def _insert(session: WriteSession, _cipher: FieldCipher, rows: Sequence[ProductRow]) -> list[int]:
    """Register the products of some rows, which were checked.

    Raises:
        JobFailed: another registered one of these codes or bar codes meanwhile.
    """
    hung = await groups.ids_by_code(session, {(row.merchant, row.group) for row in rows})
    wanted = [
        StoreProductCreate(
            **row.model_dump(exclude={"merchant", "group"}), group_id=hung[row.merchant, row.group]
        )
        for row in rows
    ]
    try:
        products = await logic.create_many(session, wanted, audited_caller(session))
    except StoreProductCodeTaken:
        raise JobFailed(_TAKEN) from None
    return [product.id for product in products]


async def _replace(session: WriteSession, _cipher: FieldCipher, rows: Mapping[int, ProductRow]) -> None:
    """Write what rows give into their products.

    Raises:
        JobFailed: another product got one of these bar codes meanwhile.
    """
    hung = await groups.ids_by_code(session, {(row.merchant, row.group) for row in rows.values()})
    given = {
        product_id: row.model_dump(
            exclude_unset=True, include={"barcode", "title", "title_fa", "tag", "tax_rate"}
        )
        | {"group_id": hung[row.merchant, row.group]}
        for product_id, row in rows.items()
    }
    costs = {product_id: row.price for product_id, row in rows.items() if row.price is not None}
    try:
        await logic.replace_many(session, given, costs, audited_caller(session))
    except StoreProductCodeTaken:
        raise JobFailed(_TAKEN) from None


def _fault(number: int, column: str, code: str) -> RowFault:
    return RowFault(number, column, code, *_FAULTS[code])


PRODUCTS_IMPORT: Final = import_kind(
    Importable(
        name="products",
        permission=access.WRITE,
        row=ProductRow,
        columns=(
            ImportColumn("merchant", "Merchant", "پذیرنده"),
            ImportColumn("group", "Group code", "کد گروه"),
            ImportColumn("code", "Code", "کد", ("sku",)),
            ImportColumn("barcode", "Bar code", "بارکد"),
            ImportColumn("title", "Title", "عنوان انگلیسی"),
            ImportColumn("title_fa", "Persian title", "عنوان"),
            ImportColumn("tag", "Tag", "برچسب"),
            ImportColumn("unit", "Unit", "واحد"),
            ImportColumn("price_quantity", "Price is for", "قیمت برای"),
            ImportColumn("tax_rate", "Tax rate", "نرخ مالیات"),
            ImportColumn("price", "Price", "قیمت"),
        ),
        ignored=(),
        key=_key,
        existing=_existing,
        insert=_insert,
        replace=_replace,
        check=_check,
    )
)
