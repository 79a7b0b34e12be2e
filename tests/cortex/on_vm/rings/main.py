"""Gives back everything that comes in by UART1, after a time in which it only came."""

import time

import machine

COUNT = 8192

uart = machine.UART(1)
time.sleep_ms(50)
buffer = bytearray(96)
left = COUNT
while left:
    count = uart.readinto(buffer) or 0
    left -= count
    sent = 0
    while sent < count:
        sent += uart.write(memoryview(buffer)[sent:count]) or 0
uart.flush()
print("done", uart.any())
