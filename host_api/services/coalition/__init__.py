"""Clubs that take each other's members: contracts, exchanged points, statements and their settlement."""
