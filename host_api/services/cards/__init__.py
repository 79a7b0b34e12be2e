"""Loyalty cards and their issue."""
