"""What upkeep does once: look at what is kept on flash, and confirm what has proved itself."""

from terminal.constant import const
from terminal.loading import let_go

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.upkeep import Upkeep

LOOK = const(0)
CONFIRM_PARAMETERS = const(1)
CONFIRM_FIRMWARE = const(2)


def take_step(upkeep: "Upkeep", step: int) -> None:
    """Do it. Raises OSError, ValueError or MemoryError where it can't be done now."""
    if step == LOOK:
        try:
            _look(upkeep)
        except (OSError, ValueError) as fault:
            # No key, or no flash: there may still be an offline table to fetch.
            upkeep.failed(fault)
            upkeep.has_key = upkeep.has_slots = False
        return
    from terminal.system.update import stores  # noqa: PLC0415  (a board may have no key)

    if step == CONFIRM_PARAMETERS:
        stores.open_parameters(upkeep.board).confirm()
    else:
        stores.open_updates(upkeep.board).confirm()
        upkeep.board.log("firmware_confirmed")


def _look(upkeep: "Upkeep") -> None:
    health = upkeep.health
    if upkeep.has_key:
        from terminal.system.update.stores import open_parameters  # noqa: PLC0415

        health.parameter_sequence = open_parameters(upkeep.board).sequence
        let_go("system.parameters")
    if upkeep.has_slots:
        from terminal.system.update.stores import open_updates  # noqa: PLC0415

        updates = open_updates(upkeep.board)
        health.boots, health.resets = updates.log.boots, updates.log.resets
        version = updates.running_version()
        if version:
            health.firmware = version
            upkeep.runs_from_slot = True
        if updates.is_on_trial():
            upkeep.begin_probation()
