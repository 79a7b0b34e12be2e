"""The console as people see it: one page, its scripts and texts, and what it asks for."""
