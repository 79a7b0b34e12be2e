"""It has nothing that Python sees."""
