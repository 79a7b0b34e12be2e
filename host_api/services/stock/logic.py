"""The stock ledger: what comes in and goes out, and the levels that it sums to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.counted_rows import change_count
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.services.merchants import logic as merchants
from host_api.services.products import logic as products
from host_api.services.stock.events import STOCK_RAN_OUT, StockRanOut
from host_api.services.stock.listing import StockEntryFilters, StockEntryQuery, StockLevelQuery
from host_api.services.stock.models import StockEntry, StockLevel, StockRule
from host_api.services.stock.problems import NotInStock, ProductOfAnotherMerchant
from host_api.services.stock.schemas import (
    StockEntryKind,
    StockEntryRead,
    StockLevelRead,
    StockReceiptCreate,
    StockRuleRead,
)

_NOTHING: Final = 0


@dataclass(frozen=True, slots=True)
class StockMove:
    """A change of one product's level.

    Parameters:
        field: names it in a refusal, such as `lines.0.quantity`.
    """

    product_id: int
    change: int
    field: str = "quantity"


async def book(
    session: WriteSession,
    branch_id: int,
    moves: Sequence[StockMove],
    kind: StockEntryKind,
    caller: Caller,
    *,
    document_id: int | None = None,
    note: str | None = None,
) -> list[StockEntry]:
    """Write changes of a branch's levels down, all or none: the caller's transaction ends with a refusal.

    Raises:
        NotInStock: names each that would fall too low.
    """
    least = None if await may_go_below_zero(session, branch_id) else 0
    now = utc_now()
    missing = [
        {"branch_id": branch_id, "product_id": product_id, "quantity": _NOTHING}
        for product_id in sorted({move.product_id for move in moves})
    ]
    await insert_missing(session, StockLevel, missing)
    entries: list[StockEntry] = []
    refused: list[str] = []
    # In the order of ids, so that no two documents wait for one another.
    for move in sorted(moves, key=lambda each: each.product_id):
        left = await change_count(
            session, StockLevel.quantity, _level(branch_id, move.product_id), move.change, least=least
        )
        if left is None:
            refused.append(move.field)
            continue
        entries.append(
            StockEntry(
                branch_id=branch_id,
                product_id=move.product_id,
                kind=kind.value,
                document_id=document_id,
                change=move.change,
                level_after=left,
                note=note,
                at=now,
                by_name=caller.name,
            )
        )
        if left <= 0 < left - move.change:
            emit(
                session,
                STOCK_RAN_OUT,
                Subject("product", move.product_id),
                StockRanOut(product_id=move.product_id, branch_id=branch_id),
            )
    if refused:
        raise NotInStock(refused)
    session.add_all(entries)
    await session.flush()
    return entries


async def receive(session: WriteSession, wanted: StockReceiptCreate, caller: Caller) -> StockEntryRead:
    """Let goods come in.

    Raises:
        merchants.BranchNotFound, products.StoreProductNotFound, ProductOfAnotherMerchant
    """
    return await _book_one(session, wanted, StockEntryKind.RECEIPT, wanted.quantity, caller)


async def write_off(session: WriteSession, wanted: StockReceiptCreate, caller: Caller) -> StockEntryRead:
    """Take broken or lost goods out.

    Raises:
        merchants.BranchNotFound, products.StoreProductNotFound, ProductOfAnotherMerchant, NotInStock
    """
    return await _book_one(session, wanted, StockEntryKind.WRITE_OFF, -wanted.quantity, caller)


async def check_product(session: AnySession, branch_id: int, product_id: int) -> None:
    """See that a branch may have a product.

    Raises:
        merchants.BranchNotFound, products.StoreProductNotFound, ProductOfAnotherMerchant
    """
    branch = await merchants.find_branch(session, branch_id)
    product = await products.find(session, product_id)
    if branch.merchant_key != product.merchant:
        raise ProductOfAnotherMerchant


async def locked_level(session: WriteSession, branch_id: int, product_id: int) -> int:
    """How much a branch has of a product, which nobody changes until the transaction ends."""
    await insert_missing(
        session, StockLevel, [{"branch_id": branch_id, "product_id": product_id, "quantity": _NOTHING}]
    )
    level = await session.scalar(select(StockLevel).where(*_level(branch_id, product_id)).with_for_update())
    return _NOTHING if level is None else level.quantity


async def may_go_below_zero(session: AnySession, branch_id: int) -> bool:
    """Whether a branch may sell what its stock doesn't show."""
    rule = await session.scalar(select(StockRule).where(StockRule.branch_id == branch_id))
    return rule is not None and rule.may_go_below_zero


async def set_rule(session: WriteSession, branch_id: int, may: bool) -> StockRuleRead:
    """Say whether a branch may go below zero.

    Raises:
        merchants.BranchNotFound
    """
    await merchants.find_branch(session, branch_id)
    await insert_missing(
        session, StockRule, [{"branch_id": branch_id, "may_go_below_zero": False, "version": 1}]
    )
    rule = await session.scalar(select(StockRule).where(StockRule.branch_id == branch_id).with_for_update())
    if rule is not None:
        rule.may_go_below_zero = may
    await session.flush()
    return StockRuleRead(branch_id=branch_id, may_go_below_zero=may)


async def read_rule(session: AnySession, branch_id: int) -> StockRuleRead:
    """What holds for a branch.

    Raises:
        merchants.BranchNotFound
    """
    await merchants.find_branch(session, branch_id)
    may = await may_go_below_zero(session, branch_id)
    return StockRuleRead(branch_id=branch_id, may_go_below_zero=may)


async def read_levels(session: ReadSession, query: StockLevelQuery) -> Page[StockLevelRead]:
    """A page of a branch's levels."""
    rows, next_cursor = await read_rows(session, select(StockLevel), query)
    return Page(items=[StockLevelRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_entries(session: ReadSession, query: StockEntryQuery) -> Page[StockEntryRead]:
    """A page of entries."""
    items, next_cursor = await read_entries_after(session, query, query.cursor, query.limit)
    return Page(items=items, next_cursor=next_cursor)


async def read_entries_after(
    session: AnySession, query: StockEntryFilters, cursor: str | None, limit: int
) -> tuple[list[StockEntryRead], str | None]:
    """Up to `limit` entries after `cursor`, and the cursor of those behind them."""
    rows, next_cursor = await read_rows_after(session, select(StockEntry), query, cursor, limit)
    return [StockEntryRead.model_validate(row) for row in rows], next_cursor


async def _book_one(
    session: WriteSession, wanted: StockReceiptCreate, kind: StockEntryKind, change: int, caller: Caller
) -> StockEntryRead:
    await check_product(session, wanted.branch_id, wanted.product_id)
    entries = await book(
        session, wanted.branch_id, [StockMove(wanted.product_id, change)], kind, caller, note=wanted.note
    )
    return StockEntryRead.model_validate(entries[0])


def _level(branch_id: int, product_id: int) -> list[ColumnElement[bool]]:
    return [StockLevel.branch_id == branch_id, StockLevel.product_id == product_id]
