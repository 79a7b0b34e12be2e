"""Many rows at once: import from files, export of lists."""
