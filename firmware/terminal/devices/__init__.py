"""Peripherals. Each parser stands apart from the stream that feeds it."""
