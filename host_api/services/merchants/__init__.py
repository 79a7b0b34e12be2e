"""Merchants and their branches."""
