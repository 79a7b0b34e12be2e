"""Start the terminal; when it ends, for whatever reason, start the board again."""

import machine
import pins
from terminal.hal import rp2
from terminal.system.start import start

try:
    start(rp2.make(pins.UARTS, pins.JOURNAL_BLOCK))
finally:
    machine.reset()
