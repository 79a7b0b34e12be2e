"""Templates of messages, in versions."""
