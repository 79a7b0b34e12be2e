"""Modules that are wanted for a moment only: on a board they would fill the heap."""

import sys

# What updates and parameters bring along; nothing else on the terminal needs it.
UPDATE_MODULES = (
    "security.signature system.download system.parameters system.update.stores system.update.release "
    "system.update.updates system.update.slot_writer system.update.slot system.update.choice "
    "system.update.image system.update.boot_log system.upkeep_round"
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
