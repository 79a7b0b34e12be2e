"""Files derived from the message spec. `python -m tools.generators` writes them; a test finds stale ones."""
