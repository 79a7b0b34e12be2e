"""The operations port: health, counters and the journal feed over HTTP."""
