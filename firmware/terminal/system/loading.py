"""Modules that are wanted for a moment only: on a board they would fill the heap."""

import sys

# What updates and parameters bring along; nothing else on the terminal needs it.
UPDATE_MODULES = (
    "security.signature download parameters update.stores update.release update.updates update.slot_writer "
    "update.slot update.choice update.image update.boot_log upkeep_round"
)


def let_go(names: str) -> None:
    """Forget these modules, of `terminal.system` unless they say otherwise; who imports one loads it anew."""
    for name in names.split(" "):
        full = "terminal." + (name if name.startswith("security.") else "system." + name)
        module = sys.modules.pop(full, None)
        folder, _, leaf = full.rpartition(".")
        holder = sys.modules.get(folder)
        if module and holder and hasattr(holder, leaf):
            delattr(holder, leaf)
