"""Firmware updates: signed images, two slots, trial boots, roll-back."""
