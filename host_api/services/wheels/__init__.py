"""Wheels of fortune: weighted slices, spins that members have or buy, prizes that never run below none."""
