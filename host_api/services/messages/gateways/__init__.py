"""Gateways that messages go out by: one interface, an adapter for each protocol."""
