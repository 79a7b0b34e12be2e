"""The operator's console: what the switch does now and did today, and what a person may do about it."""
