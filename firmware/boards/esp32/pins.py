"""ESP32-S3, whose console is on USB, so that all three UARTs are free. Change it to what is soldered."""

# UART, TX pin, RX pin, bits a second, devices.
UARTS = (
    (0, 43, 44, 9600, ("stripe",)),
    (1, 17, 18, 115200, ("panel", "lcd")),
    (2, 4, 5, 115200, ("printer", "service")),
)
# Label of a partition in the board's table (partitions.csv) that has room for the parts.
PARTITION = "terminal"
# What of the flash is for what, in blocks of 4096 bytes and in the order in which it lies: 38 in all.
PARTS = (("journal", 28), ("settings", 4), ("keys", 2), ("boot_log", 2), ("parameters", 2))
# The case's switch, which pulls this pin down while the case is closed; None without one.
CASE_PIN = None
