"""Designs of cards, and the files that a card bureau makes cards from."""
