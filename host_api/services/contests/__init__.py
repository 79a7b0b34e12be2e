"""Contests: members stake points on answers, or take part for free."""
