"""Raspberry Pi Pico W and Pico 2 W. Change it to what is soldered."""

# UART, TX pin, RX pin, bits a second, devices. There are no more than these two UARTs.
UARTS = (
    (0, 0, 1, 115200, ("panel", "lcd")),
    (1, 4, 5, 115200, ("printer", "service")),
)
# Block of 4096 bytes, counted from the start of the storage: its file system must end there.
FIRST_BLOCK = 174
# What of the flash is for what, in blocks of 4096 bytes and in the order in which it lies: 38 in all.
PARTS = (("journal", 28), ("settings", 4), ("keys", 2), ("boot_log", 2), ("parameters", 2))
# Where the part "slots" lies in the processor's address space, if there is one: see README.md.
SLOTS_ADDRESS = 0
# The case's switch, which pulls this pin down while the case is closed; None without one.
CASE_PIN = None
