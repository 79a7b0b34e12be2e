"""Tickets: what members ask, in threads with files, led through departments within promised times."""
