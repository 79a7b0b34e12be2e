"""Visits: members check in at a branch."""
