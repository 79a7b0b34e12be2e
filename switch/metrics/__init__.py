"""What the switch counts and measures; no clock of its own, no I/O."""
