"""Guilds: the trades that shops belong to."""
