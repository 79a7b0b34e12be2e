"""Tiers of members: what they ask for, who has reached which, and what each gives."""
