"""Real terminal firmware on a MicroPython VM, its peripherals played over loopback."""

from simulator.virtual_terminal.card import Card
from simulator.virtual_terminal.stripe import Damage, Swipe
from simulator.virtual_terminal.terminal import (
    Heap,
    TerminalFault,
    TransactionResult,
    VirtualTerminal,
)

__all__ = ["Card", "Damage", "Heap", "Swipe", "TerminalFault", "TransactionResult", "VirtualTerminal"]
