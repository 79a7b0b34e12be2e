"""Supplementary cards of a member's household."""
