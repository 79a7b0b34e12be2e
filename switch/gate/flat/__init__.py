"""Frames of purchases from bytes to bytes on flat memory; `switch.gate.exchange` is the definition."""
