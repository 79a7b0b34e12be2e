"""Vouchers of a fixed value, which counters redeem."""
