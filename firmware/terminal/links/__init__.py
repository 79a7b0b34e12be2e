"""The way to the switch."""
