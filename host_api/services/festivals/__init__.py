"""Festivals: members who choose to take part are ranked by what the festival counts, and the best or the
lucky ones are awarded."""
