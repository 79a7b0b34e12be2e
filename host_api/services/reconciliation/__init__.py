"""Compares the bank of requests, the projection and the switch's own sums, and reports every difference."""
