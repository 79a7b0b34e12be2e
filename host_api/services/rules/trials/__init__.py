"""Trials of rules with nothing at stake, in processes of their own."""
