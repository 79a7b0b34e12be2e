"""Codes that stand for a card: on a phone's screen, as a bar code, or a phone's number."""
