"""Agreements: versioned texts, published by two persons, accepted with evidence, and what waits for that."""
