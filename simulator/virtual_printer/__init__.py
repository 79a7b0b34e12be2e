"""A receipt printer that understands the terminal's ESC/POS, and whose paper can be read and looked at."""

import sys

from simulator.micropython_vm import FIRMWARE

if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from simulator.virtual_printer.commands import Command, EscposParser, PrinterFault
from simulator.virtual_printer.printer import Slip, VirtualPrinter

__all__ = ["Command", "EscposParser", "PrinterFault", "Slip", "VirtualPrinter"]
