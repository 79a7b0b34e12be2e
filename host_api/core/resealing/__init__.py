"""Exchanging a programme's data keys: new ones, everything sealed anew, the old ones deleted."""
