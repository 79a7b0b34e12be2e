"""The command line as a switch's host: it signs on with the host's key and sends one message at a time."""
