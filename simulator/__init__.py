"""The bench: everything that a terminal, a till or a host can be tried against, without a shop.

    from simulator import VirtualSwitch, FaultProxy, BlockingTerminal

What is named here is the interface for programs; it is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.blocking_terminal import BlockingTerminal
    from simulator.fault_proxy import Direction, Fault, FaultKind, FaultProxy, FaultSyntax, Interference
    from simulator.micropython_vm import VmMissing, find_vm
    from simulator.scripted_switch import Behaviour, ScriptedSwitch
    from simulator.scripts import Endpoint, Outcome, Profile, load_script, parse_script, run_script
    from simulator.virtual_card.virtual_card import VirtualCard
    from simulator.virtual_switch import SwitchFailed, VirtualSwitch
    from simulator.virtual_terminal import Card, TerminalFault, TransactionResult, VirtualTerminal
    from simulator.wallet import MagicAmount, TestCard, Wallet, load_wallet

__all__ = [
    "Behaviour",
    "BlockingTerminal",
    "Card",
    "Direction",
    "Endpoint",
    "Fault",
    "FaultKind",
    "FaultProxy",
    "FaultSyntax",
    "Interference",
    "MagicAmount",
    "Outcome",
    "Profile",
    "ScriptedSwitch",
    "SwitchFailed",
    "TerminalFault",
    "TestCard",
    "TransactionResult",
    "VirtualCard",
    "VirtualSwitch",
    "VirtualTerminal",
    "VmMissing",
    "Wallet",
    "find_vm",
    "load_script",
    "load_wallet",
    "parse_script",
    "run_script",
]

_HOMES = {
    "simulator.blocking_terminal": "BlockingTerminal",
    "simulator.fault_proxy": "Direction Fault FaultKind FaultProxy FaultSyntax Interference",
    "simulator.micropython_vm": "VmMissing find_vm",
    "simulator.scripted_switch": "Behaviour ScriptedSwitch",
    "simulator.scripts": "Endpoint Outcome Profile load_script parse_script run_script",
    "simulator.virtual_card.virtual_card": "VirtualCard",
    "simulator.virtual_switch": "SwitchFailed VirtualSwitch",
    "simulator.virtual_terminal": "Card TerminalFault TransactionResult VirtualTerminal",
    "simulator.wallet": "MagicAmount TestCard Wallet load_wallet",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


if not TYPE_CHECKING:  # a type checker would take every name for one that there is

    def __getattr__(name: str) -> object:
        if name not in _HOME_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
