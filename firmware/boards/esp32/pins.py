"""ESP32-S3, whose console is on USB, so that all three UARTs are free. Change it to what is soldered."""

# UART, TX pin, RX pin, bits a second, devices.
UARTS = (
    (0, 43, 44, 9600, ("stripe",)),
    (1, 17, 18, 115200, ("panel", "lcd")),
    (2, 4, 5, 115200, ("printer",)),
)
# Label of a partition of 128 KB in the board's table (partitions.csv).
JOURNAL_PARTITION = "journal"
