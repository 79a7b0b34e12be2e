"""Scores of members by models that the club writes itself, and what each band of scores gets."""
