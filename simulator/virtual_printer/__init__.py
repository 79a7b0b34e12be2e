"""A receipt printer that understands the terminal's ESC/POS, and whose paper can be read and looked at."""

from simulator.virtual_printer.commands import Command, EscposParser, PrinterFault
from simulator.virtual_printer.printer import Slip, VirtualPrinter

__all__ = ["Command", "EscposParser", "PrinterFault", "Slip", "VirtualPrinter"]
