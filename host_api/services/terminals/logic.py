"""Registration, change and key rotation of terminals."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from host_api.core import outbox
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, ReadSession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.events.emission import Subject, emit
from host_api.core.listing import Page, read_rows, read_rows_after
from host_api.core.locking import ChangedMeanwhile, check_version
from host_api.core.outbox import SubjectKind, SwitchStanding
from host_api.services.merchants import logic as merchants
from host_api.services.merchants.branch_schemas import BranchStatus
from host_api.services.merchants.places import Place, hold_places, read_places
from host_api.services.terminals import records, repository
from host_api.services.terminals.events import TERMINAL_REGISTERED, TerminalRegistered
from host_api.services.terminals.listing import TerminalFilters, TerminalQuery
from host_api.services.terminals.models import Terminal
from host_api.services.terminals.schemas import (
    RefusedFor,
    TerminalCreate,
    TerminalRead,
    TerminalStatus,
    TerminalUpdate,
)

_HIGHEST_GENERATION = 9999
_REGISTRY = ("model", "serial_number", "sim_number", "firmware_channel")


class TerminalNotFound(Problem):
    """No terminal has this id."""

    status = 404
    code = "terminal-not-found"
    title = "Terminal not found"
    title_fa = "پایانه پیدا نشد"
    detail = "There is no terminal with this terminal id."
    detail_fa = "پایانه‌ای با این شماره وجود ندارد."


class TerminalIdTaken(Problem):
    """Another terminal, or this host itself, has the id."""

    status = 409
    code = "terminal-id-taken"
    title = "Terminal id taken"
    title_fa = "شمارهٔ پایانه تکراری است"
    detail = "This terminal id is in use already."
    detail_fa = "این شمارهٔ پایانه پیش‌تر به کار رفته است."
    field = "terminal_id"


class TerminalRetired(Problem):
    """A retired terminal is never used again."""

    status = 409
    code = "terminal-retired"
    title = "Terminal retired"
    title_fa = "پایانه کنار گذاشته شده است"
    detail = "This terminal has been retired, for good; register the device under another terminal id."
    detail_fa = "این پایانه برای همیشه کنار گذاشته شده است؛ دستگاه را با شمارهٔ دیگری ثبت کنید."


class PlaceClosed(Problem):
    """No terminal comes to where nothing is any more."""

    status = 409
    code = "terminal-place-closed"
    title = "Branch or merchant closed"
    title_fa = "شعبه یا پذیرنده بسته است"
    detail = "The branch, or its merchant, has been closed; a terminal can't be put there."
    detail_fa = "این شعبه یا پذیرندهٔ آن بسته شده است؛ پایانه‌ای به آن‌جا نمی‌رود."
    field = "branch_id"


class KeyGenerationsUsedUp(Problem):
    """Four digits number no further generation."""

    status = 409
    code = "key-generations-used-up"
    title = "No key generation left"
    title_fa = "نسل کلید تمام شده است"
    detail = "This terminal id has no key generation left; retire it and register the device anew."
    detail_fa = "برای این شماره نسل کلید دیگری نمانده است؛ آن را کنار بگذارید و دستگاه را دوباره ثبت کنید."


async def create(session: WriteSession, wanted: TerminalCreate, *, host_id: str) -> Terminal:
    """Store a new terminal and send its record to the switch.

    Parameters:
        host_id: the id of this host's own link, which no terminal may take over.

    Raises:
        merchants.BranchNotFound, PlaceClosed, TerminalIdTaken
    """
    places = await hold_places(session, [wanted.branch_id])
    place = _open_place(places, wanted.branch_id)
    if wanted.terminal_id == host_id or await repository.find(session, wanted.terminal_id) is not None:
        raise TerminalIdTaken
    terminal = Terminal(
        terminal_id=wanted.terminal_id,
        branch_id=place.branch_id,
        key_generation=wanted.key_generation,
        status=TerminalStatus.ACTIVE.value,
        is_served=place.is_accepting,
        parameter_sequence=0,
        created_at=utc_now(),
        **{name: getattr(wanted, name) for name in _REGISTRY},
    )
    async with conflict_as(TerminalIdTaken()):
        await repository.add(session, terminal)
    records.send(session, terminal, place)
    emit(
        session,
        TERMINAL_REGISTERED,
        Subject("terminal", terminal.terminal_id),
        TerminalRegistered(id=terminal.id, terminal_id=terminal.terminal_id, branch_id=terminal.branch_id),
    )
    await session.flush()
    return terminal


async def change(session: WriteSession, terminal_id: str, if_match: str, wanted: TerminalUpdate) -> Terminal:
    """Change, move, block or retire a terminal; what the switch has of it follows.

    Raises:
        TerminalNotFound, ChangedMeanwhile, TerminalRetired, merchants.BranchNotFound, PlaceClosed
    """
    terminal, places = await _held(session, terminal_id, if_match, wanted.branch_id)
    if terminal.status == TerminalStatus.RETIRED:
        raise TerminalRetired
    before = (terminal.branch_id, terminal.status)
    if wanted.branch_id is not None and wanted.branch_id != terminal.branch_id:
        terminal.branch_id = _open_place(places, wanted.branch_id).branch_id
    if wanted.status is not None:
        terminal.status = wanted.status.value
    for name in wanted.model_fields_set.intersection(_REGISTRY):
        setattr(terminal, name, getattr(wanted, name))
    if (terminal.branch_id, terminal.status) != before:
        records.send(session, terminal, places[terminal.branch_id])
        records.tell(session, terminal)
    await session.flush()
    return terminal


async def rotate_key(session: WriteSession, terminal_id: str, if_match: str) -> Terminal:
    """Have the terminal sign with its next key; the switch knows no other from then on.

    Raises:
        TerminalNotFound, ChangedMeanwhile, TerminalRetired, KeyGenerationsUsedUp
    """
    terminal, places = await _held(session, terminal_id, if_match)
    if terminal.status == TerminalStatus.RETIRED:
        raise TerminalRetired
    if terminal.key_generation >= _HIGHEST_GENERATION:
        raise KeyGenerationsUsedUp
    terminal.key_generation += 1
    records.send(session, terminal, places[terminal.branch_id])
    records.tell(session, terminal)
    await session.flush()
    return terminal


async def find(session: AnySession, terminal_id: str) -> Terminal:
    """One terminal, as a row with its version.

    Raises:
        TerminalNotFound
    """
    terminal = await repository.find(session, terminal_id)
    if terminal is None:
        raise TerminalNotFound
    return terminal


async def read(session: AnySession, terminal_id: str) -> TerminalRead:
    """One terminal.

    Raises:
        TerminalNotFound
    """
    return await shown(session, await find(session, terminal_id))


async def shown(session: AnySession, terminal: Terminal) -> TerminalRead:
    """A terminal as the API tells of it."""
    (read_terminal,) = await _read_all(session, [terminal])
    return read_terminal


async def read_page(session: ReadSession, query: TerminalQuery) -> Page[TerminalRead]:
    """A page of terminals."""
    terminals, next_cursor = await read_rows(session, select(Terminal), query)
    return Page(items=await _read_all(session, terminals), next_cursor=next_cursor)


async def read_after(
    session: AnySession, query: TerminalFilters, cursor: str | None, limit: int
) -> tuple[list[TerminalRead], str | None]:
    """Up to `limit` terminals after `cursor`, and the cursor of those behind them."""
    terminals, next_cursor = await read_rows_after(session, select(Terminal), query, cursor, limit)
    return await _read_all(session, terminals), next_cursor


async def _held(
    session: WriteSession, terminal_id: str, if_match: str, to_branch: int | None = None
) -> tuple[Terminal, Mapping[int, Place]]:
    """The terminal and the places it may be at, all kept from others; merchants come first for everybody.

    Raises:
        TerminalNotFound, ChangedMeanwhile
    """
    found = await repository.key_and_branch(session, terminal_id)
    if found is None:
        raise TerminalNotFound
    key, branch_id = found
    places = await hold_places(session, {branch_id, to_branch or branch_id})
    terminal = await repository.lock(session, key)
    if terminal is None:
        raise TerminalNotFound
    check_version(terminal, if_match)
    if terminal.branch_id not in places:  # it was moved while we waited, and its new merchant isn't held
        raise ChangedMeanwhile
    return terminal, places


def _open_place(places: Mapping[int, Place], branch_id: int) -> Place:
    place = places.get(branch_id)
    if place is None:
        raise merchants.BranchNotFound
    if place.is_closed:
        raise PlaceClosed
    return place


async def _read_all(session: AnySession, terminals: Sequence[Terminal]) -> list[TerminalRead]:
    standings = await outbox.standings(session, SubjectKind.TERMINAL, [terminal.id for terminal in terminals])
    refused = {terminal.branch_id for terminal in terminals if not terminal.is_served}
    places = await read_places(session, refused) if refused else {}
    return [
        _read(terminal, places.get(terminal.branch_id), standings.get(terminal.id, outbox.PENDING))
        for terminal in terminals
    ]


def _read(terminal: Terminal, place: Place | None, standing: SwitchStanding) -> TerminalRead:
    return TerminalRead(
        id=terminal.id,
        terminal_id=terminal.terminal_id,
        branch_id=terminal.branch_id,
        key_generation=terminal.key_generation,
        status=TerminalStatus(terminal.status),
        is_served=terminal.is_served,
        refused_for=None if terminal.is_served else _refused_for(terminal, place),
        model=terminal.model,
        serial_number=terminal.serial_number,
        sim_number=terminal.sim_number,
        firmware_channel=terminal.firmware_channel,
        parameter_sequence=terminal.parameter_sequence,
        created_at=terminal.created_at,
        switch_state=standing.state,
        switch_response_code=standing.response_code,
    )


def _refused_for(terminal: Terminal, place: Place | None) -> RefusedFor:
    if terminal.status != TerminalStatus.ACTIVE or place is None:
        return RefusedFor.TERMINAL
    return RefusedFor.BRANCH if place.branch_status is BranchStatus.CLOSED else RefusedFor.MERCHANT
