"""A terminal's record as the switch has it, and how it follows its place."""

from collections.abc import Sequence
from typing import Final

from host_api.core import outbox
from host_api.core.database import WriteSession
from host_api.core.events.emission import Subject, emit
from host_api.core.outbox import Record, SubjectKind
from host_api.services.merchants.places import Place, follow_places, read_places
from host_api.services.terminals import repository
from host_api.services.terminals.events import TERMINAL_CHANGED, TerminalChanged
from host_api.services.terminals.models import Terminal
from host_api.services.terminals.schemas import TerminalStatus
from protocol.dialect import FileName, Tag

_ROLE: Final = "T"
_SERVED: Final = "A"
_REFUSED: Final = "B"
_BATCH: Final = 500
_BRANCHES_AT_ONCE: Final = 500


def send(session: WriteSession, terminal: Terminal, place: Place) -> None:
    """Set whether a stored terminal is served, and put its record on its way to the switch."""
    terminal.is_served = terminal.status == TerminalStatus.ACTIVE and place.is_accepting
    outbox.enqueue(
        session,
        subject_kind=SubjectKind.TERMINAL,
        subject_id=terminal.id,
        file_name=FileName.TERMINAL,
        record=_record(terminal, place),
    )


def tell(session: WriteSession, terminal: Terminal) -> None:
    """Emit the event that the terminal is another than it was."""
    changed = TerminalChanged(
        id=terminal.id,
        terminal_id=terminal.terminal_id,
        branch_id=terminal.branch_id,
        status=TerminalStatus(terminal.status),
        key_generation=terminal.key_generation,
        is_served=terminal.is_served,
    )
    emit(session, TERMINAL_CHANGED, Subject("terminal", terminal.terminal_id), changed)


@follow_places
async def follow(session: WriteSession, branch_ids: Sequence[int]) -> None:
    """Send the records of all terminals of these branches anew; a retired one's says no already."""
    for first in range(0, len(branch_ids), _BRANCHES_AT_ONCE):
        some = branch_ids[first : first + _BRANCHES_AT_ONCE]
        places = await read_places(session, some)
        after = 0
        while terminals := await repository.lock_of_branches(session, some, after, _BATCH):
            after = terminals[-1].id
            for terminal in terminals:
                if terminal.status != TerminalStatus.RETIRED:
                    was_served = terminal.is_served
                    send(session, terminal, places[terminal.branch_id])
                    if terminal.is_served != was_served:
                        tell(session, terminal)
            await session.flush()


def _record(terminal: Terminal, place: Place) -> Record:
    """What isn't known is left out, and empty on the switch then."""
    record: Record = {
        Tag.SUBJECT_TERMINAL_ID.value: terminal.terminal_id,
        Tag.RECORD_MERCHANT_ID.value: place.merchant_id,
        Tag.BRANCH_NUMBER.value: f"{place.branch_number:06d}",
        Tag.KEY_GENERATION.value: f"{terminal.key_generation:04d}",
        Tag.LINK_ROLE.value: _ROLE,
        Tag.STATUS.value: _SERVED if terminal.is_served else _REFUSED,
    }
    codes = ((Tag.GUILD, place.guild), (Tag.SECTOR, place.sector), (Tag.CITY, place.city_code))
    return record | {tag.value: code for tag, code in codes if code is not None}
