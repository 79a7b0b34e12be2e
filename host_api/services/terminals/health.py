"""Health of terminals: what the switch heard of them last, beside what the club knows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import select

from host_api.core.clock import from_epoch_ms
from host_api.core.database import AnySession
from host_api.core.listing import read_rows_after
from host_api.services.terminals.listing import TerminalQuery
from host_api.services.terminals.logic import find
from host_api.services.terminals.models import Terminal
from host_api.services.terminals.switch_health import ToldHealth

_BATCH: Final = 500
_BATCHES_MAX: Final = 40

_HEALTH: JsonDict = {
    "terminal_id": "TERM0001",
    "branch_id": 5,
    "is_served": True,
    "seen_at": "2026-03-21T06:30:00Z",
    "is_silent": False,
    "awaits_parameters": False,
    "firmware": "1.12.0",
    "battery_percent": 87,
    "signal_dbm": -71,
    "paper": "ok",
    "boots": 3,
    "resets": {"power": 2, "watchdog": 0, "software": 1, "other": 0},
    "heap_free_least_bytes": 43200,
    "flash_erases": 1200,
    "link_failures": 4,
    "card_read_failures": 1,
    "rule_table_version": 7,
    "parameter_sequence": 3,
    "journal_fill_percent": 12,
}


class TerminalHealthRead(BaseModel):
    """How a terminal is, by its last echo; null where it didn't say or the switch hasn't heard it."""

    model_config = ConfigDict(json_schema_extra={"example": _HEALTH})

    terminal_id: str
    branch_id: int
    is_served: bool
    seen_at: datetime | None = Field(
        description="Its last echo with health; the switch remembers since it was started."
    )
    is_silent: bool = Field(description="It is served, and was not heard for as long as was asked.")
    awaits_parameters: bool = Field(description="A later parameter document was issued than it has.")
    firmware: str | None
    battery_percent: int | None
    signal_dbm: int | None
    paper: str | None
    boots: int | None
    resets: dict[str, int] | None = Field(description="Starts by their cause.")
    heap_free_least_bytes: int | None
    flash_erases: int | None
    link_failures: int | None
    card_read_failures: int | None
    rule_table_version: int | None
    parameter_sequence: int | None
    journal_fill_percent: int | None


class TerminalHealthPage(BaseModel):
    """A page of terminals with their health."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [_HEALTH], "next_cursor": None}})

    items: list[TerminalHealthRead]
    next_cursor: str | None


SilentAfter = Annotated[
    int, Field(ge=1, le=10_080, description="Minutes without an echo, then it is silent.")
]


class HealthQuery(TerminalQuery):
    """Which terminals, and after how long one is silent."""

    silent_after_minutes: SilentAfter = 60
    silent: bool | None = Field(default=None, description="Only the silent ones, or only the others.")


async def read_health_of(
    session: AnySession, told: Mapping[str, ToldHealth], terminal_id: str, *, silent_before: datetime
) -> TerminalHealthRead:
    """How one terminal is.

    Raises:
        TerminalNotFound
    """
    return _health(await find(session, terminal_id), told, silent_before)


async def read_health_page(
    session: AnySession, told: Mapping[str, ToldHealth], query: HealthQuery, now: datetime
) -> TerminalHealthPage:
    """A page of terminals with their health; where few fit, up to 20,000 are looked at for it."""
    before = now - timedelta(minutes=query.silent_after_minutes)
    items: list[TerminalHealthRead] = []
    cursor = query.cursor
    for _ in range(_BATCHES_MAX):
        wanted = query.limit - len(items) if query.silent is None else _BATCH
        rows, next_cursor = await read_rows_after(session, select(Terminal), query, cursor, wanted)
        for place, terminal in enumerate(rows):
            health = _health(terminal, told, before)
            if query.silent is None or health.is_silent == query.silent:
                items.append(health)
            if len(items) == query.limit and place + 1 < len(rows):
                # Where the page ends within what was read, it is read up to there again for its cursor.
                _, next_cursor = await read_rows_after(session, select(Terminal), query, cursor, place + 1)
                break
        cursor = next_cursor
        if cursor is None or len(items) == query.limit:
            break
    return TerminalHealthPage(items=items, next_cursor=cursor)


def _health(terminal: Terminal, told: Mapping[str, ToldHealth], before: datetime) -> TerminalHealthRead:
    health = told.get(terminal.terminal_id)
    seen_at = None if health is None else from_epoch_ms(health.at_ms)
    known = ToldHealth(terminal=terminal.terminal_id, at_ms=0) if health is None else health
    return TerminalHealthRead(
        terminal_id=terminal.terminal_id,
        branch_id=terminal.branch_id,
        is_served=terminal.is_served,
        seen_at=seen_at,
        is_silent=terminal.is_served and (seen_at is None or seen_at < before),
        awaits_parameters=(
            known.parameter_sequence is not None and known.parameter_sequence < terminal.parameter_sequence
        ),
        **known.model_dump(exclude={"terminal", "at_ms"}),
    )
