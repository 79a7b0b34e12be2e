"""The job that sends what is queued, and what came of it."""
