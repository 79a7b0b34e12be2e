"""Entries of purchases written straight into flat memory; `switch.journal.transaction` is the definition."""
