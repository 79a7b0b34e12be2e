"""What a board's base does before the terminal: has the better slot chosen, and puts its modules first."""

import sys

from terminal.loading import let_go
from terminal.system.update.image import HEADER_BYTES
from terminal.system.update.stores import open_updates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board


def begin_slot(board: "Board", mount: "Callable[[int, int], None]") -> bool:
    """Whether an image was mounted; what is imported from `terminal` from now on is its.

    The start is counted in the boot log before. Without an image the frozen firmware is what there is.

    Args:
        board: its settings `update_key`, `slot_blocks` and `board` count, and its parts.
        mount: mounts at /slot so many bytes from an offset of the part `slots`, where they lie.
    """
    try:
        updates = open_updates(board)
        chosen = updates.start()
        slot = updates.slots[chosen]
        header = slot.header() if chosen >= 0 else None
        if header is None:
            board.log("no_image")
            return False
        mount(chosen * slot.room_bytes + HEADER_BYTES, header.size)
    except (OSError, ValueError):
        board.log("slots_failed")
        return False
    board.log("starting", slot=chosen, version="%d.%d.%d" % header.version)
    sys.path.insert(0, "/slot")
    let_go(" ".join(name[9:] for name in list(sys.modules) if name.startswith("terminal.")))
    sys.modules.pop("terminal", None)
    return True
