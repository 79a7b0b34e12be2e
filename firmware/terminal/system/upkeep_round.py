"""One round of upkeep: ask for parameters, offline table and firmware, and put each where it belongs."""

import gc
import hashlib

from terminal.constant import const
from terminal.loading import CHECK_MODULES, let_go
from terminal.system.download import (
    ASKING,
    COMPLETE,
    FAILED,
    FIRMWARE,
    OFFLINE,
    PARAMETERS,
    DocumentDownload,
    Download,
)
from terminal.system.upkeep import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.update.image import ImageHeader
    from terminal.system.update.updates import Updates
    from terminal.system.upkeep import Upkeep

_UNANSWERED_LIMIT = const(3)
# Rather nothing new than a terminal that dies of it: a signature, or an answer with a part, takes 4 KB.
_ROOM_BYTES = const(6144)
# Why a download failed that may come over whole another time; other reasons lie in the image itself.
_MAY_MEND = ("refused", "format", "changing", "digest")


async def fetch_all(upkeep: "Upkeep") -> None:
    """Ask for every file that this terminal can use; what one of them needs is let go of before the next.

    Raises:
        Interrupted: see there.
        OSError, ValueError, MemoryError: it can't be done; nothing is half in force.
    """
    if upkeep.has_key:
        await _fetch_parameters(upkeep)
        let_go(CHECK_MODULES)
    await _fetch_table(upkeep)
    gc.collect()
    if upkeep.takes_firmware:
        await _fetch_firmware(upkeep)


async def _fetch(upkeep: "Upkeep", download: Download) -> bool:
    """Whether the file is there, whole; why it is not is logged."""
    unanswered = 0
    while download.state == ASKING:
        if gc.mem_free() < _ROOM_BYTES:
            gc.collect()
            if gc.mem_free() < _ROOM_BYTES:
                raise MemoryError
        answer = await upkeep.ask(download.question())
        if answer is not None:
            unanswered = 0
            download.take(answer)
            answer = None  # it would lie beside the next one
            download.work()
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
    download = DocumentDownload(PARAMETERS, upkeep.known.get(PARAMETERS, b""))
    if not await _fetch(upkeep, download):
        return
    from terminal.system.parameters import ParameterFault  # noqa: PLC0415  (only when there are some)
    from terminal.system.update.stores import open_parameters  # noqa: PLC0415

    try:
        if not open_parameters(upkeep.board).adopt(download.content, upkeep.is_settled):
            raise Interrupted
    except ParameterFault as fault:
        if fault.reason == "trial":
            return
        if fault.reason != "sequence":  # that is the one we have
            _refused(upkeep, PARAMETERS, fault.reason)
    else:
        upkeep.taken("parameters_taken")
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
    from terminal.system.firmware_download import FirmwareDownload  # noqa: PLC0415  (not every terminal takes it)
    from terminal.system.update.image import ImageFault  # noqa: PLC0415

    board = upkeep.board

    def check_signature(header: "ImageHeader") -> None:
        from terminal.system.update.stores import update_key  # noqa: PLC0415  (loaded when it is wanted)

        header.check_signature(update_key(board))

    def open_() -> "Updates":
        from terminal.system.update.stores import open_updates  # noqa: PLC0415  (as above)

        return open_updates(board)

    name = str(board.settings.get("board", ""))
    download = FirmwareDownload(check_signature, open_, name, upkeep.known.get(FIRMWARE, b""))
    if await _fetch(upkeep, download):
        let_go("system.update.slot_writer")
        gc.collect()
        try:
            if not open_().switch_over(upkeep.is_settled, download.identity):
                raise Interrupted
            upkeep.taken("firmware_ready")
        except ImageFault as fault:
            _refused(upkeep, FIRMWARE, fault.reason)
    elif download.state == ASKING or download.reason in _MAY_MEND:
        return
    upkeep.known[FIRMWARE] = download.digest
