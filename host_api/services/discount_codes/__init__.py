"""Discount codes: pools of codes of the club's own or of others, given to members one at a time."""
