"""A proxy between any terminal and any switch that makes faults, the same ones for the same seed."""

from simulator.fault_proxy.faults import Direction, Fault, FaultKind, FaultSyntax, parse_fault
from simulator.fault_proxy.proxy import FaultProxy, Interference

__all__ = ["Direction", "Fault", "FaultKind", "FaultProxy", "FaultSyntax", "Interference", "parse_fault"]
