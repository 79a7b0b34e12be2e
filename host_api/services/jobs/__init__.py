"""Jobs and their runs, for people."""
