"""Users of the back office."""
