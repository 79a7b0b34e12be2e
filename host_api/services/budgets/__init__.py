"""Budgets of the club's credits: what may be given away, what is promised, what was given (PRS-10)."""
