"""Alerts: what passed a limit, what was done about it, and whether it was right."""
