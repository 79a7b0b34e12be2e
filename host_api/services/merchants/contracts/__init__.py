"""Contracts of merchants: where cards are accepted for what, who pays for points, and how is settled."""
