"""One round of upkeep: ask for parameters, offline table and firmware, and put each where it belongs."""

import gc
import hashlib

from terminal.constant import const
from terminal.loading import let_go
from terminal.system.download import (
    ASKING,
    COMPLETE,
    FAILED,
    OFFLINE,
    PARAMETERS,
    DocumentDownload,
    Download,
    FirmwareDownload,
)
from terminal.system.upkeep import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.upkeep import Upkeep

_UNANSWERED_LIMIT = const(3)
# Rather nothing new than a terminal that dies of it: parts and their answers take some 9 KB, and come apart.
_ROOM_BYTES = const(14336)


async def fetch_all(upkeep: "Upkeep") -> None:
    """Ask for every file that this terminal can use.

    Raises:
        Interrupted: see there.
        OSError, ValueError, MemoryError: it can't be done; nothing is half in force.
    """
    if upkeep.has_key:
        await _fetch_parameters(upkeep)
        let_go("system.parameters")
    await _fetch_table(upkeep)
    if upkeep.has_slots:
        await _fetch_firmware(upkeep)


async def _fetch(upkeep: "Upkeep", download: Download) -> bool:
    """Whether the file is there, whole; why it is not is logged."""
    gc.collect()
    if gc.mem_free() < _ROOM_BYTES:
        raise MemoryError
    unanswered = 0
    while download.state == ASKING:
        answer = await upkeep.ask(download.question())
        if answer is not None:
            unanswered = 0
            download.take(answer)
            continue
        unanswered += 1
        if unanswered >= _UNANSWERED_LIMIT:
            return False
    if download.state == FAILED:
        _refused(upkeep, download.name, download.reason)
    return download.state == COMPLETE


def _refused(upkeep: "Upkeep", name: str, reason: str) -> None:
    upkeep.board.log("download_refused", file=name, reason=reason)


async def _fetch_parameters(upkeep: "Upkeep") -> None:
    from terminal.system.parameters import ParameterFault  # noqa: PLC0415  (a board may have no key)
    from terminal.system.update.stores import open_parameters  # noqa: PLC0415

    download = DocumentDownload(PARAMETERS, upkeep.known.get(PARAMETERS, b""))
    if not await _fetch(upkeep, download):
        return
    try:
        if not open_parameters(upkeep.board).adopt(download.content, upkeep.is_settled):
            raise Interrupted
    except ParameterFault as fault:
        if fault.reason == "trial":
            return
        if fault.reason != "sequence":  # that is the one we have
            _refused(upkeep, PARAMETERS, fault.reason)
    else:
        upkeep.board.log("parameters_taken")
    upkeep.known[PARAMETERS] = download.digest


async def _fetch_table(upkeep: "Upkeep") -> None:
    known = upkeep.known.get(OFFLINE) or hashlib.sha256(upkeep.settings.table()).digest()
    download = DocumentDownload(OFFLINE, known)
    if not await _fetch(upkeep, download):
        return
    from terminal.system.offline_tables import take_table  # noqa: PLC0415  (there may be no table)
    from terminal.transactions.offline_store import TableFault  # noqa: PLC0415

    upkeep.known[OFFLINE] = download.digest
    try:
        take_table(upkeep.flow, bytes(download.content), board=upkeep.board, store=upkeep.settings)
    except TableFault as fault:
        _refused(upkeep, OFFLINE, fault.reason)
    else:
        upkeep.board.log("table_taken")


async def _fetch_firmware(upkeep: "Upkeep") -> None:
    from terminal.system.update.image import ImageFault  # noqa: PLC0415
    from terminal.system.update.stores import open_updates  # noqa: PLC0415

    updates = open_updates(upkeep.board)
    # Not started from a slot, or the other slot may still be needed.
    if updates.running_version() is None or updates.is_on_trial():
        return
    download = FirmwareDownload(updates, updates.board)
    if not await _fetch(upkeep, download):
        return
    try:
        if not updates.switch_over(upkeep.is_settled):
            raise Interrupted
        upkeep.board.log("firmware_ready")
    except ImageFault as fault:
        _refused(upkeep, download.name, fault.reason)
