"""Limits: what may happen how often or how much, as data."""
