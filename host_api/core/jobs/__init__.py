"""Jobs: work without a caller, by schedule or on demand, done once whichever process does it."""
