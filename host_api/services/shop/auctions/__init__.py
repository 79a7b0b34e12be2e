"""Timed auctions of the shop's items: members bid points, the highest bid buys."""
