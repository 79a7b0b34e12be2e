"""What updates and parameters lie in on a board: parts of its flash, and the key that signs both.

The setting `update_key` names the file with the key, `slot_blocks` is the size of a slot, `board` what images
are made for.
"""

from terminal.constant import const
from terminal.system.update.release import BASE_VERSION, modulus_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.hal.contract import Board
    from terminal.system.parameters import ParameterStore
    from terminal.system.update.updates import Updates

_PARAMETER_BLOCKS = const(2)
_LOG_BLOCKS = const(2)


def update_key(board: "Board") -> bytes:
    """The modulus of the key that signs both. Raises OSError or ValueError: there is none."""
    return modulus_of(board.file("update_key"))


def open_parameters(board: "Board") -> "ParameterStore":
    """The documents that came over the air. Raises OSError or ValueError: no flash for them, or no key."""
    from terminal.system.parameters import ParameterStore  # noqa: PLC0415  (not for updates)

    return ParameterStore(board.part("parameters", _PARAMETER_BLOCKS), board.settings, update_key(board))


def open_updates(board: "Board") -> "Updates":
    """Both slots and the boot log, of which the base has begun one.

    Raises:
        OSError: there is no flash for them, it failed, or the log is of another format.
        ValueError: the key is none.
    """
    from terminal.system.update.boot_log import BootLog, BootLogFault  # noqa: PLC0415  (not for parameters)
    from terminal.system.update.slot import Slot  # noqa: PLC0415
    from terminal.system.update.updates import Updates  # noqa: PLC0415

    blocks = int(str(board.settings["slot_blocks"]))
    flash = board.part("slots", 2 * blocks)
    try:
        log = BootLog(board.part("boot_log", _LOG_BLOCKS))
    except BootLogFault:
        raise OSError("boot log of another format") from None
    return Updates(
        log,
        (Slot(flash, 0, blocks), Slot(flash, blocks, blocks)),
        board=str(board.settings.get("board", "")),
        base=BASE_VERSION,
        modulus=update_key(board),
    )


def put_in_force(board: "Board") -> None:
    """Have the board's settings changed by the document that counts; one on trial is counted first."""
    try:
        board.settings = open_parameters(board).start()
    except (OSError, ValueError, MemoryError):
        board.log("parameters_failed")
