"""Storefronts, what they present, and what sellers grant members."""
