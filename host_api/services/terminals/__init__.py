"""Terminals standing in branches."""
