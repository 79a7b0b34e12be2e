"""Disputes: cases that members raise about transactions, from the first note to the decision."""
