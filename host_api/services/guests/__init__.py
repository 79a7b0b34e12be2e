"""Guests: people and organisations outside the club, whom its services still know."""
