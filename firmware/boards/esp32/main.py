"""Start the terminal; when it ends, for whatever reason, start the board again."""

import machine
import pins
from terminal.hal import esp32
from terminal.system.start import start

try:
    start(esp32.make(pins.UARTS, pins.PARTITION, pins.PARTS, pins.CASE_PIN))
finally:
    machine.reset()
