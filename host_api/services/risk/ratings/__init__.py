"""Ratings: the risk class of each member and why, and what stands out in thin profiles."""
