"""What every club service stands on: database, errors, keys, outbox, host link and feed."""
