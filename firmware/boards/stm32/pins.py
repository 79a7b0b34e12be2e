"""Pyboard D (STM32F722, 2 MB of SPI flash). Change it to what is soldered; a UART's pins are the board's."""

# UART, bits a second, devices.
UARTS = (
    (1, 9600, ("stripe",)),
    (2, 115200, ("panel", "lcd")),
    (3, 115200, ("printer",)),
    (4, 115200, ("modem",)),
)
# Where 128 KB of the storage begin that its file system must leave alone.
JOURNAL_ADDRESS = 0x1E0000
