"""Households: a head and members who pool what the rules let them pool."""
