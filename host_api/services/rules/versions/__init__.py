"""Immutable versions of the draft."""
