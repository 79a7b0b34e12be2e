"""Real terminal firmware on a MicroPython VM, its peripherals played over loopback.

The terminal itself is loaded when it is first used: cards are wanted where the firmware's sources are not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from simulator.virtual_terminal.card import Card
from simulator.virtual_terminal.stripe import Damage, Swipe

if TYPE_CHECKING:
    from simulator.virtual_terminal.terminal import Heap, TerminalFault, VirtualTerminal
    from simulator.virtual_terminal.transaction import TransactionResult

__all__ = ["Card", "Damage", "Heap", "Swipe", "TerminalFault", "TransactionResult", "VirtualTerminal"]


if not TYPE_CHECKING:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module("simulator.virtual_terminal.terminal"), name)
