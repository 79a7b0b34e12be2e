"""Decisions: request and state in, journal entry and reply fields out. No clock, randomness or I/O."""
