"""Raspberry Pi Pico W and Pico 2 W. Change it to what is soldered."""

# UART, TX pin, RX pin, bits a second, devices. There are no more than these two UARTs.
UARTS = (
    (0, 0, 1, 115200, ("panel", "lcd")),
    (1, 4, 5, 115200, ("printer",)),
)
# Block of 4096 bytes, counted from the start of the storage: its file system must end there.
JOURNAL_BLOCK = 180
