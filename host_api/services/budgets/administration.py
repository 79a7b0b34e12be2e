"""Opening budgets, describing them, and having them grow or shrink by two persons."""

from sqlalchemy import select

from host_api.core.access.caller import Caller
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version, etag
from host_api.core.second_person import asked_by, decide
from host_api.core.second_person import cancel as withdraw
from host_api.services.budgets.listing import BudgetQuery, ChangeQuery, EntryQuery
from host_api.services.budgets.logic import lock_figures, note
from host_api.services.budgets.models import Budget, BudgetChange, BudgetEntry, BudgetFigures
from host_api.services.budgets.problems import (
    BudgetChangeNotFound,
    BudgetInUse,
    BudgetNotFound,
    BudgetPeriodWrong,
)
from host_api.services.budgets.schemas import (
    BudgetChangeCreate,
    BudgetChangeKind,
    BudgetChangeRead,
    BudgetChangeState,
    BudgetCreate,
    BudgetEntryKind,
    BudgetEntryRead,
    BudgetRead,
    BudgetUpdate,
)

SERVICE = "budgets"


async def open_budget(session: WriteSession, wanted: BudgetCreate, caller: Caller) -> tuple[BudgetRead, str]:
    """Make an empty budget and ask for its units, and its ETag."""
    now = utc_now()
    starts_at = wanted.starts_at or now
    if wanted.ends_at is not None and wanted.ends_at <= starts_at:
        raise BudgetPeriodWrong
    budget = Budget(
        title=wanted.title,
        owner=wanted.owner,
        purse=wanted.purse,
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        warning_percent=wanted.warning_percent,
        is_closed=False,
        created_by=caller.name,
        created_at=now,
    )
    session.add(budget)
    await session.flush()
    figures = BudgetFigures(budget_id=budget.id, units=0, reserved=0, consumed=0, warned_at=None)
    session.add(figures)
    first = BudgetChangeCreate(kind=BudgetChangeKind.TOP_UP, units=wanted.units, reason=wanted.title)
    await ask_change(session, budget.id, first, caller)
    return _read(budget, figures), etag(budget)


async def read(session: AnySession, budget_id: int) -> tuple[BudgetRead, str]:
    """A budget and its ETag.

    Raises:
        BudgetNotFound
    """
    budget = await _find(session, budget_id)
    return (await _with_figures(session, [budget]))[0], etag(budget)


async def read_page(session: ReadSession, query: BudgetQuery) -> Page[BudgetRead]:
    """A page of budgets."""
    budgets, next_cursor = await read_rows(session, select(Budget), query)
    return Page(items=await _with_figures(session, budgets), next_cursor=next_cursor)


async def change(
    session: WriteSession, budget_id: int, wanted: BudgetUpdate, if_match: str
) -> tuple[BudgetRead, str]:
    """Change what one person alone may change.

    Raises:
        BudgetNotFound, BudgetPeriodWrong, ChangedMeanwhile
    """
    budget = await _find(session, budget_id)
    check_version(budget, if_match)
    for name in wanted.model_fields_set:
        setattr(budget, name, getattr(wanted, name))
    if budget.ends_at is not None and budget.ends_at <= budget.starts_at:
        raise BudgetPeriodWrong
    await session.flush()
    return await read(session, budget_id)


async def history(session: ReadSession, budget_id: int, query: EntryQuery) -> Page[BudgetEntryRead]:
    """A page of a budget's history.

    Raises:
        BudgetNotFound
    """
    await _find(session, budget_id)
    entries, next_cursor = await read_rows(
        session, select(BudgetEntry).where(BudgetEntry.budget_id == budget_id), query
    )
    items = [
        BudgetEntryRead(
            id=entry.id,
            kind=BudgetEntryKind(entry.kind),
            units=entry.units,
            service=entry.service,
            reference=entry.reference,
            units_after=entry.units_after,
            reserved_after=entry.reserved_after,
            consumed_after=entry.consumed_after,
            at=entry.at,
        )
        for entry in entries
    ]
    return Page(items=items, next_cursor=next_cursor)


