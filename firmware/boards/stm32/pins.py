"""Pyboard D (STM32F722, 2 MB of SPI flash). Change it to what is soldered; a UART's pins are the board's."""

# UART, bits a second, devices.
UARTS = (
    (1, 9600, ("stripe",)),
    (2, 115200, ("panel", "lcd")),
    (3, 115200, ("printer", "service")),
    (4, 115200, ("modem",)),
)
# Where the parts begin in the storage: its file system must leave them alone.
FLASH_ADDRESS = 0x1DA000
# What of the flash is for what, in blocks of 4096 bytes and in the order in which it lies: 38 in all.
PARTS = (("journal", 28), ("settings", 4), ("keys", 2), ("boot_log", 2), ("parameters", 2))
# The case's switch, which pulls this pin down while the case is closed; None without one.
CASE_PIN = None
