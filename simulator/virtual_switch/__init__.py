"""A real switch process as a device of the bench."""

from simulator.virtual_switch.process import SwitchFailed, SwitchProcess
from simulator.virtual_switch.switch import VirtualSwitch

__all__ = ["SwitchFailed", "SwitchProcess", "VirtualSwitch"]