async def ask_change(
    session: WriteSession, budget_id: int, wanted: BudgetChangeCreate, caller: Caller
) -> BudgetChangeRead:
    """Keep a change for a second person to decide.

    Raises:
        BudgetNotFound
    """
    await _find(session, budget_id)
    row = BudgetChange(
        budget_id=budget_id,
        kind=wanted.kind.value,
        units=wanted.units,
        reason=wanted.reason,
        note=None,
        state=BudgetChangeState.ASKED.value,
        **asked_by(caller),
    )
    session.add(row)
    await session.flush()
    return _read_change(row)


async def changes(session: ReadSession, query: ChangeQuery) -> Page[BudgetChangeRead]:
    """A page of changes."""
    rows, next_cursor = await read_rows(session, select(BudgetChange), query)
    return Page(items=[_read_change(row) for row in rows], next_cursor=next_cursor)


async def approve(
    session: WriteSession, change_id: int, caller: Caller, said: str | None
) -> BudgetChangeRead:
    """Approve a change that another has asked for: the budget has it at once.

    Raises:
        BudgetChangeNotFound, AlreadyDecided, OwnAct, BudgetInUse
    """
    row = await _find_change(session, change_id)
    decide(row, BudgetChangeState.APPROVED, caller)
    row.note = said
    figures = await lock_figures(session, row.budget_id)
    if row.kind == BudgetChangeKind.CUT:
        if figures.units - figures.reserved - figures.consumed < row.units:
            raise BudgetInUse
        figures.units -= row.units
    else:
        figures.units += row.units
        figures.warned_at = None
    note(session, figures, BudgetEntryKind(row.kind), row.units, service=SERVICE, reference=str(row.id))
    await session.flush()
    return _read_change(row)


async def reject(session: WriteSession, change_id: int, caller: Caller, said: str | None) -> BudgetChangeRead:
    """Reject a change that another has asked for.

    Raises:
        BudgetChangeNotFound, AlreadyDecided, OwnAct
    """
    row = await _find_change(session, change_id)
    decide(row, BudgetChangeState.REJECTED, caller)
    row.note = said
    await session.flush()
    return _read_change(row)


async def cancel(session: WriteSession, change_id: int, caller: Caller) -> BudgetChangeRead:
    """Take one's own change back before it is decided.

    Raises:
        BudgetChangeNotFound, AlreadyDecided, ActOfAnother
    """
    row = await _find_change(session, change_id)
    withdraw(row, caller)
    await session.flush()
    return _read_change(row)


async def _find(session: AnySession, budget_id: int) -> Budget:
    budget = await session.get(Budget, budget_id)
    if budget is None:
        raise BudgetNotFound
    return budget


async def _find_change(session: WriteSession, change_id: int) -> BudgetChange:
    row = await session.get(BudgetChange, change_id, with_for_update=True)
    if row is None:
        raise BudgetChangeNotFound
    return row


async def _with_figures(session: AnySession, budgets: list[Budget]) -> list[BudgetRead]:
    rows = await session.scalars(
        select(BudgetFigures).where(BudgetFigures.budget_id.in_([budget.id for budget in budgets]))
    )
    figures = {row.budget_id: row for row in rows}
    return [_read(budget, figures[budget.id]) for budget in budgets]


def _read(budget: Budget, figures: BudgetFigures) -> BudgetRead:
    return BudgetRead(
        id=budget.id,
        title=budget.title,
        owner=budget.owner,
        purse=budget.purse,
        starts_at=budget.starts_at,
        ends_at=budget.ends_at,
        warning_percent=budget.warning_percent,
        is_closed=budget.is_closed,
        units=figures.units,
        reserved=figures.reserved,
        consumed=figures.consumed,
        free=figures.units - figures.reserved - figures.consumed,
        warned_at=figures.warned_at,
        created_by=budget.created_by,
        created_at=budget.created_at,
    )


def _read_change(row: BudgetChange) -> BudgetChangeRead:
    return BudgetChangeRead(
        id=row.id,
        budget_id=row.budget_id,
        kind=BudgetChangeKind(row.kind),
        units=row.units,
        reason=row.reason,
        state=BudgetChangeState(row.state),
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
    )
