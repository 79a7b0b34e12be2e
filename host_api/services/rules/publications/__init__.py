"""Putting versions in force, by two persons, and what is in force."""
