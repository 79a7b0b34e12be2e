"""Organisations: bodies whose people are members."""
