"""Start the terminal, from the better slot where there are some; when it ends, start the board again."""

import machine
import pins
from terminal.hal import rp2

try:
    board = rp2.make(pins.UARTS, pins.FIRST_BLOCK, pins.PARTS, pins.CASE_PIN)
    if pins.SLOTS_ADDRESS and board.settings.get("slot_blocks"):
        from terminal.system.update.begin import begin_slot

        if begin_slot(board, lambda offset, size: rp2.mount_slot(pins.SLOTS_ADDRESS + offset, size)):
            from terminal.hal import rp2

            board = rp2.make(pins.UARTS, pins.FIRST_BLOCK, pins.PARTS, pins.CASE_PIN)
    from terminal.system.start import start

    start(board)
finally:
    machine.reset()
