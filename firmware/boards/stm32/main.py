"""Start the terminal; when it ends, for whatever reason, start the board again."""

import machine
import pins
from terminal.hal import stm32
from terminal.system.start import start

try:
    start(stm32.make(pins.UARTS, pins.FLASH_ADDRESS, pins.PARTS, pins.CASE_PIN))
finally:
    machine.reset()
