"""Offers: what the club holds out to chosen members, given by all, first come, by score or by draw."""
