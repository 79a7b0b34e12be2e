"""The append-only journal: the one source of truth, of which everything in memory is a fold."""
