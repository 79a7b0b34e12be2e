"""One text to many members."""
