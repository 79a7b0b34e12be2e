"""Modules that are wanted for a moment only: on a board they would fill the heap."""

import sys

# What checks an image and begins its download; the parts after the first need nothing of it.
CHECK_MODULES = (
    "security.signature system.parameters system.update.stores system.update.release system.update.updates "
    "system.update.choice system.update.boot_log"
)
# All that updates and parameters bring along; nothing else on the terminal needs it.
UPDATE_MODULES = (
    CHECK_MODULES + " system.download system.firmware_download system.update.slot_writer system.update.slot "
    "system.update.image system.upkeep_round system.upkeep_steps"
)

# What a look into the key store brings along.
KEY_MODULES = "security.stored_slot security.key_store security.dukpt security.pin_block"

# What it takes to talk with a chip in the slot.
CHIP_MODULES = (
    "system.chip_visit devices.chip devices.chip.chip devices.chip.atr devices.chip.fault devices.chip.pps "
    "devices.chip.t0 devices.chip.t1 devices.chip.t1_block"
)
# What it takes to have a card prove itself, and nothing else.
MEETING_MODULES = (
    "system.card_meeting cards.zone_slot cards.member_card cards.records cards.layout cards.apdu cards.fault"
)


def let_go(names: str) -> None:
    """Forget these modules, named below `terminal`; who imports one loads it anew."""
    for name in names.split():
        full = "terminal." + name
        module = sys.modules.pop(full, None)
        folder, _, leaf = full.rpartition(".")
        holder = sys.modules.get(folder)
        if module and holder and hasattr(holder, leaf):
            delattr(holder, leaf)
